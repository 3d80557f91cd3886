"""Groups and filters: which needs, slots and units a measure is taken over."""

from datetime import timedelta
from itertools import product
from typing import Any

from tests.oracles.moments import WEEKDAYS, Span, cells, holds
from tests.oracles.places import Places
from tests.oracles.vocabulary import (
    ARC_MEASURES,
    NEED_KEYS,
    NEED_MEASURES,
    SLOT_KEYS,
    SLOT_MEASURES,
    By,
    Flow,
    Group,
    Where,
    kind_within,
    values_of,
)


class Groups(Places):
    """What a need or a slot belongs to."""

    def __init__(self, instance: Any) -> None:
        super().__init__(instance)
        self._groups: dict[Any, Selection] = {}

    def side(self, name: str, key: str) -> str:
        """Return "need" or "slot": whose property `key` is under a measure."""
        hosts = name in SLOT_MEASURES or name == "lent"
        if key in ("community", "area") and hosts:
            return "slot"
        if key in NEED_KEYS or key == "tags":
            return "need"
        if key in SLOT_KEYS:
            return "slot"
        raise ValueError(f"no group is called {key}")

    def span(self, need: Any, slot: Any, start: Any = None) -> Span | None:
        """Return when a booking or a stay in a plain slot is, None: untimed."""
        if slot.start is None:
            return None
        if start is None or slot.step is None:
            return Span(slot.start, slot.end)
        length = slot.step if need.minutes is None else need.minutes
        return Span(start, start + timedelta(minutes=int(length)))

    def values(
        self, side: str, key: str, record: Any, span: Span | None = None
    ) -> tuple[str, ...]:
        """Return the groups by one key that a need or a slot is in.

        What is dated goes by the start of a span, if one is given.
        """
        if side == "need":
            found = {
                "community": [record.community],
                "area": [self.communities[record.community].area],
                "kind": [record.kind],
                "need": [record.id],
                "person": [record.person],
                "group": sorted(record.groups),
            }[key]
        else:
            facility = self.facilities[record.facility]
            provider = self.providers.get(facility.provider)
            start = record.start if span is None else span.start
            day = None if start is None else start.date()
            week = None if day is None else day.isocalendar()
            found = {
                "community": [facility.community],
                "area": [self.communities[facility.community].area],
                "slot": [record.id],
                "facility": [facility.id],
                "provider": [facility.provider],
                "sector": [None if provider is None else provider.sector],
                "day": [None if day is None else day.isoformat()],
                "week": [None if week is None else f"{week[0]}-W{week[1]:02d}"],
                "month": [None if day is None else f"{day.year:04d}-{day.month:02d}"],
                "weekday": [None if day is None else WEEKDAYS[day.weekday()]],
            }[key]
        return tuple(str(value) for value in found if value is not None)

    def matches(
        self,
        name: str,
        where: Where,
        *,
        need: Any = None,
        slot: Any = None,
        span: Span | None = None,
    ) -> bool:
        """Say whether a need, a slot or both pass a filter; None passes.

        What is dated goes by a span of the slot, if one is given.
        """
        for key, wanted in (where or {}).items():
            side = self.side(name, key)
            record = need if side == "need" else slot
            if record is None:
                continue
            allowed = values_of(wanted)
            home = record.community if side == "need" else self.host(record)
            if key == "tags":
                passes = bool(set(self.communities[home].tags) & set(allowed))
            elif key == "area":
                passes = bool(set(self.ancestors(home)) & set(allowed))
            elif key == "kind":
                passes = any(kind_within(need.kind, wider) for wider in allowed)
            elif key == "time":
                when = self.span(None, record) if span is None else span
                passes = when is not None and any(holds(w, when) for w in allowed)
            else:
                found = self.values(side, key, record, span)
                passes = bool(set(found) & set(allowed))
            if not passes:
                return False
        return True

    def selection(self, name: str, by: By, where: Where) -> "Selection":
        """Return what a measure by groups under a filter is taken over."""
        hosts = name in SLOT_MEASURES or name == "lent"
        texts = {key: values_of(value) for key, value in (where or {}).items()}
        key = (hosts, by, tuple(sorted(texts.items())))
        if key not in self._groups:
            self._groups[key] = Selection(self, name, by, where)
        return self._groups[key]

    def demand(self, need: Any) -> int:
        """Return the units that a need asks for."""
        return int(need.quantity * need.times * need.sessions)


