"""price_of_clauses(): what each rule and goal of a policy costs, by leaving it out."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sharematch.analysis.comparison.plans import Change, compare
from sharematch.analysis.comparison.wording import clause_text, term_text
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.engine.solving import solve
from sharematch.errors import InfeasibleError, InputError, SolverError
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.policy import Goal, Policy, Rule
from sharematch.model.values import GoalNumber, write_value
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Status
from sharematch.plans.verification import verify
from sharematch.text import about

__all__ = ["ClausePrice", "GoalChange", "price_of_clauses", "solved"]


@dataclass(frozen=True, slots=True)
class GoalChange:
    """A goal's value under the whole policy, and where one clause is left out."""

    goal: int
    """Its position in the policy, from 1."""
    term: Goal
    value: GoalNumber
    without: GoalNumber

    @property
    def is_same(self) -> bool:
        """Whether the clause makes no difference to this goal."""
        return self.value == self.without


@dataclass(frozen=True, slots=True)
class ClausePrice:
    """What one rule or goal of a policy costs, and what it brings.

    Attributes
    ----------
    kind, position, clause
        Which clause, counted from 1 among the rules or the goals.
    status
        Of the policy without it.
    goals
        The other goals, in their order, with the clause and without it.
    own
        Of a goal: its own value, with it and without it.
    broken
        Of a rule: in how many places the plan found without it breaks it. Another plan
        of the same worth may break it elsewhere.
    change
        From the plan without the clause to the plan with it; None without a plan.
    costs_nothing
        Whether every other goal is worth the same with the clause; None where one of
        the two results is not proved.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> prices = sm.comparison.price_of_clauses(town)
    >>> print(prices[-1])
    goal 3 (as little travel as possible): changes nothing
    """

    kind: Literal["rule", "goal"]
    position: int
    clause: Rule | Goal
    status: Status
    goals: tuple[GoalChange, ...]
    own: GoalChange | None
    broken: int
    change: Change | None
    costs_nothing: bool | None
    label: Label = field(default=as_ids, repr=False, compare=False)
    """What people are shown for a record, by type and id."""

    @property
    def changes_nothing(self) -> bool | None:
        """Whether the clause could go: it neither costs nor brings anything."""
        if self.costs_nothing is None:
            return None
        brings = self.broken > 0 if self.own is None else not self.own.is_same
        return self.costs_nothing and not brings

    def to_dict(self) -> dict[str, Any]:
        """Return the price as plain values: ratios as "a/b", money as text."""

        def plain(goal: GoalChange) -> dict[str, Any]:
            values = write_value(goal.value), write_value(goal.without)
            return {"goal": goal.goal, "value": values[0], "without": values[1]}

        return {
            "kind": self.kind,
            "position": self.position,
            "text": term_text(self.clause, "en", as_ids),
            "status": self.status.value,
            "costs_nothing": self.costs_nothing,
            "changes_nothing": self.changes_nothing,
            "goals": [plain(goal) for goal in self.goals],
            "own": None if self.own is None else plain(self.own),
            "broken": self.broken,
            "change": None if self.change is None else self.change.to_dict(),
        }

    def text(self, lang: str = "en") -> str:
        """Return the price in words."""
        return clause_text(self, lang)

    def __str__(self) -> str:
        return self.text()


def price_of_clauses(
    instance: Instance,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
    seed: int = 0,
) -> tuple[ClausePrice, ...]:
    """Return the price of each rule and goal: the plan with it against one without.

    Goals stand in strict order, so leaving out a rule can only make the first goal
    that changes better, and leaving out a goal only the first that changes after it;
    goals behind that one may be better or worse.

    Parameters
    ----------
    instance, policy
        What is solved, once whole and once without each clause.
    time_limit
        Seconds for each solve.
    seed
        For ties that all goals leave.

    Raises
    ------
    InputError
        For first come, which has no goals to pay with.
    InfeasibleError
        When the whole policy allows no plan.
    SolverError
        When no plan of the whole policy is found within the limit.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[sm.Need(id="l", community="lianqiao", kind="health", quantity=2)],
    ... )
    >>> rule = sm.AtMost("served", 1, by="community")
    >>> policy = sm.Policy(rules=[rule], goals=[sm.Maximize("served")])
    >>> print(price_of_clauses(town, policy)[0])
    rule 1 (for each community: units served at most 1): has a price
      goal 1 (as many units served as possible): 1, without it 2
      keeps from: 1 place that breaks it
    """
    expect(Instance, instance=instance)
    expect(Policy, None, policy=policy)
    policy = Policy.fair() if policy is None else policy
    if policy.method != "goals":
        raise InputError("ask.first_come_has_no_goals_so")
    with_clause = solved(instance, policy, time_limit, seed)
    prices = []
    for kind in ("rules", "goals"):
        for position, clause in enumerate(getattr(policy, kind)):
            terms: dict[str, Any] = {"rules": [*policy.rules], "goals": [*policy.goals]}
            del terms[kind][position]
            policy_without = Policy(name="without", **terms)
            without_clause = solve(
                instance, policy_without, time_limit=time_limit, seed=seed
            )
            prices.append(
                _price(instance, clause, position, (with_clause, without_clause))
            )
    return tuple(prices)


def solved(
    instance: Instance, policy: Policy, time_limit: float | None, seed: int
) -> Result:
    """Return a result that has a plan.

    Raises
    ------
    InfeasibleError
        When the policy allows none; it names what cannot hold together.
    SolverError
        When none is found within the limit.
    """
    result = solve(instance, policy, time_limit=time_limit, seed=seed)
    name = policy.name or "the policy"
    if result.status is Status.INFEASIBLE:
        terms = "; ".join(term.text for term in result.conflict or ())
        raise InfeasibleError("ask.allows_no_plan", name=name, cause=terms)
    if result.status is Status.UNSOLVED:
        raise SolverError(about(name, "ask.no_plan_was_found_within_the"))
    return result


def _price(
    instance: Instance,
    clause: Rule | Goal,
    position: int,
    results: tuple[Result, Result],
) -> ClausePrice:
    """Return the price of the clause that only the first of two results has."""
    with_clause, without_clause = results
    goals = list(enumerate(with_clause.goals, 1))
    other_changes: tuple[GoalChange, ...] = ()
    clause_change, broken, change = None, 0, None
    if without_clause.status.has_plan:
        if isinstance(clause, Rule):
            broken = len(
                verify(instance, without_clause.allocation, Policy(rules=[clause]))
            )
        else:
            _, goal_value = goals.pop(position)
            clause_change = GoalChange(
                position + 1,
                clause,
                goal_value.value,
                without_clause.goal_value(clause),
            )
        other_changes = tuple(
            GoalChange(number, goal.goal, goal.value, other_goal.value)
            for (number, goal), other_goal in zip(
                goals, without_clause.goals, strict=True
            )
        )
        change = compare(
            without_clause, with_clause, names=("without", "with")
        ).changes[0]
    is_proved = with_clause.is_optimal and without_clause.is_optimal
    return ClausePrice(
        "rule" if isinstance(clause, Rule) else "goal",
        position + 1,
        clause,
        without_clause.status,
        other_changes,
        clause_change,
        broken,
        change,
        all(goal.is_same for goal in other_changes) if is_proved else None,
        labels(with_clause.columns),
    )
