"""Neutrality: whether the outcome changes when nothing that matters has changed.

The same town is solved again with other names, in another order of records, with equal
needs split and merged, with a need that nothing can serve, and with longer lists of
choices. Each plan is brought back to the town as it was and judged by its own goals.
"""

from sharematch.analysis.audits.auditing import audit
from sharematch.analysis.audits.values import Audit, Change

__all__ = ["Audit", "Change", "audit"]
