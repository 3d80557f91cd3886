"""Proofs that a plan is optimal, checked goal by goal with arrays.

The plans left to a goal are those within *bounds*: sets of arcs whose units may not
rise, or not fall, any more. A goal's optimum is proved by a *price* for each set: with
them added up along each arc, no arc that may rise is cheap enough to, and none that
may fall is dear enough to. By complementary slackness every optimal plan keeps exactly
the sets with a price where they are, which are the bounds for the next goal.

A leximin goal is proved in the same way, with a *level* for each group beside prices:
at once by ranks, or in stages ratio by ratio; see
`sharematch.plans.certificates.leximin`. Nothing here lowers or solves anything.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.attributes import Key
from sharematch.core.columns.constant import constant
from sharematch.core.columns.integers import sums
from sharematch.core.columns.lookup import spans
from sharematch.core.measures.bounds import (
    Bound,
    are_nested,
    bind_no_two,
    names_of,
    pinned,
    record_bounds,
    rule_bounds,
)
from sharematch.core.measures.ceilings import Ceilings, Surplus, has_ceilings, is_summed
from sharematch.core.measures.measures import Measures
from sharematch.plans.certificates.cuts import Priced, chain
from sharematch.plans.certificates.leximin import FAR, Slopes, Standing
from sharematch.text import Text

__all__ = ["Proof"]

Ints = NDArray[np.int64]
SIDES = ("need", "slot")
RECORDS = ("capacity", "reserve", "max_units")
UNREADABLE = "claim.has_prices_of_what_is_not"
Prices = Mapping[str, Ints]


class Proof:
    """The plans left after some goals, around one plan.

    Parameters
    ----------
    measures
        Over the arcs that the policy's rules admit.
    rules, goals
        Of the policy.
    units
        The plan, on each arc; it must keep records and rules.
    alone
        For the bound "alone": what each community can be served by itself.
    completes
        Whether blocks are added to claims, not compared with them.
    """

    def __init__(
        self,
        measures: Measures,
        rules: Sequence[Any],
        goals: Sequence[Any],
        units: Ints,
        *,
        alone: Mapping[str, int] | None = None,
        completes: bool = False,
    ) -> None:
        self.measures, self.goals, self.units = measures, goals, units
        self.completes = completes
        self.sides: Mapping[str, str] = {}
        columns, arcs = measures.columns, measures.arcs
        self.arc_can_rise = np.ones(len(units), bool)
        self.arc_can_fall = units > pinned(columns, arcs)
        self._served = sums(arcs.need, units, len(columns.need_ids))
        self.need_can_rise = self._served < columns.need_demand
        self.need_can_fall = self._served > 0
        all_bounds = [*record_bounds(measures, units)]
        self.families: dict[str, list[str]] = {}
        """The bounds of each rule or goal: one, or as many as groups that overlap."""
        for position, rule in enumerate(rules):
            if rule.by != "assignment" and not measures.form(rule.measure).is_fixed:
                name = Text("policy.rule", number=position + 1)
                bounds = [*rule_bounds(measures, name, rule, units, alone or {})]
                all_bounds += bounds
                self.families[name] = [bound.name for bound in bounds]
        self.standing: dict[int, Standing] = {}
        self.surplus: dict[int, Surplus] = {}
        for position, goal in enumerate(goals):
            name = Text("policy.goal", number=position + 1)
            groups: Standing | Surplus
            if goal.op in ("leximin", "leximax"):
                groups = self.standing[position] = Standing(measures, name, goal, units)
            elif has_ceilings(goal):
                groups = self.surplus[position] = Surplus(measures, name, goal, units)
            else:
                continue
            all_bounds += groups.families
            self.families[name] = [family.name for family in groups.families]
        self.bounds: dict[str, Bound] = {bound.name: bound for bound in all_bounds}
        self._is_named_apart = len(self.bounds) == len(all_bounds)
        self._positions: dict[int, tuple[Sequence[Key], dict[str, int]]] = {}

    def place(self, sides: Mapping[str, str]) -> Iterator[str]:
        """Put each bound on its side; yield why one cannot stand there, nested."""
        self.sides = sides
        is_known = all(side in SIDES for side in sides.values())
        is_known &= all(sides.get(name) == "slot" for name in RECORDS)
        is_known &= sides.get("per_day", "need") == "need"
        if {*sides} != {*self.bounds} or not is_known:
            yield Text("claim.does_not_say_on_which_side")
            return
        if not self._is_named_apart:
            yield Text("claim.has_one_name_for_several_bounds")
            return
        families: dict[str, list[Ints]] = {
            "need": [self.measures.arcs.need],
            "slot": [],
        }
        for name, bound in self.bounds.items():
            family = families[sides[name]]
            if not all(are_nested(bound.label, other) for other in family):
                yield Text("claim.crosses_other_bounds_of_its_side", name=name)
            family.append(bound.label)

    def step(self, position: int, claim: Any) -> Iterator[str]:
        """Yield what is wrong with the proof of one goal; then keep to its optima.

        Parameters
        ----------
        claim
            ``prices`` by bound and set; for groups with a ceiling also ``levels`` by
            group; for a group goal levels and the ``blocks`` that follow from them, or
            ``stages`` of such claims, each with its ``ratio``.
        """
        goal, standing = self.goals[position], self.standing.get(position)
        if not isinstance(claim, Mapping):
            yield UNREADABLE
        elif standing is None:
            yield from self._linear(goal, claim, self.surplus.get(position))
        elif "stages" in claim:
            yield from self._in_stages(standing, claim["stages"])
        else:
            yield from self._by_rank(standing, claim)

    # ---- linear goals

    def _linear(
        self, goal: Any, claim: Mapping[str, Any], surplus: Surplus | None
    ) -> Iterator[str]:
        """Check prices; of groups with a ceiling levels as well.

        A level is a slope of what lies above the ceilings, between those of the last
        unit and the next: with it the group costs no more than in any other plan.
        """
        prices, levels = self._prices(claim), dict[str, Ints]()
        level = None
        if surplus is not None:
            level = self._read(surplus.keys, claim.get("levels"))
        if prices is None or (surplus is not None and level is None):
            yield UNREADABLE
            return
        yield from self._check_prices(prices)
        if surplus is not None and level is not None:
            if not surplus.fits(level).all():
                yield Text("claim.has_a_level_between_which_and")
            levels = {family.name: level for family in surplus.families}
        added = [*prices.items(), *levels.items()]
        problems, _ = self._settle(added, *self.costs(goal))
        yield from problems
        self._keep(prices)
        if surplus is not None and level is not None:
            surplus.keep(level)

    def costs(self, goal: Any) -> tuple[Ints, Ints]:
        """Return what one unit more, and the last unit, on each arc costs a goal."""
        if is_summed(goal):
            cost = -Ceilings(self.measures, goal).gains()
            return cost, cost
        mask = self.measures.mask(goal.measure, goal.where)
        start = self.measures.form(goal.measure).start
        if start is not None:
            rises, falls = self.units < start, self.units <= start
            return -(mask & rises).astype(np.int64), -(mask & falls).astype(np.int64)
        per_unit = self.measures.coefficients(goal.measure)
        cost = np.where(mask, -goal.sense * per_unit, 0)
        return cost, cost

    # ---- group goals

    def _by_rank(self, standing: Standing, claim: Mapping[str, Any]) -> Iterator[str]:
        slopes = standing.ranks()
        level = yield from self._stage(standing, slopes, claim)
        if level is None:
            return
        priced = [name for name, price in claim["prices"].items() if price]
        if not self.binds_no_two(standing, priced):
            yield Text("claim.is_of_groups_that_other_bounds")
        standing.keep_ranks(level, slopes)
        standing.decide()

    def _in_stages(self, standing: Standing, claims: Any) -> Iterator[str]:
        """Check in order the ratios at which groups stand that might not."""
        unread = iter(claims) if isinstance(claims, Iterable) else iter(())
        while (ratio := standing.next_ratio()) is not None:
            claim = next(unread, None)
            if not isinstance(claim, Mapping) or claim.get("ratio") != str(ratio):
                yield Text("claim.has_no_stage_for_the_ratio", ratio=ratio)
                return
            level = yield from self._stage(standing, standing.slopes(), claim)
            if level is None:
                return
            standing.keep_ratio(level)
            if not standing.holds_plan():
                # Ratios without end might follow.
                yield Text("claim.has_a_group_stand_where_it")
                return
        if not self.completes and next(unread, None) is not None:
            yield Text("claim.has_stages_at_which_no_group")
        standing.decide()

    def _stage(
        self,
        standing: Standing,
        slopes: Slopes,
        claim: Any,
    ) -> Generator[str, None, Ints | None]:
        """Check prices and levels under given slopes; return the levels."""
        prices = self._prices(claim)
        level = self._read(standing.keys, claim.get("levels"))
        if prices is None or level is None:
            yield UNREADABLE
            return None
        yield from self._check_prices(prices)
        if not standing.fits(level, slopes).all():
            yield Text("claim.has_a_level_between_which_and")
        levels = {family.name: level for family in standing.families}
        none = constant(0, len(self.units))
        problems, need_price = self._settle([*prices.items(), *levels.items()], none)
        yield from problems
        blocks = self._blocks(prices, levels, need_price, standing.sign)
        if self.completes:
            claim["blocks"] = blocks
        elif claim.get("blocks") != blocks:
            yield Text("claim.has_blocks_that_do_not_follow")
        self._keep(prices)
        return level

    def binds_no_two(self, standing: Standing, names: Iterable[str]) -> bool:
        """Return whether none of these bounds holds some but not all groups of a goal.

        Only bounds with a price matter: without the others, the plan is as optimal.
        """
        group_families = standing.families
        return len(group_families) == 1 and all(
            bind_no_two(group_families[0].label, self.bounds[name].label)
            for name in names
            if self.sides[name] == self.sides[group_families[0].name]
            and name != group_families[0].name
        )

    def _blocks(
        self, prices: Prices, levels: Prices, need_price: Ints, sign: int
    ) -> list[dict[str, Any]]:
        need, ids = self.measures.arcs.need, self.measures.columns.need_ids
        priced: dict[str, list[Priced]] = {"need": [], "slot": []}
        priced["need"].append(Priced("quantity", ids, need, self._served, need_price))
        for is_group, priced_sets in ((False, prices), (True, levels)):
            for name, price in priced_sets.items():
                bound = self.bounds[name]
                priced[self.sides[name]].append(
                    Priced(name, bound.keys, bound.label, bound.units, price, is_group)
                )
        side = self.sides[next(iter(levels))]
        other = "slot" if side == "need" else "need"
        return chain(priced[side], priced[other], self.units, sign)

    # ---- prices

    def _prices(self, claim: Mapping[str, Any]) -> dict[str, Ints] | None:
        given = claim.get("prices")
        if not isinstance(given, Mapping) or not {*given} <= {*self.bounds}:
            return None
        read = {key: self._read(self.bounds[key].keys, given[key]) for key in given}
        valid = {key: price for key, price in read.items() if price is not None}
        return valid if len(valid) == len(read) else None

    def _check_prices(self, prices: Prices) -> Iterator[str]:
        for key, price in prices.items():
            bound = self.bounds[key]
            if ((price > 0) & bound.can_rise).any():
                yield Text("claim.has_a_price_on_where_there", what=key)
            if ((price < 0) & bound.can_fall).any():
                yield Text("claim.has_a_reward_on_where_units", what=key)

    def _keep(self, prices: Prices) -> None:
        for key, price in prices.items():
            self.bounds[key].can_rise &= price >= 0
            self.bounds[key].can_fall &= price <= 0

    def _settle(
        self,
        prices: Iterable[tuple[str, Ints]],
        up: Ints,
        down: Ints | None = None,
    ) -> tuple[list[str], Ints]:
        """Check every arc, and keep to the optima.

        Returns problems, and the price of each need: as little as will do.
        """
        priced = [
            (self.bounds[key].label, np.append(price, 0)) for key, price in prices
        ]
        if sum(int(np.abs(price).max()) for _, price in priced) > FAR:
            return [UNREADABLE], np.zeros_like(self.need_can_rise, np.int64)
        need = self.measures.arcs.need
        gross, least = self._gross(up, priced)
        falling = np.flatnonzero(self.arc_can_fall)
        last = gross[falling]
        if down is not None:
            last += down[falling] - up[falling]
        most = np.full(len(least), FAR)
        np.minimum.at(most, need[falling], -last)
        price = np.where(least > 0, least, np.where(most < 0, most, 0))
        problems: list[str] = []
        if (least > most).any():
            problems.append(Text("claim.leaves_an_exchange_that_would_be"))
        if ((price > 0) & self.need_can_rise).any():
            problems.append(Text("claim.leaves_a_need_that_would_be"))
        if ((price < 0) & self.need_can_fall).any():
            problems.append(Text("claim.leaves_a_need_that_would_be_better"))
        for some in spans(len(need)):
            self.arc_can_rise[some] &= gross[some] + price[need[some]] <= 0
        self.arc_can_fall[falling] = last + price[need[falling]] >= 0
        self.need_can_rise &= price >= 0
        self.need_can_fall &= price <= 0
        return problems, price

    def _gross(
        self, up: Ints, priced: Sequence[tuple[Ints, Ints]]
    ) -> tuple[Ints, Ints]:
        """Return what a unit more costs on each arc, the prices of its sets with it.

        And the least price of each need under which none of its arcs would carry more.
        """
        need = self.measures.arcs.need
        gross = np.empty(len(need), np.int64)
        least = np.full(len(self.need_can_rise), -FAR)
        for some in spans(len(need)):
            gross[some] = up[some]
            for label, price in priced:
                gross[some] += price[label[some]]
            owner = need[some]
            runs = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
            rising = np.where(self.arc_can_rise[some], -gross[some], -FAR)
            np.maximum.at(least, owner[runs], np.maximum.reduceat(rising, runs))
        return gross, least

    def _read(self, keys: Sequence[Key], given: Any) -> Ints | None:
        """Return numbers by set; None for unknown sets and for what is no integer."""
        if not isinstance(given, Mapping):
            return None
        if id(keys) not in self._positions:
            names = names_of(keys)
            positions = dict(zip(names, range(len(names)), strict=True))
            self._positions[id(keys)] = keys, positions
        _, position_of = self._positions[id(keys)]
        position = [*map(position_of.get, given)]
        if {*map(type, given.values())} - {int} or None in position:
            return None
        if max(map(abs, given.values()), default=0) > FAR:
            return None
        numbers = np.zeros(len(keys), np.int64)
        numbers[np.array(position, np.int64)] = [*given.values()]
        return numbers
