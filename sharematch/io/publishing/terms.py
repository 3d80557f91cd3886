"""Which rules and goals can be published where distances are in bands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.plans.results.gaps import assure
from sharematch.plans.results.result import Result

__all__ = ["Terms", "choices", "is_over_travel"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """Positions of the rules and goals that are left out; `is_banded`: bands matter."""

    rules_out: tuple[int, ...] = ()
    goals_out: tuple[int, ...] = ()
    is_banded: bool = False

    @property
    def are_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.rules_out and not self.goals_out

    def of(self, policy: Policy) -> Policy:
        """Return a policy without what is left out."""
        rules = (r for i, r in enumerate(policy.rules) if i not in self.rules_out)
        goals = (g for i, g in enumerate(policy.goals) if i not in self.goals_out)
        return policy.model_copy(update={"rules": (*rules,), "goals": (*goals,)})


def choices(
    measures: Measures, banded: Arcs, units: Ints, result: Result
) -> Iterator[Terms]:
    """Yield what may be published of a policy, the most first.

    A goal over travel stays where bands prove the plan too: the first choice, which
    may fail. A goal is best among the plans that earlier goals leave, so with one goal
    go all after it. A rule over sums of distances does not hold in bands as it does in
    metres; without it, a goal stays as long as no plan whatever can be better.

    Parameters
    ----------
    measures, banded
        Of the plan's arcs, with exact distances; the arcs with banded ones.
    """
    policy, num = result.policy, len(result.policy.goals)
    if np.array_equal(measures.arcs.distance, banded.travel):
        yield Terms()
        return
    rules_out = tuple(
        position
        for position, rule in enumerate(policy.rules)
        if is_over_travel(rule)
        and not (
            rule.by == "assignment"
            and admitted(Measures(measures.columns, banded), [rule]).all()
        )
    )
    over_travel = (
        position for position, goal in enumerate(policy.goals) if is_over_travel(goal)
    )
    first = next(over_travel, num)
    by_prices = (result.certificate or {}).get("kind") == "prices"
    if rules_out:
        sure = assure(measures, units, policy.rules, result.goals)["goals"]
        doubted = (
            position for position, x in enumerate(sure) if x["basis"] != "records"
        )
        first = min(first, next(doubted, num))
    elif by_prices:
        yield Terms(is_banded=True)
    yield Terms(rules_out, tuple(range(first, num)), is_banded=True)


def is_over_travel(term: Any) -> bool:
    """Return whether a rule or goal is over distances."""
    return "pair.travel" in MEASURES[term.measure].reads
