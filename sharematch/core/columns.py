"""Columns: an instance as read-only arrays, records in the order of their ids.

The only place where ids become positions and positions ids. Lengths are whole metres
or seconds, money is minor units, times are minutes, dates are day numbers.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "NONE",
    "Columns",
    "Given",
    "Labels",
    "encode",
    "encode_decisions",
    "minutes_of",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1
"""Stands in integer columns for what a record does not say; never a real value."""

SECTORS = ("public", "host", "volunteer", "market")
STATUSES = ("pinned", "accepted", "declined", "forbidden")


@dataclass(frozen=True, slots=True)
class Labels:
    """Which labels each row bears: row i has `indices[indptr[i]:indptr[i + 1]]`."""

    names: tuple[str, ...]
    indptr: Ints
    indices: Ints

    @property
    def rows(self) -> Ints:
        """The row of each entry of `indices`."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def counts(self) -> Ints:
        """How many labels each row bears."""
        return np.diff(self.indptr)

    def bears(self, wanted: Callable[[str], bool]) -> Bools:
        """Return the rows that bear at least one label for which `wanted` is true."""
        good = np.array([wanted(name) for name in self.names], bool)
        mask = np.zeros(len(self.indptr) - 1, bool)
        if len(good):
            mask[self.rows[good[self.indices]]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Given:
    """Pairs that are given, not derived from records, with what a unit on each counts.

    Sorted by need and slot; `wait` and `lateness` are days.
    """

    need: Ints
    slot: Ints
    travel: Ints
    tier: Ints
    rank: Ints
    cost: Ints
    units: Ints
    wait: Ints
    lateness: Ints


@dataclass(frozen=True)
class Columns:
    """An instance as arrays; positions are ranks among the sorted ids of a type."""

    name: str
    area_ids: tuple[str, ...]
    area_parent: Ints
    area_level: Ints
    levels: tuple[str, ...]
    """Level names from the lowest up."""

    community_ids: tuple[str, ...]
    community_area: Ints
    community_ancestors: Ints
    """(levels, communities): the area of each level a community lies in, or NONE."""
    community_xy: Floats
    community_population: Ints
    community_entitlement: tuple[Fraction | None, ...]
    community_tags: Labels
    community_past_served: Ints
    community_past_demand: Ints

    provider_ids: tuple[str, ...]
    provider_sector: Ints
    """Positions in SECTORS."""
    provider_community: Ints

    facility_ids: tuple[str, ...]
    facility_community: Ints
    facility_provider: Ints
    facility_xy: Floats
    facility_features: Labels
    facility_max_units: Ints
    facility_opening_cost: Ints
    closed_facility: Ints
    closed_start: Ints
    closed_end: Ints

    slot_ids: tuple[str, ...]
    slot_facility: Ints
    slot_kinds: Labels
    """Over `kinds`."""
    slot_capacity: Ints
    slot_is_timed: Bools
    slot_start: Ints
    slot_end: Ints
    slot_date: Ints
    """Day number of the start as written, NONE if untimed."""
    slot_reserve: Ints
    slot_fee: Ints
    slot_staff_fee: Ints
    slot_unit_cost: Ints
    slot_opening_cost: Ints
    slot_min_units: Ints
    slot_either: Ints
    slot_share: Ints
    """The widest tier a slot is open to, the facility's taken into account."""
    slot_groups: Labels
    """Over `groups`."""
    slot_radius: Ints

    need_ids: tuple[str, ...]
    need_community: Ints
    need_kind: Ints
    need_quantity: Ints
    need_groups: Labels
    """Over `groups`."""
    need_weight: Ints
    need_xy: Floats
    window_need: Ints
    window_start: Ints
    window_end: Ints
    need_max_travel: Ints
    need_max_fee: Ints
    need_requires: Labels
    """Over the names of `facility_features`."""
    choice_need: Ints
    choice_slot: Ints
    """The chosen slot, or NONE where a facility is chosen."""
    choice_facility: Ints
    choice_rank: Ints
    need_since: Ints
    need_due: Ints
    need_min_quantity: Ints
    need_whole: Bools
    need_sessions: Ints
    need_every: Ints
    need_person: Ints
    need_together: Ints

    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    person_ids: tuple[str, ...]
    together_ids: tuple[str, ...]
    either_ids: tuple[str, ...]
    person_past_served: Ints
    person_past_demand: Ints

    pair_need: Ints
    pair_slot: Ints
    pair_cost: Ints
    pair_units: Ints

    link_source: Ints
    """Communities first, then facilities."""
    link_target: Ints
    link_travel: Ints
    link_two_way: Bools

    decision_need: Ints
    decision_slot: Ints
    decision_status: Ints
    """Positions in STATUSES."""
    decision_quantity: Ints

    unit: str
    metric: str
    detour: float
    speed: float | None
    currency: str

    given: Given | None = None
    """The pairs of a published instance, whose records do not tell them."""

    @cached_property
    def need_demand(self) -> Ints:
        """Units each need asks for: its quantity times its sessions."""
        return self.need_quantity * self.need_sessions

    @cached_property
    def position(self) -> dict[str, dict[str, int]]:
        """Positions by id, for each type of record that has ids."""
        return {
            name: {id_: i for i, id_ in enumerate(getattr(self, f"{name}_ids"))}
            for name in ("area", "community", "provider", "facility", "slot", "need")
        }

    @cached_property
    def digest(self) -> str:
        """The content as "sha256:…": equal for equal instances in any order.

        SHA-256 over the fields in the order of this class: each its name, then JSON
        for texts and numbers or little-endian bytes for arrays.
        """
        content = sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "given" and value is None:
                continue
            parts = (
                tuple(getattr(value, part.name) for part in fields(value))
                if isinstance(value, Labels | Given)
                else (value,)
            )
            content.update(f"{field.name}\0".encode())
            for part in parts:
                if isinstance(part, np.ndarray):
                    content.update(f"{part.shape}\0".encode())
                    content.update(part.astype(part.dtype.newbyteorder("<")).tobytes())
                else:
                    content.update(json.dumps(part, default=str).encode())
        return f"sha256:{content.hexdigest()}"

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields: what was computed from them does not travel."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for value in state.values():
            arrays = (
                tuple(getattr(value, part.name) for part in fields(value))
                if isinstance(value, Labels | Given)
                else (value,)
            )
            for array in arrays:
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)

    def tier(self, one: Ints, other: Ints) -> Ints:
        """Return the tier between communities, NONE where they share nothing."""
        same = one == other
        if not self.area_ids:
            return np.where(same, 0, 1)
        tier = np.full(len(one), NONE, np.int64)
        for height in reversed(range(len(self.levels))):
            area = self.community_ancestors[height]
            meets = (area[one] == area[other]) & (area[one] != NONE)
            tier[meets] = height + 1
        tier[same] = 0
        return tier

    def tier_number(self, name: str) -> int | None:
        """Return the tier that `name` means here: "own" or a level; else None."""
        names = ("own", *self.levels)
        return names.index(name) if name in names else None


