"""Single changes of records or of the policy that might serve a need, least first."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.ceilings import stopping
from sharematch.analysis.explanation.edit import (
    Edit,
    labels_of,
    with_choice,
    with_labels,
    with_value,
    with_window,
    without_closed,
    without_rows,
)
from sharematch.analysis.explanation.need import Misses
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.weeks import meets
from sharematch.core.eligibility.moments import time_in
from sharematch.core.measures.measures import Measures
from sharematch.model.canonical import time_text
from sharematch.model.measures import MEASURES

__all__ = ["edits"]

Ints = NDArray[np.int64]

NEAR = 240
"""Minutes by which a window is widened; beyond that another time is added."""
MOST = 100
"""Slots of one kind of refusal that are looked at, the nearest first."""


def edits(setting: Setting, need: int, misses: Misses) -> Iterator[Edit]:
    """Yield changes by their code, the least of each first."""
    maker = _Maker(setting, need, misses)
    yield from maker.ceilings()
    yield from maker.places()
    for code in ("time", "travel", "fee", "feature", "choice", "decision"):
        yield from maker.of(code)
    for code in ("radius", "share", "group", "closed", "rule"):
        yield from maker.of(code)


class _Maker:
    def __init__(self, setting: Setting, need: int, misses: Misses) -> None:
        self.setting, self.need, self.misses = setting, need, misses
        self.columns = setting.columns

    def of(self, code: str) -> Iterator[Edit]:
        """Yield the edits for slots that nothing but one code keeps out."""
        places = self.misses.only(code)
        far = self.misses.far(code, places)
        order = np.lexsort((self.misses.slot[places], far))[:MOST]
        make = getattr(self, f"_{code}")
        is_known = far[order] < np.iinfo(np.int64).max
        needs_number = code in ("time", "travel", "fee", "radius", "share", "rule")
        chosen = order[is_known] if needs_number else order
        yield from make(places[chosen].tolist(), far[chosen].tolist())

    def _edit(
        self, slot: int, code: str, record: str, field: str, **fields: Any
    ) -> Edit:
        columns = self.columns
        names = {"need": columns.need_ids[self.need], "slot": "", "facility": ""}
        if slot != NONE:
            names["slot"] = columns.slot_ids[slot]
            names["facility"] = columns.facility_ids[columns.slot_facility[slot]]
        return Edit(
            code=code,
            need=names["need"],
            record=record,
            id=fields.pop("id", names.get(record, "")),
            field=field,
            off=fields.pop("off", None),
            slot=slot,
            slot_id=names["slot"],
            **fields,
        )

    def slots(self, rows: Sequence[int]) -> list[int]:
        return [int(self.misses.slot[i]) for i in rows]

    # ---- what the need itself asks for

    def _travel(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        before = int(self.columns.need_max_travel[self.need])
        for slot, off in zip(self.slots(rows), far, strict=True):
            yield self._edit(
                slot,
                "travel",
                "need",
                "max_travel",
                before=_length(self.columns, before),
                after=_length(self.columns, before + off),
                off=off,
                opens=(slot,),
                grows=True,
                edit=with_value("need_max_travel", self.need, before + off),
            )

    def _fee(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        before = int(self.columns.need_max_fee[self.need])
        for slot, off in zip(self.slots(rows), far, strict=True):
            yield self._edit(
                slot,
                "fee",
                "need",
                "max_fee",
                before=_money(before),
                after=_money(before + off),
                off=_money(off),
                opens=(slot,),
                grows=True,
                edit=with_value("need_max_fee", self.need, before + off),
            )

    def _time(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        columns = self.columns
        mine = np.flatnonzero(columns.window_need == self.need)
        slots = np.array(self.slots(rows), np.int64)
        start, end = columns.slot_start[slots], columns.slot_end[slots]
        for slot, off in zip(slots.tolist(), far, strict=True):
            span = int(columns.slot_start[slot]), int(columns.slot_end[slot])
            row, window = NONE, None
            early = np.maximum(columns.window_start[mine] - span[0], 0)
            late = np.maximum(span[1] - columns.window_end[mine], 0)
            # Near hours of every week stay as they are: this time is one more window.
            if off <= NEAR and (early + late).min(initial=NEAR + 1) == off:
                row = int(mine[(early + late).argmin()])
                window = int(columns.window_start[row]), int(columns.window_end[row])
                span = min(window[0], span[0]), max(window[1], span[1])
            inside = (start >= span[0]) & (end <= span[1])
            yield self._edit(
                slot,
                "time",
                "need",
                "windows",
                before=None if window is None else self._window(slot, window),
                after=self._window(slot, span),
                off=off,
                opens=tuple(slots[inside].tolist()),
                edit=with_window(self.need, row, span),
            )

    def _window(self, slot: int, span: tuple[int, int]) -> dict[str, str]:
        """Return a window as files write it, on the clock of a slot."""
        start, end = (time_text(time_in(self.columns, slot, time)) for time in span)
        return {"start": start, "end": end}

    def _feature(self, rows: list[int], _far: list[int]) -> Iterator[Edit]:
        columns, need = self.columns, self.need
        names = columns.need_requires.names
        wanted = labels_of(columns.need_requires, need)
        lacking = {i: self.misses.missing(i) for i in rows}
        for feature in dict.fromkeys(f for m in lacking.values() for f in m):
            such_places = [i for i, missing in lacking.items() if missing == (feature,)]
            if not such_places:
                continue
            slots = self.slots(such_places)
            kept_features = [i for i in wanted if names[i] != feature]
            yield self._edit(
                slots[0],
                "feature",
                "need",
                "requires",
                before=tuple(names[i] for i in wanted),
                after=tuple(names[i] for i in kept_features),
                opens=tuple(slots),
                edit=with_labels("need_requires", need, kept_features),
            )
        for i, missing in lacking.items():
            (slot,) = self.slots([i])
            facility = int(columns.slot_facility[slot])
            there = labels_of(columns.facility_features, facility)
            more = sorted({*there, *(names.index(name) for name in missing)})
            yield self._edit(
                slot,
                "feature",
                "facility",
                "features",
                before=tuple(names[i] for i in there),
                after=tuple(names[i] for i in more),
                edit=with_labels("facility_features", facility, more),
            )

    def _choice(self, rows: list[int], _far: list[int]) -> Iterator[Edit]:
        for slot in self.slots(rows):
            yield self._edit(
                slot,
                "choice",
                "need",
                "choices",
                before=None,
                after=self.columns.slot_ids[slot],
                opens=(slot,),
                edit=with_choice(self.need, slot),
            )

    def _decision(self, rows: list[int], _far: list[int]) -> Iterator[Edit]:
        columns = self.columns
        for slot in self.slots(rows):
            gone = (columns.decision_need == self.need) & (
                columns.decision_slot == slot
            )
            gone &= columns.decision_status >= STATUSES.index("declined")
            yield self._edit(
                slot,
                "decision",
                "decision",
                "status",
                id=columns.slot_ids[slot],
                before=STATUSES[int(columns.decision_status[gone][0])],
                after=None,
                opens=(slot,),
                edit=without_rows(
                    "decision", ("need", "slot", "status", "quantity", "start"), gone
                ),
            )

    # ---- what slots, facilities and the policy allow

    def _radius(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        for slot, off in zip(self.slots(rows), far, strict=True):
            before = int(self.columns.slot_radius[slot])
            yield self._edit(
                slot,
                "radius",
                "slot",
                "radius",
                before=_length(self.columns, before),
                after=_length(self.columns, before + off),
                off=off,
                edit=with_value("slot_radius", slot, before + off),
            )

    def _share(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        for slot, off in zip(self.slots(rows), far, strict=True):
            before = int(self.columns.slot_share[slot])
            yield self._edit(
                slot,
                "share",
                "slot",
                "share",
                before=before,
                after=before + off,
                off=off,
                edit=with_value("slot_share", slot, before + off),
            )

    def _group(self, rows: list[int], _far: list[int]) -> Iterator[Edit]:
        columns = self.columns
        mine = labels_of(columns.need_groups, self.need)
        names = columns.groups
        for slot in self.slots(rows):
            there = labels_of(columns.slot_groups, slot)
            # Without a group of its own the need gets in only where anyone does.
            after = sorted({*there, mine[0]}) if mine else []
            yield self._edit(
                slot,
                "group",
                "slot",
                "groups",
                before=tuple(names[i] for i in there),
                after=tuple(names[i] for i in after),
                edit=with_labels("slot_groups", slot, after),
            )

    def _closed(self, rows: list[int], _far: list[int]) -> Iterator[Edit]:
        columns = self.columns
        for slot in self.slots(rows):
            gone = columns.closed_facility == columns.slot_facility[slot]
            gone &= columns.closed_start < columns.slot_end[slot]
            gone &= columns.closed_end > columns.slot_start[slot]
            shut = columns.shut_facility == columns.slot_facility[slot]
            length = columns.slot_end[slot] - columns.slot_start[slot]
            hours = columns.shut_start, columns.shut_minutes
            shut &= meets(columns.slot_clock[slot], length, *hours)
            yield self._edit(
                slot,
                "closed",
                "facility",
                "closed",
                before=None,
                after=columns.slot_ids[slot],
                edit=without_closed(gone, shut),
            )

    def _rule(self, rows: list[int], far: list[int]) -> Iterator[Edit]:
        setting, columns = self.setting, self.columns
        measures = Measures(columns, self.misses.pairs)
        for i, off in zip(rows, far, strict=True):
            position = int(self.misses.rule[i])
            rule: Any = setting.policy.rules[position]
            value = int(measures.coefficients(rule.measure)[i])
            bound: Any = Fraction(value, MEASURES[rule.measure].scale)
            levels = ("own", *columns.levels)
            if isinstance(rule.bound, str) and value < len(levels):
                bound = levels[value]
            looser = rule.model_copy(update={"bound": bound})
            rules = [*setting.policy.rules]
            rules[position] = looser
            yield self._edit(
                int(self.misses.slot[i]),
                "rule",
                "rule",
                "bound",
                id=str(position + 1),
                before=rule.bound,
                after=bound,
                off=MEASURES[rule.measure].number(off),
                policy=setting.policy.model_copy(update={"rules": tuple(rules)}),
            )

    def ceilings(self) -> Iterator[Edit]:
        """Yield ceilings of the policy, each just so high that one more would fit."""
        policy = self.setting.policy
        for ceiling in stopping(self.setting, self.need):
            rule: Any = policy.rules[ceiling.rule - 1]
            after: Any = ceiling.used + ceiling.more
            if isinstance(rule.bound, dict):
                key = ceiling.group
                pair = tuple(key.split(" | ")) if len(rule.groups) == 2 else key
                after = {**rule.bound, pair: after}
            elif isinstance(rule.bound, str):
                continue  # a field of records, which says more than this
            rules = [*policy.rules]
            rules[ceiling.rule - 1] = rule.model_copy(update={"bound": after})
            yield self._edit(
                NONE,
                "ceiling",
                "rule",
                "bound",
                id=str(ceiling.rule),
                before=rule.bound,
                after=after,
                off=_major(ceiling.used + ceiling.more - ceiling.bound),
                policy=policy.model_copy(update={"rules": tuple(rules)}),
            )

    def places(self) -> Iterator[Edit]:
        """Yield one more place in the slots in reach, the nearest first."""
        setting, columns = self.setting, self.columns
        need_arcs = np.flatnonzero(setting.arcs.need == self.need)
        need_arcs = need_arcs[
            np.lexsort((setting.arcs.slot[need_arcs], setting.arcs.distance[need_arcs]))
        ]
        fields = (
            ("capacity", "slot", "slot_capacity", 1),
            ("reserve", "slot", "slot_reserve", -1),
            ("max_units", "facility", "facility_max_units", 1),
        )
        for field, record, column, step in fields:
            for arc in need_arcs.tolist():
                limit = setting.limit(arc)
                same = limit == field or (limit, field) == ("reserve", "capacity")
                if not same:
                    continue
                slot = int(setting.arcs.slot[arc])
                place = slot if record == "slot" else int(columns.slot_facility[slot])
                before = int(getattr(columns, column)[place])
                yield self._edit(
                    slot,
                    field,
                    record,
                    field,
                    before=before,
                    after=before + step,
                    off=1,
                    edit=with_value(column, place, before + step),
                )


def _major(value: Fraction) -> Any:
    """Return an amount as facts have it: a whole number, a ratio or money."""
    return int(value) if value.denominator == 1 else value


def _money(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def _length(columns: Columns, value: int) -> str:
    """Return metres or seconds as records say them, in km or minutes."""
    scale = Decimal(1000 if columns.unit == "km" else 60)
    return format(round(Decimal(value) / scale, 9).normalize(), "f")
