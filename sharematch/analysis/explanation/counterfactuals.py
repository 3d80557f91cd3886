"""The smallest changes that would have served a need, each checked.

Checked by an exchange within the plan where that proves it for every best plan; in
small towns by solving anew. A change of one need's own wishes opens slots to it alone;
the exchange through them that is best for all goals must serve it, be better than
nothing, and no mere move of units that it has already.
"""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.community import community_facts
from sharematch.analysis.explanation.edit import Edit
from sharematch.analysis.explanation.exchange import Exchange
from sharematch.analysis.explanation.facts import Change, CommunityFacts, NeedFacts
from sharematch.analysis.explanation.need import Misses, need_facts
from sharematch.analysis.explanation.relaxations import edits
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.integers import sums
from sharematch.engine.solving import solve
from sharematch.model.goals import Minimize
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.results.plan import positions_of
from sharematch.plans.results.status import Status

__all__ = ["community_answer", "need_answer"]

Ints = NDArray[np.int64]

SMALL = 20_000
"""Eligible pairs up to which changes are checked by solving anew."""
MOST_SOLVES = 24
"""Solves for all changes of one need; for each of several needs half as many."""
MOST_TRIES = 6
"""Edits of one kind that are tried by solving anew."""
NEEDS = 3
"""Needs of a community that changes are looked for at."""
LONGEST = 10
"""Seconds for solving anew once."""


def need_answer(setting: Setting, need: int) -> NeedFacts:
    """Return what became of a need, what decided, and what would have served it."""
    facts = need_facts(setting, need)
    if facts.served == facts.asked:
        return facts
    changes, decided_by, goal, searched = smallest_changes(setting, need)
    return replace(
        facts, changes=changes, decided_by=decided_by, goal=goal, searched=searched
    )


def community_answer(setting: Setting, community: int) -> CommunityFacts:
    """Return how a community fares, and what would have served it more.

    Changes are looked for at its needs that miss the most; those count that are not
    paid for by the community itself.
    """
    facts = community_facts(setting, community)
    columns = setting.columns
    mine = np.flatnonzero(columns.need_community == community)
    waiting = mine[setting.unmet[mine] > 0]
    most = 1 if len(setting.arcs) > SMALL else NEEDS
    waiting = waiting[np.argsort(-setting.unmet[waiting], kind="stable")][:most]
    best: dict[tuple[str, str], Change] = {}
    was_searched = False
    for need in waiting.tolist():
        answer = smallest_changes(setting, need, most_solves=MOST_SOLVES // 2)
        changes, *_, searched = answer
        was_searched |= searched
        for change in changes:
            if all(u.community != facts.community for u in change.paid_by):
                best.setdefault((change.code, change.record), change)
    return replace(facts, changes=tuple(best.values()), searched=was_searched)


def smallest_changes(
    setting: Setting, need: int, *, most_solves: int = MOST_SOLVES
) -> tuple[tuple[Change, ...], str, int | None, bool]:
    """Return the least change of each kind that serves a need, and what decided.

    Returns
    -------
    Changes, those that take from nobody first; then the code of what decided and the
    goal's position from 1, as in `NeedFacts`; last whether changes could be checked.
    """
    search = _Search(setting, need, most_solves)
    changes = [change for code in search.codes() if (change := search.least(code))]
    exchange = search.exchange
    why, goal = ("", None) if exchange is None else exchange.decided()
    order = sorted(changes, key=lambda c: sum(u.units for u in c.paid_by))
    return tuple(order), why, goal, search.is_small or exchange is not None


class _Search:
    def __init__(self, setting: Setting, need: int, most_solves: int) -> None:
        self.setting, self.need, self.solves_left = setting, need, most_solves
        self.edits = list(edits(setting, need, Misses(setting, need)))
        self.is_luck = False
        """Whether ties leave it open if less would do."""
        self.is_small = len(setting.arcs) <= SMALL and not setting.is_moving

    def codes(self) -> list[str]:
        return [*dict.fromkeys(edit.code for edit in self.edits)]

    @cached_property
    def exchange(self) -> Exchange | None:
        return Exchange.around(self.setting, self.need, self.edits)

    def least(self, code: str) -> Change | None:
        """Return the first edit of a kind that serves the need."""
        self.is_luck = False
        opened: list[int] = []
        tries = MOST_TRIES
        for edit in self.edits:
            if edit.code != code:
                continue
            opened = [*opened, *edit.opens] if edit.grows else [*edit.opens]
            if self.verdict(edit, opened) is False:
                continue
            if self.is_small and (self.solves_left <= 0 or tries <= 0):
                return None
            tries -= 1
            change = self.solved(edit) if self.is_small else self.proved(edit, opened)
            if change is not None or self.is_luck:
                return change
        return None

    def proved(self, edit: Edit, opened: list[int]) -> Change | None:
        """Return the change if an exchange proves that it serves the need."""
        sure = self.verdict(edit, opened)
        self.is_luck = not sure and edit.grows  # less might do
        if not sure or self.exchange is None:
            return None
        return edit.change(1, self.exchange.paid_by(edit, opened), "path")

    def verdict(self, edit: Edit, opened: list[int]) -> bool | None:
        """Return whether an edit serves the need in every best plan; None: unknown."""
        if self.exchange is None or self.moves_bounds(edit):
            return None
        if self.exchange.is_capped:
            return False
        if edit.code == "capacity":
            return self.exchange.is_served_by_place(edit.slot)
        return self.exchange.is_served_by_slots(opened) if opened else None

    def moves_bounds(self, edit: Edit) -> bool:
        """Return whether an edit changes bounds or costs of what is there already."""
        policy = self.setting.policy
        terms: list[Any] = [*policy.rules, *policy.goals]
        measures = [MEASURES[term.measure] for term in terms]
        is_alone = any(units_below_alone(term) is not None for term in terms)
        return (
            edit.policy is not None
            or is_alone
            or (edit.code == "capacity" and any(m.is_share_of_places for m in measures))
            or (edit.code == "choice" and any("pair.rank" in m.reads for m in measures))
        )

    def solved(self, edit: Edit) -> Change | None:
        """Return the change if solving anew serves the need more, whatever ties do.

        Where it is served more, but not in every plan that is as good, a smallest
        number is a matter of luck, and `is_luck` is set.
        """
        setting = self.setting
        policy = edit.policy or setting.policy
        columns = edit.columns(setting.columns)
        served = self._served(columns, policy)
        if served is None or served[self.need] <= setting.served[self.need]:
            return None
        if policy.method == "goals":
            least = Minimize("served", where={"need": edit.need})
            policy = policy.model_copy(update={"goals": (*policy.goals, least)})
            served = self._served(columns, policy)
        if served is None or served[self.need] <= setting.served[self.need]:
            self.is_luck = edit.off is not None
            return None
        gained = int(served[self.need] - setting.served[self.need])
        less = np.zeros(len(columns.community_ids), np.int64)
        np.add.at(less, columns.need_community, setting.served - served)
        return edit.change(gained, setting.by_community(less), "solve")

    def _served(self, columns: Columns, policy: Policy) -> Ints | None:
        """Return the units of each need, None where the plan is not proved."""
        self.solves_left -= 1
        seed = self.setting.problem.seed
        result = solve(columns, policy, seed=seed, time_limit=LONGEST)
        if result.status is not Status.OPTIMAL and policy.method == "goals":
            return None
        need, *_ = positions_of(columns, result.allocation)
        return sums(need, result.allocation.quantities, len(columns.need_ids))
