"""Columns: an instance as read-only arrays, records in the order of their ids.

The only place where ids become positions and positions ids. Lengths are whole metres
or seconds, money is minor units, times are minutes, dates are day numbers.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
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

__all__ = ["NONE", "Columns", "Labels", "encode", "minutes_of"]

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
            parts = (
                (value.names, value.indptr, value.indices)
                if isinstance(value, Labels)
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
    def areas(self) -> Sequence[Any]: ...
    @property
    def communities(self) -> Sequence[Any]: ...
    @property
    def providers(self) -> Sequence[Any]: ...
    @property
    def facilities(self) -> Sequence[Any]: ...
    @property
    def slots(self) -> Sequence[Any]: ...
    @property
    def needs(self) -> Sequence[Any]: ...
    @property
    def pairs(self) -> Sequence[Any]: ...
    @property
    def links(self) -> Sequence[Any]: ...
    @property
    def past(self) -> Sequence[Any]: ...
    @property
    def decisions(self) -> Sequence[Any]: ...
    @property
    def travel(self) -> Any: ...
    @property
    def currency(self) -> str: ...
    @property
    def name(self) -> str: ...


def encode(instance: _Instance) -> Columns:
    """Return the columns of `instance`; equal instances in any order give equal ones.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(communities=[sm.Community(id="b"), sm.Community(id="a")])
    >>> encode(town).community_ids
    ('a', 'b')
    """
    kept = vars(instance).get("_columns")
    if isinstance(kept, Columns):
        return kept
    areas, communities = _by_id(instance.areas), _by_id(instance.communities)
    providers, facilities = _by_id(instance.providers), _by_id(instance.facilities)
    slots, needs = _by_id(instance.slots), _by_id(instance.needs)
    area_at, community_at = _positions(areas), _positions(communities)
    provider_at, facility_at = _positions(providers), _positions(facilities)
    slot_at, need_at = _positions(slots), _positions(needs)
    length = _length_reader(instance.travel.unit)
    minor = _Known(_minor).__getitem__

    levels = _levels(areas)
    area_parent = _ints((area_at.get(a.parent, NONE) for a in areas), len(areas))
    area_level = _ints((levels.index(a.level) for a in areas), len(areas))
    community_area = _ints(
        (area_at.get(c.area, NONE) for c in communities), len(communities)
    )
    past_community = {p.community: p for p in instance.past if p.community is not None}
    past_person = {p.person: p for p in instance.past if p.person is not None}
    persons = sorted({n.person for n in needs if n.person is not None} | {*past_person})
    person_at = {person: i for i, person in enumerate(persons)}
    kinds = sorted({n.kind for n in needs} | {k for s in slots for k in s.kinds})
    groups = sorted(
        {g for n in needs for g in n.groups} | {g for s in slots for g in s.groups}
    )
    features = sorted(
        {f for facility in facilities for f in facility.features}
        | {f for n in needs for f in n.requires}
    )
    kind_at = {kind: i for i, kind in enumerate(kinds)}
    together = sorted({n.together for n in needs if n.together is not None})
    together_at = {label: i for i, label in enumerate(together)}
    either = sorted({s.either for s in slots if s.either is not None})
    either_at = {label: i for i, label in enumerate(either)}

    closed = sorted(
        (facility_at[f.id], minutes_of(w.start), minutes_of(w.end))
        for f in facilities
        for w in f.closed
    )
    window_need, window_start, window_end = _windows(needs)
    choices = [
        (
            i,
            slot_at.get(choice, NONE),
            NONE if choice in slot_at else facility_at[choice],
            rank,
        )
        for i, n in enumerate(needs)
        if n.choices
        for rank, choice in enumerate(n.choices)
    ]
    pairs = sorted(
        (need_at[p.need], slot_at[p.slot], _minor(p.cost), p.units)
        for p in instance.pairs
    )
    nodes = {
        **community_at,
        **{k: i + len(communities) for k, i in facility_at.items()},
    }
    links = sorted(
        (nodes[k.source], nodes[k.target], length(k.travel), k.two_way)
        for k in instance.links
    )
    decisions = sorted(
        (
            need_at[d.need],
            slot_at[d.slot],
            STATUSES.index(d.status),
            NONE if d.quantity is None else d.quantity,
        )
        for d in instance.decisions
    )
    widest = len(levels) if areas else 1
    names = {"own": 0, **{level: i + 1 for i, level in enumerate(levels)}}
    share_of = [_first(_tier_of(f.share, names), widest) for f in facilities]
    c, f_, s_ = len(communities), len(facilities), len(slots)
    timed = [s.start is not None for s in slots]
    columns = Columns(
        name=instance.name,
        area_ids=tuple(a.id for a in areas),
        area_parent=area_parent,
        area_level=area_level,
        levels=tuple(levels),
        community_ids=tuple(x.id for x in communities),
        community_area=community_area,
        community_ancestors=_ancestors(community_area, area_parent, len(levels)),
        community_xy=_points(communities),
        community_population=_ints(
            (_first(x.population, NONE) for x in communities), c
        ),
        community_entitlement=tuple(
            None if x.entitlement is None else Fraction(x.entitlement)
            for x in communities
        ),
        community_tags=_labels([x.tags for x in communities]),
        community_past_served=_ints(
            (
                past_community[x.id].served if x.id in past_community else 0
                for x in communities
            ),
            c,
        ),
        community_past_demand=_ints(
            (
                past_community[x.id].demand if x.id in past_community else 0
                for x in communities
            ),
            c,
        ),
        provider_ids=tuple(p.id for p in providers),
        provider_sector=_ints(
            (SECTORS.index(p.sector) for p in providers), len(providers)
        ),
        provider_community=_ints(
            (community_at.get(p.community, NONE) for p in providers), len(providers)
        ),
        facility_ids=tuple(x.id for x in facilities),
        facility_community=_ints((community_at[x.community] for x in facilities), f_),
        facility_provider=_ints(
            (provider_at.get(x.provider, NONE) for x in facilities), f_
        ),
        facility_xy=_points(facilities),
        facility_features=_labels([x.features for x in facilities], features),
        facility_max_units=_ints((_first(x.max_units, NONE) for x in facilities), f_),
        facility_opening_cost=_ints((_minor(x.opening_cost) for x in facilities), f_),
        closed_facility=_ints((x[0] for x in closed), len(closed)),
        closed_start=_ints((x[1] for x in closed), len(closed)),
        closed_end=_ints((x[2] for x in closed), len(closed)),
        slot_ids=tuple(s.id for s in slots),
        slot_facility=_ints((facility_at[s.facility] for s in slots), s_),
        slot_kinds=_labels([s.kinds for s in slots], kinds),
        slot_capacity=_numbers(slots, "capacity"),
        slot_is_timed=_frozen(np.array(timed, bool)),
        slot_start=_ints((minutes_of(s.start) if s.start else 0 for s in slots), s_),
        slot_end=_ints((minutes_of(s.end) if s.end else 0 for s in slots), s_),
        slot_date=_ints((s.start.toordinal() if s.start else NONE for s in slots), s_),
        slot_reserve=_numbers(slots, "reserve"),
        slot_fee=_numbers(slots, "fee", minor),
        slot_staff_fee=_numbers(slots, "staff_fee", minor),
        slot_unit_cost=_numbers(slots, "unit_cost", minor),
        slot_opening_cost=_numbers(slots, "opening_cost", minor),
        slot_min_units=_numbers(slots, "min_units"),
        slot_either=_numbers(slots, "either", either_at.__getitem__),
        slot_share=_ints(
            (
                share_of[facility_at[s.facility]]
                if s.share is None
                else _tier_of(s.share, names)
                for s in slots
            ),
            s_,
        ),
        slot_groups=_labels([s.groups for s in slots], groups),
        slot_radius=_numbers(slots, "radius", length),
        need_ids=tuple(need_at),
        need_community=_numbers(needs, "community", community_at.__getitem__),
        need_kind=_numbers(needs, "kind", kind_at.__getitem__),
        need_quantity=_numbers(needs, "quantity"),
        need_groups=_labels([n.groups for n in needs], groups),
        need_weight=_numbers(needs, "weight"),
        need_xy=_points(needs),
        window_need=window_need,
        window_start=window_start,
        window_end=window_end,
        need_max_travel=_numbers(needs, "max_travel", length),
        need_max_fee=_numbers(needs, "max_fee", minor),
        need_requires=_labels([n.requires for n in needs], features),
        choice_need=_ints((x[0] for x in choices), len(choices)),
        choice_slot=_ints((x[1] for x in choices), len(choices)),
        choice_facility=_ints((x[2] for x in choices), len(choices)),
        choice_rank=_ints((x[3] for x in choices), len(choices)),
        need_since=_numbers(needs, "since", date.toordinal),
        need_due=_numbers(needs, "due", date.toordinal),
        need_min_quantity=_numbers(needs, "min_quantity"),
        need_whole=_frozen(np.array([n.whole for n in needs], bool)),
        need_sessions=_numbers(needs, "sessions"),
        need_every=_numbers(needs, "every"),
        need_person=_numbers(needs, "person", person_at.__getitem__),
        need_together=_numbers(needs, "together", together_at.__getitem__),
        kinds=tuple(kinds),
        groups=tuple(groups),
        person_ids=tuple(persons),
        together_ids=tuple(together),
        either_ids=tuple(either),
        person_past_served=_ints(
            (past_person[p].served if p in past_person else 0 for p in persons),
            len(persons),
        ),
        person_past_demand=_ints(
            (past_person[p].demand if p in past_person else 0 for p in persons),
            len(persons),
        ),
        pair_need=_ints((x[0] for x in pairs), len(pairs)),
        pair_slot=_ints((x[1] for x in pairs), len(pairs)),
        pair_cost=_ints((x[2] for x in pairs), len(pairs)),
        pair_units=_ints((x[3] for x in pairs), len(pairs)),
        link_source=_ints((x[0] for x in links), len(links)),
        link_target=_ints((x[1] for x in links), len(links)),
        link_travel=_ints((x[2] for x in links), len(links)),
        link_two_way=_frozen(np.array([x[3] for x in links], bool)),
        decision_need=_ints((x[0] for x in decisions), len(decisions)),
        decision_slot=_ints((x[1] for x in decisions), len(decisions)),
        decision_status=_ints((x[2] for x in decisions), len(decisions)),
        decision_quantity=_ints((x[3] for x in decisions), len(decisions)),
        unit=instance.travel.unit,
        metric=instance.travel.metric,
        detour=float(instance.travel.detour),
        speed=None if instance.travel.speed is None else float(instance.travel.speed),
        currency=instance.currency,
    )
    # Kept like a cached property: instances never change, and equality ignores it.
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


def _first(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _tier_of(share: Any, names: dict[str, int]) -> Any:
    """Return a share as a number; levels have names."""
    return names.get(share, share)


def _by_id(records: Sequence[Any]) -> list[Any]:
    return sorted(records, key=attrgetter("id"))


def _positions(records: Sequence[Any]) -> dict[str, int]:
    return {record.id: i for i, record in enumerate(records)}


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _ints(values: Iterable[int], count: int) -> Ints:
    return _frozen(np.fromiter(values, np.int64, count))


def _numbers(
    records: Sequence[Any], name: str, read: Callable[[Any], int] = int
) -> Ints:
    """Return a field of all records as read, NONE where it is None."""
    values = [*map(attrgetter(name), records)]
    if None in values:
        if all(value is None for value in values):
            return _frozen(np.full(len(values), NONE, np.int64))
        return _ints((NONE if v is None else read(v) for v in values), len(values))
    return _ints(values if read is int else map(read, values), len(values))


def _windows(needs: Sequence[Any]) -> tuple[Ints, Ints, Ints]:
    """Return need, start and end of all windows, in this order."""
    each = [need.windows or () for need in needs]
    owner = np.repeat(np.arange(len(each)), np.fromiter(map(len, each), int, len(each)))
    flat = [*chain.from_iterable(each)]
    start = _minutes([*map(attrgetter("start"), flat)])
    end = _minutes([*map(attrgetter("end"), flat)])
    order = np.lexsort((end, start, owner))
    return _frozen(owner), _frozen(start[order]), _frozen(end[order])


def _minutes(times: Sequence[datetime]) -> Ints:
    # Equal times of a zone can be two instants; those of the naive clock are one.
    naive = all(time.tzinfo is None for time in times)
    read = _Known(minutes_of).__getitem__ if naive else minutes_of
    return _ints(map(read, times), len(times))


def _points(records: Sequence[Any]) -> Floats:
    """Return (n, 2) coordinates, NaN where a record has no location."""
    nowhere = (np.nan, np.nan)
    flat = [r.location if r.location is not None else nowhere for r in records]
    return _frozen(np.array(flat, np.float64).reshape(len(records), 2))


def _labels(
    sets: Sequence[frozenset[str]], names: Sequence[str] | None = None
) -> Labels:
    if names is None:
        names = sorted({name for labels in sets for name in labels})
    at: dict[Hashable, int] = {name: i for i, name in enumerate(names)}
    counts = np.fromiter((len(labels) for labels in sets), np.int64, len(sets))
    indptr = np.zeros(len(sets) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    known: dict[frozenset[str], list[int]] = {}
    for labels in sets:
        if labels not in known:
            known[labels] = sorted(at[name] for name in labels)
    flat = [*chain.from_iterable(map(known.__getitem__, sets))]
    return Labels(tuple(names), _frozen(indptr), _ints(flat, len(flat)))


def _levels(areas: Sequence[Any]) -> list[str]:
    """Return level names from the lowest up; the instance has checked they stack."""
    level_of = {area.id: area.level for area in areas}
    above = {a.level: level_of[a.parent] for a in areas if a.parent is not None}
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