class _Instance(Protocol):
    """What `encode` reads; the records of `sharematch.model`."""

    @property
    def travel(self) -> Any: ...
    @property
    def currency(self) -> str: ...
    @property
    def name(self) -> str: ...


class _Rows(Protocol):
    """The records of one collection: a frame of `sharematch.model`, or `_Records`."""

    @property
    def count(self) -> int: ...
    @property
    def points(self) -> Floats | None: ...
    def field(self, name: str) -> tuple[Sequence[Any], Ints | None]: ...
    def ordered(self, order: Any) -> "_Rows": ...


@dataclass(frozen=True, slots=True)
class _Records:
    """Records as rows, every value by itself."""

    records: Sequence[Any]

    @property
    def count(self) -> int:
        return len(self.records)

    @property
    def points(self) -> Floats:
        nowhere = (np.nan, np.nan)
        flat = [r.location if r.location is not None else nowhere for r in self.records]
        return np.array(flat, np.float64).reshape(len(flat), 2)

    def field(self, name: str) -> tuple[Sequence[Any], None]:
        return [*map(attrgetter(name), self.records)], None

    def ordered(self, order: Any) -> "_Records":
        return _Records([self.records[i] for i in order])


_COLLECTIONS = (
    "areas",
    "communities",
    "providers",
    "facilities",
    "slots",
    "needs",
    "pairs",
    "links",
    "past",
    "decisions",
)


