"""verify(): recompute from the records alone whether a plan keeps everything.

Shares the records, the eligible pairs and the measures with the rest; no lowering, no
solver. Arrays throughout; only needs with coupled fields are looked at one by one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.allocation import Allocation
from sharematch.core import arcs as arcs_module
from sharematch.core.arcs import Arcs
from sharematch.core.columns import NONE, STATUSES, Columns
from sharematch.core.encoding import encode
from sharematch.core.filters import unknown_values
from sharematch.core.lookup import find
from sharematch.core.measures import Baseline, Measures, admitted, bound_of
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import MEASURES, units_below_alone
from sharematch.model.wording import rule_text
from sharematch.own_slots import alone

__all__ = ["Violation", "baseline_of", "verify"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a plan does not keep.

    `code` is the reason code of a pair that is no arc, or the field or rule broken;
    `rule` counts the policy's rules from 1.
    """

    code: str
    message: str
    need: str = ""
    slot: str = ""
    rule: int | None = None

    def __str__(self) -> str:
        return self.message


def verify(
    instance: Instance | Columns,
    allocation: Allocation | Iterable[Any],
    policy: Policy | None = None,
    *,
    baseline: Allocation | None = None,
) -> tuple[Violation, ...]:
    """Return everything a plan does not keep; empty if it is valid.

    Parameters
    ----------
    instance
        The records, or their columns.
    allocation
        The plan, from `solve` or made by hand (anything `Allocation` takes).
    policy
        Its rules are checked too; goals are not.
    baseline
        For rules on ``moved``.

    Raises
    ------
    InputError
        For a rule on ``moved`` without a baseline, or a filter or tier that names
        what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> print(*sm.verify(town, [("mon", "t", 2)]))
    slot "mon": 2 units in use, capacity 1
    """
    columns = encode(instance)
    plan = allocation if isinstance(allocation, Allocation) else Allocation(allocation)
    found, need, slot, units = _positions(columns, plan)
    arcs = arcs_module.pairs(columns, need, slot)
    check = _Check(columns, arcs, units)
    found += [*check.records(), *check.coupled()]
    if policy is not None:
        found += check.rules(policy, baseline)
    return tuple(found)


def _positions(
    columns: Columns, plan: Allocation
) -> tuple[list[Violation], Ints, Ints, Ints]:
    """Return positions of all known pairs, sorted, and what is unknown."""
    at = columns.position
    need = np.array([at["need"].get(n, NONE) for n in plan.needs], np.int64)
    slot = np.array([at["slot"].get(s, NONE) for s in plan.slots], np.int64)
    unknown = [
        Violation(
            "unknown", f'need "{plan.needs[i]}" is not in the instance', plan.needs[i]
        )
        for i in np.flatnonzero(need == NONE)
    ]
    unknown += [
        Violation(
            "unknown",
            f'slot "{plan.slots[i]}" is not in the instance',
            slot=plan.slots[i],
        )
        for i in np.flatnonzero(slot == NONE)
    ]
    known = np.flatnonzero((need != NONE) & (slot != NONE))
    order = known[np.lexsort((slot[known], need[known]))]
    return unknown, need[order], slot[order], plan.quantities[order]


