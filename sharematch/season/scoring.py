"""A plan made by hand: whether it is valid, and how far from the best one."""

from dataclasses import dataclass
from typing import Any

from sharematch.engine.solving import solve
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.wording import goal_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Status
from sharematch.plans.verification import Violation, verify

__all__ = ["Score", "score"]


@dataclass(frozen=True, eq=False)
class Score:
    """How good a plan is.

    Parameters
    ----------
    violations
        Of records and rules; empty if the plan is valid.
    plan
        As a result, to be measured and compared; its status says that it is a plan.
    best
        The best plan under the same policy.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> sm.season.score(town, result.allocation).violations
    ()
    """

    violations: tuple[Violation, ...]
    plan: Result
    best: Result

    def rows(self) -> list[dict[str, Any]]:
        """Return for each goal what it is worth in the plan and in the best one."""
        return [
            {
                "goal": goal_text(goal.goal),
                "plan": self.plan.goal_value(goal.goal),
                "best": goal.value,
            }
            for goal in self.best.goals
        ]

    def __str__(self) -> str:
        broken = [f"- {violation}" for violation in self.violations]
        lines = [f"{len(broken)} rules broken" if broken else "valid", *broken]
        for row in self.rows():
            plan, best = map(_shown, (row["plan"], row["best"]))
            lines.append(f"{row['goal']}: {plan}, at best {best}")
        return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))})"
    return str(value)


@typed
def score(
    instance: Instance,
    plan: Allocation,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
) -> Score:
    """Check a plan made by hand and set it beside the best one.

    Raises
    ------
    InputError
        For a plan that names what the instance does not have, or a policy that asks
        what has moved.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=2)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=2),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> policy = sm.Policy(goals=[sm.Leximin("fill_rate", by="community")])
    >>> print(score(town, sm.Allocation([("mon", "t", 2)]), policy))
    valid
    make the worst-off community's share of demand served as great as possible, then \
the next: (0, 1), at best (1/2, 1/2)
    """
    policy = Policy.fair() if policy is None else policy
    given = Result(
        status=Status.FEASIBLE,
        structure="given",
        goals=(),
        allocation=plan,
        unmet=(),
        policy=policy,
        provenance={},
        instance=instance,
        _plan=plan_of(instance, plan, policy),
    )
    best = solve(instance, policy, time_limit=time_limit)
    return Score(verify(instance, plan, policy), given, best)