def encode(instance: _Instance | Columns) -> Columns:
    """Return the columns of `instance`; equal instances in any order give equal ones.

    Columns are returned as they are.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(communities=[sm.Community(id="b"), sm.Community(id="a")])
    >>> encode(town).community_ids
    ('a', 'b')
    """
    if isinstance(instance, Columns):
        return instance
    kept = vars(instance).get("_columns")
    if isinstance(kept, Columns):
        return kept
    frames = vars(instance).get("_frames")
    rows: dict[str, _Rows] = frames or {
        name: _Records(getattr(instance, name)) for name in _COLLECTIONS
    }
    areas, communities = _by_id(rows["areas"]), _by_id(rows["communities"])
    providers, facilities = _by_id(rows["providers"]), _by_id(rows["facilities"])
    slots, needs = _by_id(rows["slots"]), _by_id(rows["needs"])
    area_at, community_at = _positions(areas), _positions(communities)
    provider_at, facility_at = _positions(providers), _positions(facilities)
    slot_at, need_at = _positions(slots), _positions(needs)
    length = _length_reader(instance.travel.unit)
    minor = _Known(_minor).__getitem__
    either_at = _numbered(_values(slots, "either"))
    together_at = _numbered(_values(needs, "together"))
    past = rows["past"]
    person_at = _numbered([*_values(needs, "person"), *_values(past, "person")])
    kinds = sorted({*_values(needs, "kind"), *_members(slots, "kinds")})
    groups = sorted({*_members(needs, "groups"), *_members(slots, "groups")})
    features = sorted({*_members(facilities, "features"), *_members(needs, "requires")})
    kind_at = {kind: i for i, kind in enumerate(kinds)}

    levels = _levels(areas)
    names = {"own": 0, **{level: i + 1 for i, level in enumerate(levels)}}

    def tier(share: Any) -> int:
        found: Any = names.get(share, share)
        return int(found)

    facility_share = _numbers(facilities, "share", tier)
    widest = len(levels) if areas.count else 1
    facility_share = np.where(facility_share == NONE, widest, facility_share)
    slot_facility = _numbers(slots, "facility", facility_at.__getitem__)
    slot_share = _numbers(slots, "share", tier)
    area_parent = _numbers(areas, "parent", area_at.__getitem__)
    community_area = _numbers(communities, "area", area_at.__getitem__)
    entitlement, entitled = communities.field("entitlement")
    entitlements = [None if x is None else Fraction(x) for x in entitlement]
    which = range(communities.count) if entitled is None else entitled.tolist()
    closed, windows = _spans(facilities, "closed"), _spans(needs, "windows")
    start, is_timed = slots.field("start"), _given(slots, "start")
    choices = _choices(needs, slot_at, facility_at)
    nodes = community_at | {k: i + communities.count for k, i in facility_at.items()}
    pairs = _sorted(
        _numbers(rows["pairs"], "need", need_at.__getitem__),
        _numbers(rows["pairs"], "slot", slot_at.__getitem__),
        _numbers(rows["pairs"], "cost", minor),
        _numbers(rows["pairs"], "units"),
    )
    links = _sorted(
        _numbers(rows["links"], "source", nodes.__getitem__),
        _numbers(rows["links"], "target", nodes.__getitem__),
        _numbers(rows["links"], "travel", length),
        _numbers(rows["links"], "two_way"),
    )
    decisions = _sorted(
        _numbers(rows["decisions"], "need", need_at.__getitem__),
        _numbers(rows["decisions"], "slot", slot_at.__getitem__),
        _numbers(rows["decisions"], "status", STATUSES.index),
        _numbers(rows["decisions"], "quantity"),
    )
    columns = Columns(
        name=instance.name,
        area_ids=tuple(area_at),
        area_parent=area_parent,
        area_level=_numbers(areas, "level", levels.index),
        levels=tuple(levels),
        community_ids=tuple(community_at),
        community_area=community_area,
        community_ancestors=_ancestors(community_area, area_parent, len(levels)),
        community_xy=_points(communities),
        community_population=_numbers(communities, "population"),
        community_entitlement=tuple(entitlements[i] for i in which),
        community_tags=_labels(communities, "tags"),
        community_past_served=_past(past, "community", "served", community_at),
        community_past_demand=_past(past, "community", "demand", community_at),
        provider_ids=tuple(provider_at),
        provider_sector=_numbers(providers, "sector", SECTORS.index),
        provider_community=_numbers(providers, "community", community_at.__getitem__),
        facility_ids=tuple(facility_at),
        facility_community=_numbers(facilities, "community", community_at.__getitem__),
        facility_provider=_numbers(facilities, "provider", provider_at.__getitem__),
        facility_xy=_points(facilities),
        facility_features=_labels(facilities, "features", features),
        facility_max_units=_numbers(facilities, "max_units"),
        facility_opening_cost=_numbers(facilities, "opening_cost", minor),
        closed_facility=closed[0],
        closed_start=closed[1],
        closed_end=closed[2],
        slot_ids=tuple(slot_at),
        slot_facility=slot_facility,
        slot_kinds=_labels(slots, "kinds", kinds),
        slot_capacity=_numbers(slots, "capacity"),
        slot_is_timed=is_timed,
        slot_start=_frozen(np.where(is_timed, _taken(start, minutes_of), 0)),
        slot_end=_frozen(np.where(is_timed, _numbers(slots, "end", minutes_of), 0)),
        slot_date=_taken(start, date.toordinal),
        slot_reserve=_numbers(slots, "reserve"),
        slot_fee=_numbers(slots, "fee", minor),
        slot_staff_fee=_numbers(slots, "staff_fee", minor),
        slot_unit_cost=_numbers(slots, "unit_cost", minor),
        slot_opening_cost=_numbers(slots, "opening_cost", minor),
        slot_min_units=_numbers(slots, "min_units"),
        slot_either=_numbers(slots, "either", either_at.__getitem__),
        slot_share=_frozen(
            np.where(slot_share == NONE, facility_share[slot_facility], slot_share)
        ),
        slot_groups=_labels(slots, "groups", groups),
        slot_radius=_numbers(slots, "radius", length),
        need_ids=tuple(need_at),
        need_community=_numbers(needs, "community", community_at.__getitem__),
        need_kind=_numbers(needs, "kind", kind_at.__getitem__),
        need_quantity=_numbers(needs, "quantity"),
        need_groups=_labels(needs, "groups", groups),
        need_weight=_numbers(needs, "weight"),
        need_xy=_points(needs),
        window_need=windows[0],
        window_start=windows[1],
        window_end=windows[2],
        need_max_travel=_numbers(needs, "max_travel", length),
        need_max_fee=_numbers(needs, "max_fee", minor),
        need_requires=_labels(needs, "requires", features),
        choice_need=choices[0],
        choice_slot=choices[1],
        choice_facility=choices[2],
        choice_rank=choices[3],
        need_since=_numbers(needs, "since", date.toordinal),
        need_due=_numbers(needs, "due", date.toordinal),
        need_min_quantity=_numbers(needs, "min_quantity"),
        need_whole=_frozen(_numbers(needs, "whole").astype(bool)),
        need_sessions=_numbers(needs, "sessions"),
        need_every=_numbers(needs, "every"),
        need_person=_numbers(needs, "person", person_at.__getitem__),
        need_together=_numbers(needs, "together", together_at.__getitem__),
        kinds=tuple(kinds),
        groups=tuple(groups),
        person_ids=tuple(person_at),
        together_ids=tuple(together_at),
        either_ids=tuple(either_at),
        person_past_served=_past(past, "person", "served", person_at),
        person_past_demand=_past(past, "person", "demand", person_at),
        pair_need=pairs[0],
        pair_slot=pairs[1],
        pair_cost=pairs[2],
        pair_units=pairs[3],
        link_source=links[0],
        link_target=links[1],
        link_travel=links[2],
        link_two_way=_frozen(links[3].astype(bool)),
        decision_need=decisions[0],
        decision_slot=decisions[1],
        decision_status=decisions[2],
        decision_quantity=decisions[3],
        unit=instance.travel.unit,
        metric=instance.travel.metric,
        detour=float(instance.travel.detour),
        speed=None if instance.travel.speed is None else float(instance.travel.speed),
        currency=instance.currency,
    )
    # Kept like a cached property: instances never change, and equality ignores it.
    vars(instance)["_columns"] = columns
    return columns