class _Check:
    """One plan: units on pairs, sorted by need and slot."""

    def __init__(self, columns: Columns, arcs: Arcs, units: Ints) -> None:
        self.columns, self.arcs, self.units = columns, arcs, units
        self.sizes = units * arcs.units

    # ---- what the records say

    def records(self) -> Iterator[Violation]:
        """Yield pairs that are no arcs, and limits of needs, slots, facilities."""
        columns, arcs = self.columns, self.arcs
        reasons = arcs_module.reasons(columns, arcs.need, arcs.slot)
        for i in np.flatnonzero(reasons >= 0).tolist():
            code = arcs_module.CODES[reasons[i]]
            yield self._pair(i, code, f"may not be matched ({code})")
        yield from self._above("quantity", "need", arcs.need, columns.need_demand)
        yield from self._above("capacity", "slot", arcs.slot, columns.slot_capacity)
        guest = np.where(arcs.tier != 0, arcs.slot, NONE)
        left = columns.slot_capacity - columns.slot_reserve
        yield from self._above("reserve", "slot", guest, left)
        limited = columns.facility_max_units[columns.slot_facility[arcs.slot]] != NONE
        facility = np.where(limited, columns.slot_facility[arcs.slot], NONE)
        most = columns.facility_max_units
        yield from self._above("max_units", "facility", facility, most)
        yield from self._decisions()

    def _pair(self, i: int, code: str, text: str) -> Violation:
        need = self.columns.need_ids[self.arcs.need[i]]
        slot = self.columns.slot_ids[self.arcs.slot[i]]
        return Violation(code, f'need "{need}" in slot "{slot}": {text}', need, slot)

    def _above(
        self, code: str, record: str, label: Ints, limit: Ints
    ) -> Iterator[Violation]:
        ids = getattr(self.columns, f"{record}_ids")
        amount = self.units if record == "need" else self.sizes
        total = _sums(label, amount, len(ids))
        inside = _sums(label, np.ones(len(label), np.int64), len(ids)) > 0
        words = {
            "quantity": "units served, asked for",
            "capacity": "units in use, capacity",
            "reserve": "units used by others, beside the reserve",
            "max_units": "units in use, max_units",
        }[code]
        for i in np.flatnonzero(inside & (total > limit)).tolist():
            named = {record: ids[i]} if record in ("need", "slot") else {}
            message = f'{record} "{ids[i]}": {total[i]} {words} {limit[i]}'
            yield Violation(code, message, **named)

    def _pins(self) -> Ints:
        """Return the decisions that keep units where they are."""
        kept = [STATUSES.index("pinned"), STATUSES.index("accepted")]
        return np.flatnonzero(np.isin(self.columns.decision_status, kept))

    def _decisions(self) -> Iterator[Violation]:
        columns, pins = self.columns, self._pins()
        need, slot = columns.decision_need[pins], columns.decision_slot[pins]
        quantity = columns.decision_quantity[pins]
        least = np.where(quantity == NONE, columns.need_quantity[need], quantity)
        slots = max(len(columns.slot_ids), 1)
        key = self.arcs.need * slots + self.arcs.slot
        held = dict(zip(key.tolist(), self.units.tolist(), strict=True))
        reasons = arcs_module.reasons(columns, need, slot)
        for i in range(len(pins)):
            ids = columns.need_ids[need[i]], columns.slot_ids[slot[i]]
            units = held.get(int(need[i]) * slots + int(slot[i]), 0)
            status = STATUSES[columns.decision_status[pins[i]]]
            pair = f'need "{ids[0]}" in slot "{ids[1]}"'
            if reasons[i] >= 0:
                code = arcs_module.CODES[reasons[i]]
                message = f"{pair}: is {status}, but may not be matched ({code})"
                yield Violation("decision", message, *ids)
            elif units < least[i]:
                message = f"{pair}: {units} units, {status} are {least[i]}"
                yield Violation("decision", message, *ids)

    # ---- what couples

    def coupled(self) -> Iterator[Violation]:
        """Yield what needs and slots demand as a whole."""
        yield from self._whole_needs()
        yield from self._together()
        yield from self._persons()
        columns = self.columns
        used = _sums(self.arcs.slot, self.sizes, len(columns.slot_ids))
        for i in np.flatnonzero((used > 0) & (used < columns.slot_min_units)).tolist():
            slot = columns.slot_ids[i]
            least = columns.slot_min_units[i]
            message = f'slot "{slot}": {used[i]} units in use, min_units {least}'
            yield Violation("min_units", message, slot=slot)
        in_use = np.flatnonzero((used > 0) & (columns.slot_either != NONE))
        counts = np.bincount(columns.slot_either[in_use], minlength=1)
        for label in np.flatnonzero(counts > 1).tolist():
            slots = [
                columns.slot_ids[s] for s in in_use if columns.slot_either[s] == label
            ]
            name = columns.either_ids[label]
            message = (
                f'either "{name}": in use are {", ".join(slots)}, at most one may be'
            )
            yield Violation("either", message, slot=slots[0])

    def _served(self, need: int) -> tuple[list[int], list[int]]:
        """Return the slots of one need and its units there."""
        first, last = np.searchsorted(self.arcs.need, [need, need + 1])
        return self.arcs.slot[first:last].tolist(), self.units[first:last].tolist()

    def _whole_needs(self) -> Iterator[Violation]:
        columns = self.columns
        served = np.unique(self.arcs.need)
        is_whole = columns.need_whole | (columns.need_together != NONE)
        special = (
            is_whole | (columns.need_min_quantity > 1) | (columns.need_sessions > 1)
        )
        for need in served[special[served]].tolist():
            slots, units = self._served(need)
            quantity = int(columns.need_quantity[need])
            sessions = int(columns.need_sessions[need])
            least = int(columns.need_min_quantity[need])
            if sessions > 1:
                yield from self._sessions(need, slots, units)
            elif is_whole[need] and units != [quantity]:
                yield self._need(
                    "whole",
                    need,
                    f"{sum(units)} of {quantity} units in {len(slots)} slots; "
                    "all in one slot, or none",
                )
            if sum(units) < least:
                text = f"{sum(units)} units served, min_quantity {least}"
                yield self._need("min_quantity", need, text)

    def _need(self, code: str, need: int, text: str) -> Violation:
        name = self.columns.need_ids[need]
        return Violation(code, f'need "{name}": {text}', name)

    def _sessions(
        self, need: int, slots: list[int], units: list[int]
    ) -> Iterator[Violation]:
        columns = self.columns
        quantity, sessions = columns.need_quantity[need], columns.need_sessions[need]
        if len(slots) != sessions or any(u != quantity for u in units):
            yield self._need(
                "sessions",
                need,
                f"{sum(units)} units in {len(slots)} slots; {quantity} "
                f"in each of {sessions}, or none",
            )
        if len({int(columns.slot_facility[slot]) for slot in slots}) > 1:
            yield self._need("sessions", need, "sessions are at different facilities")
        timed = sorted(
            (int(columns.slot_start[s]), int(columns.slot_end[s]))
            for s in slots
            if columns.slot_is_timed[s]
        )
        if any(
            _overlap(one, other) for i, one in enumerate(timed) for other in timed[:i]
        ):
            yield self._need("sessions", need, "sessions overlap")
        every = int(columns.need_every[need])
        if every == NONE:
            return
        gaps = {later[0] - earlier[0] for earlier, later in pairwise(timed)}
        if len(timed) < len(slots) or gaps - {every}:
            text = f"sessions do not start every {every} minutes"
            yield self._need("every", need, text)

    def _together(self) -> Iterator[Violation]:
        columns = self.columns
        served = _sums(self.arcs.need, self.units, len(columns.need_ids)) > 0
        labels = columns.need_together
        for label in np.unique(labels[served & (labels != NONE)]).tolist():
            members = np.flatnonzero(labels == label).tolist()
            seats = {tuple(self._served(need)[0]) for need in members}
            if len(seats) > 1:
                name = columns.together_ids[label]
                ids = ", ".join(columns.need_ids[need] for need in members)
                message = f'together "{name}": {ids} do not use the same slots'
                yield Violation("together", message, columns.need_ids[members[0]])

    def _persons(self) -> Iterator[Violation]:
        columns, arcs = self.columns, self.arcs
        person = columns.need_person[arcs.need]
        mine = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
        mine = mine[np.lexsort((columns.slot_start[arcs.slot[mine]], person[mine]))]
        open_: list[int] = []
        for i in mine.tolist():
            slot = int(arcs.slot[i])
            span = (int(columns.slot_start[slot]), int(columns.slot_end[slot]))
            open_ = [
                j
                for j in open_
                if person[j] == person[i]
                and (columns.slot_end[arcs.slot[j]] > span[0] or arcs.slot[j] == slot)
            ]
            for j in open_:
                other = int(arcs.slot[j])
                times = (int(columns.slot_start[other]), int(columns.slot_end[other]))
                clash = other == slot or _overlap(span, times)
                if clash and arcs.need[j] != arcs.need[i]:
                    name = columns.person_ids[person[i]]
                    names = [columns.need_ids[arcs.need[k]] for k in (j, i)]
                    text = f'person "{name}": {names[0]} and {names[1]} clash'
                    slots = [columns.slot_ids[s] for s in (other, slot)]
                    message = f"{text} in {slots[0]} and {slots[1]}"
                    yield Violation("person", message, names[1], slots[1])
            open_.append(i)

    # ---- what the policy says

    def rules(self, policy: Policy, baseline: Allocation | None) -> Iterator[Violation]:
        """Yield rules that do not hold."""
        self._rules = policy.rules
        measures = self._measures(policy, baseline)
        for number, rule in enumerate(policy.rules, start=1):
            unknown = unknown_values(self.columns, rule.where)
            if unknown:
                key, value = unknown[0]
                raise InputError(
                    f'rule {number}: {key} "{value}" is not in the instance'
                )
            if rule.by == "assignment":
                for i in np.flatnonzero(~admitted(self._raw, [rule])).tolist():
                    found = self._pair(i, "rule", f"does not keep: {rule_text(rule)}")
                    yield replace(found, rule=number)
                yield from self._pins_against(rule, number)
            else:
                yield from self._grouped(measures, rule, number)

    def _pins_against(self, rule: Any, number: int) -> Iterator[Violation]:
        """Yield decisions whose pair a rule by assignment refuses, used or not."""
        columns, pins = self.columns, self._pins()
        need, slot = columns.decision_need[pins], columns.decision_slot[pins]
        pairs = Measures(columns, arcs_module.pairs(columns, need, slot))
        for i in np.flatnonzero(~admitted(pairs, [rule])).tolist():
            ids = columns.need_ids[need[i]], columns.slot_ids[slot[i]]
            pair = f'need "{ids[0]}" in slot "{ids[1]}"'
            message = f"{pair}: must stay, but does not keep: {rule_text(rule)}"
            yield Violation("decision", message, *ids, rule=number)

    def _measures(self, policy: Policy, baseline: Allocation | None) -> Measures:
        """Return measures in which unknown distances count as they do in `solve`."""
        columns, arcs = self.columns, self.arcs
        self._raw = Measures(columns, arcs)
        if arcs.num_unknown:
            everything = arcs_module.build(columns)
            left = everything.keep(
                admitted(Measures(columns, everything), policy.rules)
            )
            largest = max(0, int(left.travel.max(initial=0)))
            known = arcs.travel != arcs_module.UNKNOWN
            arcs = replace(arcs, travel=np.where(known, arcs.travel, largest))
        return Measures(columns, arcs, baseline_of(columns, arcs, baseline))

    def _grouped(
        self, measures: Measures, rule: Any, number: int
    ) -> Iterator[Violation]:
        try:
            values = measures.values(rule.measure, self.units, rule.by, rule.where)
        except KeyError:
            raise InputError(f"rule {number}: moved needs a baseline") from None
        judged = np.flatnonzero(values.judged).tolist()
        if rule.by is None and values.denominator[0]:
            judged = [0]  # a total counts even where nothing is asked; no ratio does
        scale = 100 if MEASURES[rule.measure].unit == "money" else 1
        if rule.op == "within":
            found = [values.fraction(i) for i in judged]
            if found and max(found) - min(found) > rule.width * scale:
                gap = (max(found) - min(found)) / scale
                message = f"rule {number} ({rule_text(rule)}): the difference is {gap}"
                yield Violation("rule", message, rule=number)
            return
        below = units_below_alone(rule)
        own = self._alone() if below is not None else {}
        for i in judged:
            key, value = values.keys[i], values.fraction(i)
            if below is not None:
                value = value * int(values.denominator[i])
                past = measures.grouping("fill_rate", "community").past_served[i]
                value, bound = value - int(past), Fraction(own[str(key)] - below)
            else:
                bound = bound_of(self.columns, rule)
            if (value < bound) if rule.op == "at_least" else (value > bound):
                shown = key if isinstance(key, str) else " and ".join(key)
                group = f' of "{shown}"' if shown else ""
                message = (
                    f"rule {number} ({rule_text(rule)}): {rule.measure}{group} "
                    f"is {value / scale}, the bound {bound / scale}"
                )
                yield Violation("rule", message, rule=number)

    def _alone(self) -> dict[str, int]:
        columns = self.columns
        everything = arcs_module.build(columns)
        left = admitted(Measures(columns, everything), self._rules)
        return alone(columns, everything.keep(left))


def _sums(label: Ints, amount: Ints, count: int) -> Ints:
    sums = np.zeros(count, np.int64)
    known = label != NONE
    np.add.at(sums, label[known], amount[known])
    return sums


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two spans overlap; back to back is fine."""
    return one[0] < other[1] and other[0] < one[1]


def baseline_of(
    columns: Columns, arcs: Arcs, baseline: Allocation | None
) -> Baseline | None:
    """Return an earlier plan's units on the pairs in use, and those elsewhere."""
    if baseline is None:
        return None
    _, need, slot, units = _positions(columns, baseline)
    width = max(len(columns.slot_ids), 1)
    at = find(arcs.need * width + arcs.slot, need * width + slot)
    kept = np.zeros(len(arcs), np.int64)
    kept[at[at != NONE]] = units[at != NONE]
    away = at == NONE
    gone = arcs_module.pairs(columns, need[away], slot[away])
    total = baseline.units - int(kept.sum())
    return Baseline(kept, total, gone, units[away])
