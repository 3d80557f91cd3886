"""Why a plan is as it is: for a need, a slot, a community, a rule.

Facts are computed from the records and the plan alone; prose is made from facts.
"""

from sharematch.analysis.explanation.answer import Explanation, explain

__all__ = ["Explanation", "explain"]