def encode_decisions(instance: Any, other: Columns) -> Columns:
    """Return the columns of an instance of which only decisions differ from another's.

    The same as from `encode`, without looking at any other record again.
    """
    rows, at = _Records(instance.decisions), other.position
    decisions = _sorted(
        _numbers(rows, "need", at["need"].__getitem__),
        _numbers(rows, "slot", at["slot"].__getitem__),
        _numbers(rows, "status", STATUSES.index),
        _numbers(rows, "quantity"),
    )
    columns = replace(
        other,
        decision_need=decisions[0],
        decision_slot=decisions[1],
        decision_status=decisions[2],
        decision_quantity=decisions[3],
    )
    vars(instance)["_columns"] = columns
    return columns


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()


def minutes_of(time: datetime) -> int:
    """Return minutes since 1970, of the zone's instant or of the naive clock."""
    if time.tzinfo is None:
        return (time.toordinal() - _FIRST_DAY) * 1440 + time.hour * 60 + time.minute
    gap = time - _EPOCH
    return gap.days * 1440 + gap.seconds // 60


class _Known(dict[Any, int]):
    """What a function returns, asked once for each different value."""

    def __init__(self, read: Callable[[Any], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Any) -> int:
        found = self[value] = self._read(value)
        return found


def _length_reader(unit: str) -> Callable[[Decimal], int]:
    factor, half = 1000 if unit == "km" else 60, Decimal("0.5")
    return _Known(lambda value: int((value * factor + half) // 1)).__getitem__


def _minor(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _by_id(rows: _Rows) -> _Rows:
    ids = _in_rows(rows, "id")
    return rows.ordered(np.array(sorted(range(len(ids)), key=ids.__getitem__), int))


def _positions(rows: _Rows) -> dict[str, int]:
    return {id_: i for i, id_ in enumerate(_in_rows(rows, "id"))}


def _in_rows(rows: _Rows, name: str) -> list[Any]:
    """Return the value of each row."""
    values, code = rows.field(name)
    return [*values] if code is None else [values[i] for i in code.tolist()]


def _values(rows: _Rows, name: str) -> set[Any]:
    """Return the different values of a field, None left out."""
    return {*rows.field(name)[0]} - {None}


def _members(rows: _Rows, name: str) -> set[str]:
    """Return the different labels in the sets of a field."""
    return {*chain.from_iterable(_values(rows, name))}


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names)))}


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _ints(values: Iterable[int], count: int) -> Ints:
    return _frozen(np.fromiter(values, np.int64, count))


