"""Plans side by side: who gains, who loses, and what each wish of a policy costs.

`compare` looks at results that are there; the others solve variants of a policy:
without its fair goals, without one clause, or with fairness in steps.
"""

from sharematch.analysis.comparison.clauses import ClausePrice, price_of_clauses
from sharematch.analysis.comparison.fairness import (
    FairnessPrice,
    Price,
    price_of_fairness,
)
from sharematch.analysis.comparison.frontier import Frontier, FrontierPoint, frontier
from sharematch.analysis.comparison.plans import Change, Comparison, compare

__all__ = [
    "Change",
    "ClausePrice",
    "Comparison",
    "FairnessPrice",
    "Frontier",
    "FrontierPoint",
    "Price",
    "compare",
    "frontier",
    "price_of_clauses",
    "price_of_fairness",
]