class Selection:
    """Needs, slots and groups that a measure is taken over."""

    def __init__(self, case: Groups, name: str, by: By, where: Where) -> None:
        self.case = case
        self.name = name
        self.keys = () if by is None else (by,) if isinstance(by, str) else by
        self.pair = isinstance(by, tuple)
        self.needs = {
            n.id: n for n in case.needs.values() if case.matches(name, where, need=n)
        }
        self.where = where
        self.cells = [
            (slot, span)
            for slot in case.slots.values()
            for span in cells(slot)
            if case.matches(name, where, slot=slot, span=span)
        ]
        self.slots = {slot.id: slot for slot, _ in self.cells}
        self.sides = tuple(case.side(name, key) for key in self.keys)
        wanted = {} if name == "lent" else where or {}
        self.named = {key: values_of(wanted[key]) for key in self.keys if key in wanted}
        self.demand: dict[Group, int] = {}
        self.capacity: dict[Group, int] = {}
        self._of: dict[Any, set[Group]] = {}
        needs: list[Any] = list(self.needs.values()) if "need" in self.sides else [None]
        places: list[Any] = self.cells if "slot" in self.sides else [(None, None)]
        for need, (slot, span) in product(needs, places) if self.keys else ():
            for group in self._names(need, slot, span):
                asked = 0 if need is None else case.demand(need)
                room = 0 if slot is None else slot.capacity
                self.demand[group] = self.demand.get(group, 0) + asked
                self.capacity[group] = self.capacity.get(group, 0) + room
        self.groups = sorted(self.demand)
        self.judged = [
            group
            for group in self.groups
            if ("need" not in self.sides or self.demand[group] > 0)
            and ("slot" not in self.sides or self.capacity[group] > 0)
        ]

    def _names(self, need: Any, slot: Any, span: Span | None) -> set[Group]:
        parts = [
            [
                value
                for value in self.case.values(
                    side, key, need if side == "need" else slot, span
                )
                if key not in self.named or self._is_named(key, value)
            ]
            for side, key in zip(self.sides, self.keys, strict=True)
        ]
        names = set(product(*parts))
        return set(names) if self.pair else {name[0] for name in names}

    def _is_named(self, key: str, value: str) -> bool:
        """Say whether a filter on the key that groups are made by names a group."""
        if key == "kind":
            return any(kind_within(value, wider) for wider in self.named[key])
        names = {value}
        if key == "area":
            above: str | None = value
            while above is not None:
                names.add(above)
                above = self.case.areas[above].parent
        return bool(names & set(self.named[key]))

    def of(self, need: Any, slot: Any, span: Span | None = None) -> set[Group]:
        """Return the groups that a unit of a need in a slot counts for."""
        key = (need.id, slot.id, span)
        if key not in self._of:
            self._of[key] = self._names(need, slot, span)
        return self._of[key]

    def admits(self, flow: Flow) -> bool:
        """Say whether units pass the filter."""
        if flow.need.id not in self.needs:
            return False
        return self.case.matches(self.name, self.where, slot=flow.slot, span=flow.span)

    def asked(self, group: Group | None) -> list[Any]:
        """Return the needs under the filter that are in a group; None: all."""
        if group is None:
            return list(self.needs.values())
        parts = group if isinstance(group, tuple) else (group,)
        return [
            need
            for need in self.needs.values()
            if all(
                part in self.case.values("need", key, need)
                for part, key, side in zip(parts, self.keys, self.sides, strict=True)
                if side == "need"
            )
        ]

    def capacity_of_all(self) -> int:
        """Return the capacity under the filter."""
        return sum(slot.capacity for slot, _ in self.cells)

    def check_sides(self, name: str) -> None:
        """Refuse a measure of one side by groups of the other."""
        if name in NEED_MEASURES and "slot" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name in SLOT_MEASURES and "need" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name not in (*NEED_MEASURES, *SLOT_MEASURES, *ARC_MEASURES, "served"):
            raise ValueError(f"no measure is called {name}")
