"""Recompute what a result claims, from the records alone and without a solver.

Three questions, each with an answer of its own: does the plan keep all records and
rules, is every number in the result what the plan gives, and is what the result claims
(that no plan is better, that there is none) proved.
"""

from sharematch.plans.auditing.judging import check_claims, judge
from sharematch.plans.auditing.verdict import Finding, Verdict

__all__ = ["Finding", "Verdict", "check_claims", "judge"]
