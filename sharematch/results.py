"""What a result is made of: goals with bounds, assignments, what is unmet, conflicts.

`sharematch.Result` holds these; `Violation` is what `verify` finds.
"""

from sharematch.plans.allocation import Assignment
from sharematch.plans.results.status import ConflictTerm, GoalValue, Unmet
from sharematch.plans.verification.violation import Violation

__all__ = ["Assignment", "ConflictTerm", "GoalValue", "Unmet", "Violation"]
