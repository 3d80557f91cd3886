"""What a solve found beside the plan: status, goals with bounds, what could not be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from sharematch.model.canonical import record_data
from sharematch.model.measures import MEASURES
from sharematch.model.numbers import exact
from sharematch.model.policy import Goal
from sharematch.model.values import GoalNumber, write_value

__all__ = [
    "ConflictTerm",
    "GoalValue",
    "Status",
    "Unmet",
    "conflict_document",
    "goal_document",
    "read_goal",
]


class Status(StrEnum):
    """How a solve ended.

    Examples
    --------
    >>> Status("feasible").has_plan, Status.INFEASIBLE.has_plan
    (True, False)
    """

    OPTIMAL = "optimal"
    """Every goal is proved: by the certificate, or by the solver's search alone."""
    FEASIBLE = "feasible"
    """There is a plan; a limit was hit, or the method promises no optimum."""
    INFEASIBLE = "infeasible"
    """No plan keeps the rules and decisions; `conflict` says which."""
    UNSOLVED = "unsolved"
    """No plan was found."""

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan, if only an empty one."""
        return self in (Status.OPTIMAL, Status.FEASIBLE)


@dataclass(frozen=True, slots=True)
class GoalValue:
    """A goal with what was reached and what at best could be.

    For leximin and leximax `value` and `bound` are sorted tuples of fractions; `gap`
    is then the first positive difference.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> goal = result.goals[1]
    >>> goal.op, goal.measure, goal.value == goal.bound, goal.gap
    ('maximize', 'served', True, Fraction(0, 1))
    """

    goal: Goal
    value: GoalNumber
    bound: GoalNumber
    gap: Fraction

    @property
    def op(self) -> str:
        """The kind of goal."""
        return self.goal.op

    @property
    def measure(self) -> str:
        """The measure it looks at."""
        return self.goal.measure


@dataclass(frozen=True, slots=True)
class Unmet:
    """Units of a need that nobody serves, and why.

    Examples
    --------
    >>> Unmet("elderly", 2, "full")
    Unmet(need='elderly', quantity=2, reason='full', code='')
    """

    need: str
    quantity: int
    reason: Literal["no_arc", "full", "rule", "coupled", "goal", "search"]
    code: str = ""
    """For `no_arc`, the commonest reason among slots of a fitting kind."""


@dataclass(frozen=True, slots=True)
class ConflictTerm:
    """One rule or decision of a conflict.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> policy = sm.Policy(rules=[sm.AtLeast("served", 1000)])
    >>> [(term.kind, term.rule) for term in sm.solve(town, policy).conflict]
    [('rule', 1)]
    """

    kind: Literal["rule", "decision"]
    text: str
    rule: int | None = None
    need: str = ""
    slot: str = ""
    code: str = ""
    """Why a decided pair is no arc, if it is none."""
    quantity: int | None = None
    """The units that a decision keeps."""
    bound: str = ""
    """Of a rule with a bound for each group: those of the groups that are in conflict,
    ``{"tigers": 3}``."""
    relaxed: str = ""
    """The least relaxation with which the others of the conflict can hold: the bound
    or width of a rule, the units a decision may keep; empty where none was found. A
    decision that may keep 0 has to be withdrawn."""
    remains: bool = False
    """Whether another conflict is left when this one is resolved so."""
    least: int | None = None
    """Units that all floors of the conflict need together, where that is too many."""
    asked: int | None = None
    """Units asked for that count for them, if fewer."""
    places: int | None = None
    """Places that there are for them, if fewer."""


def goal_document(goal: GoalValue) -> dict[str, Any]:
    """Return a goal and its values as JSON documents hold them."""
    return {
        "op": goal.op,
        **record_data(goal.goal),
        "value": write_value(goal.value),
        "bound": write_value(goal.bound),
        "gap": write_value(goal.gap),
    }


def read_goal(term: Goal, data: Mapping[str, Any]) -> GoalValue:
    """Return a goal with the values that a document holds of it."""

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(exact(item) for item in value)
        return MEASURES[term.measure].read(value)

    return GoalValue(term, read(data["value"]), read(data["bound"]), exact(data["gap"]))


def conflict_document(term: ConflictTerm) -> dict[str, Any]:
    """Return a term as JSON documents hold it."""
    data = {
        "kind": term.kind,
        "text": term.text,
        "rule": term.rule,
        "need": term.need,
        "slot": term.slot,
        "code": term.code,
        "quantity": term.quantity,
        "bound": term.bound,
        "relaxed": term.relaxed,
        "remains": term.remains or None,
        "least": term.least,
        "asked": term.asked,
        "places": term.places,
    }
    return {key: value for key, value in data.items() if value not in ("", None)}
