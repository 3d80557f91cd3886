"""Groups and filters: which needs, slots and units a measure is taken over."""

from itertools import product
from typing import Any

from tests.oracles.places import Places
from tests.oracles.vocabulary import (
    ARC_MEASURES,
    NEED_KEYS,
    NEED_MEASURES,
    SLOT_KEYS,
    SLOT_MEASURES,
    By,
    Group,
    Pair,
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

    def values(self, side: str, key: str, record: Any) -> tuple[str, ...]:
        """Return the groups by one key that a need or a slot is in."""
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
            day = None if record.start is None else record.start.date()
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
            }[key]
        return tuple(str(value) for value in found if value is not None)

    def matches(
        self, name: str, where: Where, *, need: Any = None, slot: Any = None
    ) -> bool:
        """Say whether a need, a slot or both pass a filter; None passes."""
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
            else:
                passes = bool(set(self.values(side, key, record)) & set(allowed))
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
        return int(need.quantity * need.sessions)


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
        self.slots = {
            s.id: s for s in case.slots.values() if case.matches(name, where, slot=s)
        }
        self.sides = tuple(case.side(name, key) for key in self.keys)
        wanted = {} if name == "lent" else where or {}
        self.named = {key: values_of(wanted[key]) for key in self.keys if key in wanted}
        self.demand: dict[Group, int] = {}
        self.capacity: dict[Group, int] = {}
        self._of: dict[Pair, set[Group]] = {}
        needs: list[Any] = list(self.needs.values()) if "need" in self.sides else [None]
        slots: list[Any] = list(self.slots.values()) if "slot" in self.sides else [None]
        for need, slot in product(needs, slots) if self.keys else ():
            for group in self._names(need, slot):
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

    def _names(self, need: Any, slot: Any) -> set[Group]:
        parts = [
            [
                value
                for value in self.case.values(
                    side, key, need if side == "need" else slot
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

    def of(self, need: Any, slot: Any) -> set[Group]:
        """Return the groups that a unit of a pair counts for."""
        key = (need.id, slot.id)
        if key not in self._of:
            self._of[key] = self._names(need, slot)
        return self._of[key]

    def check_sides(self, name: str) -> None:
        """Refuse a measure of one side by groups of the other."""
        if name in NEED_MEASURES and "slot" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name in SLOT_MEASURES and "need" in self.sides:
            raise ValueError(f"{name} is not measured by {self.keys}")
        if name not in (*NEED_MEASURES, *SLOT_MEASURES, *ARC_MEASURES, "served"):
            raise ValueError(f"no measure is called {name}")