def _numbers(rows: _Rows, name: str, read: Callable[[Any], int] = int) -> Ints:
    """Return a field of all rows as read, NONE where it is None."""
    return _taken(rows.field(name), read)


def _taken(
    field: tuple[Sequence[Any], Ints | None], read: Callable[[Any], int]
) -> Ints:
    values, code = field
    if None not in values:
        each = _ints(values if read is int else map(read, values), len(values))
    elif all(value is None for value in values):
        each = _frozen(np.full(len(values), NONE, np.int64))
    else:
        each = _ints((NONE if v is None else read(v) for v in values), len(values))
    return each if code is None else _frozen(each[code])


def _given(rows: _Rows, name: str) -> Bools:
    values, code = rows.field(name)
    given = np.array([value is not None for value in values], bool)
    return _frozen(given if code is None else given[code])


def _sorted(*columns: Ints) -> tuple[Ints, ...]:
    """Return columns in the order of the first, then of the second and so on."""
    order = np.lexsort(columns[::-1])
    return tuple(_frozen(column[order]) for column in columns)


def _spread(
    items: Sequence[Sequence[Any]], code: Ints | None
) -> tuple[list[Any], Ints, Ints]:
    """Return items in one list, and which row holds which of them."""
    count = np.fromiter(map(len, items), np.int64, len(items))
    flat = [*chain.from_iterable(items)]
    begin = np.cumsum(count) - count
    code = np.arange(len(items)) if code is None else code
    held = count[code]
    row = np.repeat(np.arange(len(code)), held)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(held) - held, held)
    return flat, row, begin[code][row] + rank


