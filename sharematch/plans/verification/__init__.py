"""verify(): recompute from the records alone whether a plan keeps everything.

Shares the records, the eligible pairs and the measures with the rest; no lowering, no
solver. Arrays throughout; only needs with coupled fields are looked at one by one.
"""

from sharematch.plans.verification.units import baseline_of, lost_start
from sharematch.plans.verification.verifying import verify
from sharematch.plans.verification.violation import Violation

__all__ = ["Violation", "baseline_of", "lost_start", "verify"]
