"""Facts about a need: what it got, what it could reach, why the rest is out."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.ceilings import stopping
from sharematch.analysis.explanation.facts import (
    Got,
    Holder,
    NearMiss,
    NeedFacts,
    Place,
    Refused,
)
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.weeks import minutes_off
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.conditions import CODES
from sharematch.core.eligibility.moments import time_of
from sharematch.core.eligibility.travel import UNKNOWN
from sharematch.core.measures.admission import admitted, bound_of
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.plans.bookings import Booking

__all__ = ["Misses", "booking_of", "need_facts"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEAREST = 5
"""Near misses named of each reason."""


def need_facts(setting: Setting, need: int) -> NeedFacts:
    """Return what became of a need; what decided and what would help is left open."""
    columns, result = setting.columns, setting.result
    name = columns.need_ids[need]
    need_arcs = np.flatnonzero(setting.arcs.need == need)
    community = int(columns.need_community[need])
    unmet = int(setting.unmet[need])
    reason = next((u.reason for u in result.unmet if u.need == name), "")
    standing = setting.standing(community)
    return NeedFacts(
        need=name,
        community=columns.community_ids[community],
        kind=columns.kinds[columns.need_kind[need]],
        asked=int(columns.need_demand[need]),
        served=int(setting.served[need]),
        reason=reason,
        got=tuple(
            _got(setting, int(a)) for a in need_arcs[setting.units[need_arcs] > 0]
        ),
        places=_places(setting, need_arcs),
        refused=Misses(setting, need).refused(),
        standing=standing,
        holders=_holders(setting, need, need_arcs) if unmet else (),
        bottleneck=setting.bottleneck(np.array([need])) if unmet else None,
        decided_by="",
        goal=None,
        changes=(),
        searched=False,
        ceilings=stopping(setting, need),
    )


def _got(setting: Setting, arc: int) -> Got:
    columns, arcs = setting.columns, setting.arcs
    slot = int(arcs.slot[arc])
    facility = int(columns.slot_facility[slot])
    home = int(columns.facility_community[facility])
    travel, day = int(arcs.travel[arc]), int(columns.slot_date[slot])
    return Got(
        slot=columns.slot_ids[slot],
        facility=columns.facility_ids[facility],
        community=columns.community_ids[home],
        units=int(setting.units[arc]),
        day=date.fromordinal(day).isoformat() if day != NONE else None,
        travel=None if travel == UNKNOWN else travel,
        fee=_money(Measures(columns, arcs).coefficients("fees")[arc]),
        booking=booking_of(setting, arc),
    )


def booking_of(setting: Setting, arc: int) -> Booking | None:
    """Return the booking of an arc in an opening, None in other slots."""
    columns, arcs = setting.columns, setting.arcs
    slot, cell, cells = int(arcs.slot[arc]), int(arcs.cell[arc]), columns.cells
    if columns.slot_step[slot] == NONE:
        return None
    start = time_of(columns, cell, int(cells.start[cell]))
    end = time_of(
        columns, cell, int(cells.last(arcs.cell[[arc]], arcs.steps[[arc]])[0])
    )
    need, name = columns.need_ids[arcs.need[arc]], columns.slot_ids[slot]
    facility = columns.facility_ids[columns.slot_facility[slot]]
    parts = next(
        (
            row.parts
            for row in setting.result.allocation
            if (row.need, row.slot, row.start) == (need, name, start)
        ),
        (),
    )
    return Booking(need, name, facility, int(setting.units[arc]), start, end, parts)


def _places(setting: Setting, arcs_of_need: Ints) -> tuple[Place, ...]:
    """Return the slots of some arcs, an opening once for all its starts."""
    columns, arcs = setting.columns, setting.arcs
    places = []
    for slot in dict.fromkeys(arcs.slot[arcs_of_need].tolist()):
        limits = [
            setting.limit(arc)
            for arc in arcs_of_need[arcs.slot[arcs_of_need] == slot].tolist()
        ]
        places.append(
            Place(
                slot=columns.slot_ids[slot],
                facility=columns.facility_ids[columns.slot_facility[slot]],
                capacity=int(columns.slot_capacity[slot]),
                used=int(setting.used[slot]),
                full_by=max(limits, key=limits.count) if all(limits) else "",
                users=setting.users(np.flatnonzero(arcs.slot == slot)),
            )
        )
    return tuple(places)


def _holders(setting: Setting, need: int, need_arcs: Ints) -> tuple[Holder, ...]:
    """Return who has the units that hold the slots of a need full."""
    columns, arcs = setting.columns, setting.arcs
    facility = columns.slot_facility[arcs.slot]
    ends: dict[int, Ints] = {0: arcs.slot, 1: arcs.slot, 2: facility}
    holds = np.zeros(len(arcs), bool)
    for code, end in ends.items():
        full = need_arcs[setting.full[need_arcs] == code]
        is_at_full = np.isin(end, end[full])
        holds |= is_at_full & (arcs.tier > 0) if code == 1 else is_at_full
    holds &= arcs.need != need
    mine = setting.standing(int(columns.need_community[need]))
    holders = []
    for users in setting.users(np.flatnonzero(holds)):
        place = columns.position["community"][users.community]
        standing = setting.standing(place)
        no_better = None
        if mine is not None and standing is not None:
            same = standing.group == mine.group
            no_better = same or standing.one_fewer <= mine.value
        holders.append(Holder(users.community, users.units, standing, no_better))
    return tuple(holders)


class Misses:
    """Why slots are out for a need, and how far off each is.

    `slot` holds the slots that are out, `against` (codes, slots) all that stands in
    the way of each, "rule" included, `rule` the first rule against it, or NONE.
    """

    def __init__(self, setting: Setting, need: int) -> None:
        self.setting, self.need = setting, need
        columns = setting.columns
        inside = np.zeros(len(columns.slot_ids), bool)
        inside[setting.arcs.slot[setting.arcs.need == need]] = True
        self.slot = np.flatnonzero(~inside)
        same = np.full(len(self.slot), need)
        self.against = arcs_module.failures(columns, same, self.slot)
        self.pairs = arcs_module.pairs(columns, same, self.slot)
        self.rule = self._ruled_out()
        self.against[CODES.index("rule")] = (self.rule >= 0) | ~self.against.any(0)
        self.first = self.against.argmax(axis=0)

    def _ruled_out(self) -> Ints:
        """Return the first rule against each slot, NONE where there is none."""
        first_rule = np.full(len(self.slot), NONE)
        if self.setting.columns.given is not None:
            return first_rule
        measures = Measures(self.setting.columns, self.pairs)
        for position, rule in enumerate(self.setting.policy.rules):
            out = ~admitted(measures, [rule])
            first_rule[out & (first_rule == NONE)] = position
        return first_rule

    def only(self, code: str) -> Ints:
        """Return the places of slots that nothing but `code` keeps out."""
        alone = self.against.sum(axis=0) == 1
        return np.flatnonzero(alone & self.against[CODES.index(code)])

    def refused(self) -> tuple[Refused, ...]:
        """Return counts by first reason; nearest misses are those off by least."""
        refusals = []
        for code in CODES:
            places = np.flatnonzero(self.first == CODES.index(code))
            if not len(places):
                continue
            nearest: tuple[NearMiss, ...] = ()
            if code != "kind":
                others = self.against[:, places].sum(axis=0)
                order = np.lexsort((self.slot[places], self.far(code, places), others))
                nearest_places = places[order[:NEAREST]]
                nearest = tuple(self.miss(code, int(i)) for i in nearest_places)
            refusals.append(Refused(code, len(places), nearest))
        return tuple(refusals)

    def far(self, code: str, rows: Ints) -> Ints:
        """Return how far off slots are, for sorting; the largest number if unknown."""
        columns, slot = self.setting.columns, self.slot[rows]
        unknown = np.iinfo(np.int64).max
        travel = self.pairs.travel[rows]
        if code in ("travel", "radius"):
            max_travel = columns.need_max_travel[self.need]
            limit = columns.slot_radius[slot] if code == "radius" else max_travel
            return np.where(travel == UNKNOWN, unknown, travel - limit)
        if code == "fee":
            fees = Measures(columns, self.pairs).coefficients("fees")[rows]
            above: Ints = fees - columns.need_max_fee[self.need]
            return above
        if code == "share":
            tier = self.pairs.tier[rows]
            return np.where(tier == NONE, unknown, tier - columns.slot_share[slot])
        if code == "time":
            return self._minutes_off(slot)
        if code == "rule":
            return self._rule_off(rows)
        return np.where(travel == UNKNOWN, unknown, travel)

    def _minutes_off(self, slot: Ints) -> Ints:
        """Return by how much the nearest window would have to be wider."""
        columns = self.setting.columns
        mine = columns.window_need == self.need
        start, end = columns.window_start[mine], columns.window_end[mine]
        early = np.maximum(start[:, None] - columns.slot_start[slot], 0)
        late = np.maximum(columns.slot_end[slot] - end[:, None], 0)
        weekly = np.flatnonzero(columns.weekly_need == self.need)[:, None]
        hours = columns.weekly_start[weekly], columns.weekly_minutes[weekly]
        length = columns.slot_end[slot] - columns.slot_start[slot]
        every_week = minutes_off(columns.slot_clock[slot], length, *hours)
        both = np.concatenate((early + late, every_week))
        off: Ints = both.min(axis=0, initial=np.iinfo(np.int64).max)
        return off

    def _rule_off(self, rows: Ints) -> Ints:
        columns, rules = self.setting.columns, self.setting.policy.rules
        measures = Measures(columns, self.pairs)
        off = np.full(len(rows), np.iinfo(np.int64).max)
        for position in np.unique(self.rule[rows]).tolist():
            if position == NONE:
                continue
            rule = rules[position]
            here = self.rule[rows] == position
            value = measures.coefficients(rule.measure)[rows[here]]
            bound = bound_of(columns, rule)
            off[here] = [abs(int(v - bound)) for v in value.tolist()]
        return off

    def miss(self, code: str, row: int) -> NearMiss:
        """Return one near miss."""
        columns, slot = self.setting.columns, int(self.slot[row])
        facility = int(columns.slot_facility[slot])
        rule = int(self.rule[row])
        missing: tuple[str, ...] = ()
        off: Any = None
        if code == "feature":
            missing = self.missing(row)
        elif code == "group":
            missing = _labels(columns.slot_groups, slot)
        elif code in ("travel", "radius", "fee", "share", "time", "rule"):
            off = int(self.far(code, np.array([row]))[0])
            off = None if off == np.iinfo(np.int64).max else off
            if off is not None and code == "fee":
                off = _money(off)
            elif off is not None and code == "rule" and rule != NONE:
                measure = self.setting.policy.rules[rule].measure
                off = MEASURES[measure].number(off)
        others = np.flatnonzero(self.against[:, row]).tolist()
        return NearMiss(
            slot=columns.slot_ids[slot],
            facility=columns.facility_ids[facility],
            off=off,
            missing=missing,
            also=tuple(CODES[i] for i in others if CODES[i] != code),
            rule=rule + 1 if code == "rule" and rule != NONE else None,
        )

    def missing(self, row: int) -> tuple[str, ...]:
        """Return the features that a slot's facility lacks."""
        columns = self.setting.columns
        facility = int(columns.slot_facility[self.slot[row]])
        wanted = _labels(columns.need_requires, self.need)
        there = _labels(columns.facility_features, facility)
        return tuple(sorted({*wanted} - {*there}))


def _labels(labels: Any, row: int) -> tuple[str, ...]:
    first, last = labels.indptr[row], labels.indptr[row + 1]
    return tuple(labels.names[i] for i in labels.indices[first:last].tolist())


def _money(minor: Any) -> Decimal:
    return Decimal(int(minor)).scaleb(-2)