def _spans(rows: _Rows, name: str) -> tuple[Ints, ...]:
    """Return row, start and end of all windows, in this order."""
    values, code = rows.field(name)
    flat, row, which = _spread([value or () for value in values], code)
    start = _minutes([*map(attrgetter("start"), flat)])
    end = _minutes([*map(attrgetter("end"), flat)])
    return _sorted(row, start[which], end[which])


def _minutes(times: Sequence[datetime]) -> Ints:
    # Equal times of a zone can be two instants; those of the naive clock are one.
    naive = all(time.tzinfo is None for time in times)
    read = _Known(minutes_of).__getitem__ if naive else minutes_of
    return _ints(map(read, times), len(times))


def _choices(
    needs: _Rows, slot_at: dict[str, int], facility_at: dict[str, int]
) -> tuple[Ints, ...]:
    """Return need, slot or NONE, facility or NONE, and rank of all choices."""
    values, code = needs.field("choices")
    ranked = [[*enumerate(value)] for value in values]
    flat, row, which = _spread(ranked, code)
    rank = _ints((rank for rank, _ in flat), len(flat))
    slot = _ints((slot_at.get(id_, NONE) for _, id_ in flat), len(flat))
    facility = _ints(
        (NONE if id_ in slot_at else facility_at[id_] for _, id_ in flat), len(flat)
    )
    taken = (rank[which], slot[which], facility[which])
    return _frozen(row), _frozen(taken[1]), _frozen(taken[2]), _frozen(taken[0])


def _past(past: _Rows, owner: str, name: str, at: dict[str, int]) -> Ints:
    """Return a number of earlier rounds for each community or person, 0 if none."""
    total = np.zeros(len(at), np.int64)
    place = _numbers(past, owner, at.__getitem__)
    some = place != NONE
    total[place[some]] = _numbers(past, name)[some]
    return _frozen(total)


def _points(rows: _Rows) -> Floats:
    """Return (n, 2) coordinates, NaN where a record has no location."""
    points = rows.points
    assert points is not None
    return _frozen(points.copy())


def _labels(rows: _Rows, name: str, names: Sequence[str] | None = None) -> Labels:
    values, code = rows.field(name)
    if names is None:
        names = sorted(_members(rows, name))
    at: dict[Hashable, int] = {name: i for i, name in enumerate(names)}
    known: dict[frozenset[str], list[int]] = {}
    for labels in values:
        if labels not in known:
            known[labels] = sorted(at[name] for name in labels)
    flat, row, which = _spread([*map(known.__getitem__, values)], code)
    indptr = np.zeros(rows.count + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows.count), out=indptr[1:])
    indices = _ints(flat, len(flat))[which]
    return Labels(tuple(names), _frozen(indptr), _frozen(indices))


def _levels(areas: _Rows) -> list[str]:
    """Return level names from the lowest up; the instance has checked they stack."""
    ids, level, parent = (_in_rows(areas, name) for name in ("id", "level", "parent"))
    level_of = dict(zip(ids, level, strict=True))
    above = {
        level_of[id_]: level_of[up]
        for id_, up in zip(ids, parent, strict=True)
        if up is not None
    }
    lowest = set(level_of.values()) - set(above.values())
    levels = sorted(lowest)
    while levels and levels[-1] in above:
        levels.append(above[levels[-1]])
    return levels


def _ancestors(community_area: Ints, area_parent: Ints, heights: int) -> Ints:
    ancestors = np.full((heights, len(community_area)), NONE, np.int64)
    area = community_area
    for height in range(heights):
        ancestors[height] = area
        if len(area_parent):
            area = np.where(area == NONE, NONE, area_parent[area])
    return _frozen(ancestors)
