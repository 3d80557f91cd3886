"""Encoding: the records of an instance become columns.

The only place where ids become positions.
"""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import CONSENTS, NONE, SECTORS, STATUSES, Columns
from sharematch.core.columns.reading import (
    Cached,
    by_id,
    clock_of,
    distinct,
    each,
    fees,
    frozen,
    in_order,
    in_rows,
    ints,
    is_given,
    labels,
    length_reader,
    members,
    minor_units,
    minutes_of,
    numbered,
    numbers,
    points,
    positions,
    preferred,
    spans,
    spread,
    weeks,
)
from sharematch.model.frames import Frame, Frames
from sharematch.model.records import COLLECTIONS

__all__ = ["encode"]

Ints = NDArray[np.int64]


_ENCODED: WeakKeyDictionary[Frames, Columns] = WeakKeyDictionary()
"""The columns of frames that are still in use, known by their identity."""


class _Instance(Protocol):
    """What `encode` reads: an instance of `sharematch.model`."""

    @property
    def frames(self) -> Frames: ...


def encode(instance: _Instance | Columns, near: "_Instance | None" = None) -> Columns:
    """Return the columns of `instance`; equal instances in any order give equal ones.

    Columns are returned as they are.

    Parameters
    ----------
    near
        Another instance: what both hold is not looked at again.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(communities=[sm.Community(id="b"), sm.Community(id="a")])
    >>> encode(town).community_ids
    ('a', 'b')
    """
    if isinstance(instance, Columns):
        return instance
    frames = instance.frames
    columns = _ENCODED.get(frames)
    if columns is None:
        if near is not None and _differ_by_decisions(frames, near.frames):
            # A town is solved again after each answer: only that is read anew.
            near_columns = encode(near)
            position = near_columns.position
            decisions = _decisions(
                frames["decisions"], position["need"], position["slot"]
            )
            columns = replace(near_columns, **decisions)
        else:
            columns = _columns(frames)
        _ENCODED[frames] = columns
    return columns


def _differ_by_decisions(frames: Frames, other: Frames) -> bool:
    """Say whether two instances hold all but their decisions in common."""
    held = [frames[name] is other[name] for name in COLLECTIONS if name != "decisions"]
    header = ("name", "travel", "currency")
    return all(held) and all(getattr(frames, x) == getattr(other, x) for x in header)


def _columns(rows: Frames) -> Columns:
    areas, communities = by_id(rows["areas"]), by_id(rows["communities"])
    providers, facilities = by_id(rows["providers"]), by_id(rows["facilities"])
    slots, needs = by_id(rows["slots"]), by_id(rows["needs"])
    area_at, community_at = positions(areas), positions(communities)
    provider_at, facility_at = positions(providers), positions(facilities)
    slot_at, need_at = positions(slots), positions(needs)
    length = length_reader(rows.travel.unit)
    minor = Cached(minor_units).__getitem__
    either_at = numbered(distinct(slots, "either"))
    together_at = numbered(distinct(needs, "together"))
    past = rows["past"]
    person_at = numbered([*distinct(needs, "person"), *distinct(past, "person")])
    kinds = sorted({*distinct(needs, "kind"), *members(slots, "kinds")})
    priced = members(slots, "concessions")
    groups = sorted({*members(needs, "groups"), *members(slots, "groups"), *priced})
    features = sorted({*members(facilities, "features"), *members(needs, "requires")})
    kind_at = {kind: i for i, kind in enumerate(kinds)}

    levels = _levels(areas)
    names = {"own": 0, **{level: i + 1 for i, level in enumerate(levels)}}

    def tier(share: Any) -> int:
        height: Any = names.get(share, share)
        return int(height)

    facility_share = numbers(facilities, "share", tier)
    widest = len(levels) if areas.count else 1
    facility_share = np.where(facility_share == NONE, widest, facility_share)
    slot_facility = numbers(slots, "facility", facility_at.__getitem__)
    slot_share = numbers(slots, "share", tier)
    area_parent = numbers(areas, "parent", area_at.__getitem__)
    community_area = numbers(communities, "area", area_at.__getitem__)
    entitlement, entitled = communities.field("entitlement")
    entitlements = [None if x is None else Fraction(x) for x in entitlement]
    which = range(communities.count) if entitled is None else entitled.tolist()
    closed, windows = spans(facilities, "closed"), spans(needs, "windows")
    shut, weekly = weeks(facilities, "closed"), weeks(needs, "windows")
    concessions = fees(slots, "concessions", numbered(groups))
    heads = [_heads(slots, end) for end in (0, 1)]
    liked = preferred(needs, "preferred")
    start, is_timed = slots.field("start"), is_given(slots, "start")
    choices = _choices(needs, slot_at, facility_at)
    nodes = community_at | {k: i + communities.count for k, i in facility_at.items()}
    pairs = in_order(
        numbers(rows["pairs"], "need", need_at.__getitem__),
        numbers(rows["pairs"], "slot", slot_at.__getitem__),
        numbers(rows["pairs"], "cost", minor),
        numbers(rows["pairs"], "units"),
    )
    links = in_order(
        numbers(rows["links"], "source", nodes.__getitem__),
        numbers(rows["links"], "target", nodes.__getitem__),
        numbers(rows["links"], "travel", length),
        numbers(rows["links"], "two_way"),
    )
    return Columns(
        name=rows.name,
        area_ids=tuple(area_at),
        area_parent=area_parent,
        area_level=numbers(areas, "level", levels.index),
        levels=tuple(levels),
        community_ids=tuple(community_at),
        community_area=community_area,
        community_ancestors=_ancestors(community_area, area_parent, len(levels)),
        community_xy=points(communities),
        community_population=numbers(communities, "population"),
        community_entitlement=tuple(entitlements[i] for i in which),
        community_tags=labels(communities, "tags"),
        community_past_served=_past(past, "community", "served", community_at),
        community_past_demand=_past(past, "community", "demand", community_at),
        provider_ids=tuple(provider_at),
        provider_sector=numbers(providers, "sector", SECTORS.index),
        provider_community=numbers(providers, "community", community_at.__getitem__),
        facility_ids=tuple(facility_at),
        facility_community=numbers(facilities, "community", community_at.__getitem__),
        facility_provider=numbers(facilities, "provider", provider_at.__getitem__),
        facility_xy=points(facilities),
        facility_features=labels(facilities, "features", features),
        facility_max_units=numbers(facilities, "max_units"),
        facility_opening_cost=numbers(facilities, "opening_cost", minor),
        facility_setup=numbers(facilities, "setup"),
        facility_is_standing=frozen(
            numbers(facilities, "consent", CONSENTS.index).astype(bool)
        ),
        facility_parts=tuple(in_rows(facilities, "parts")),
        closed_facility=closed[0],
        closed_start=closed[1],
        closed_end=closed[2],
        shut_facility=shut[0],
        shut_start=shut[1],
        shut_minutes=shut[2],
        slot_ids=tuple(slot_at),
        slot_facility=slot_facility,
        slot_kinds=labels(slots, "kinds", kinds),
        slot_capacity=numbers(slots, "capacity"),
        slot_is_timed=is_timed,
        slot_start=frozen(np.where(is_timed, each(start, minutes_of), 0)),
        slot_end=frozen(np.where(is_timed, numbers(slots, "end", minutes_of), 0)),
        slot_date=each(start, date.toordinal),
        slot_clock=frozen(np.where(is_timed, each(start, clock_of), 0)),
        slot_reserve=numbers(slots, "reserve"),
        slot_fee=numbers(slots, "fee", minor),
        slot_staff_fee=numbers(slots, "staff_fee", minor),
        slot_unit_cost=numbers(slots, "unit_cost", minor),
        slot_opening_cost=numbers(slots, "opening_cost", minor),
        slot_min_units=numbers(slots, "min_units"),
        slot_either=numbers(slots, "either", either_at.__getitem__),
        slot_share=frozen(
            np.where(slot_share == NONE, facility_share[slot_facility], slot_share)
        ),
        slot_groups=labels(slots, "groups", groups),
        slot_radius=numbers(slots, "radius", length),
        slot_step=numbers(slots, "step"),
        slot_least_people=heads[0],
        slot_most_people=heads[1],
        concession_slot=concessions[0],
        concession_group=concessions[1],
        concession_fee=concessions[2],
        need_ids=tuple(need_at),
        need_community=numbers(needs, "community", community_at.__getitem__),
        need_kind=numbers(needs, "kind", kind_at.__getitem__),
        need_quantity=numbers(needs, "quantity"),
        need_groups=labels(needs, "groups", groups),
        need_weight=numbers(needs, "weight"),
        need_xy=points(needs),
        window_need=windows[0],
        window_start=windows[1],
        window_end=windows[2],
        weekly_need=weekly[0],
        weekly_start=weekly[1],
        weekly_minutes=weekly[2],
        need_max_travel=numbers(needs, "max_travel", length),
        need_max_fee=numbers(needs, "max_fee", minor),
        need_requires=labels(needs, "requires", features),
        choice_need=choices[0],
        choice_slot=choices[1],
        choice_facility=choices[2],
        choice_rank=choices[3],
        need_since=numbers(needs, "since", date.toordinal),
        need_due=numbers(needs, "due", date.toordinal),
        need_min_quantity=numbers(needs, "min_quantity"),
        need_whole=frozen(numbers(needs, "whole").astype(bool)),
        need_sessions=numbers(needs, "sessions"),
        need_every=numbers(needs, "every"),
        need_person=numbers(needs, "person", person_at.__getitem__),
        need_together=numbers(needs, "together", together_at.__getitem__),
        need_minutes=numbers(needs, "minutes"),
        need_times=numbers(needs, "times"),
        need_per_day=numbers(needs, "per_day"),
        need_min_sessions=numbers(needs, "min_sessions"),
        need_rest=numbers(needs, "rest"),
        need_people=numbers(needs, "people"),
        preferred_need=liked.row,
        preferred_position=liked.position,
        preferred_is_weekly=liked.is_weekly,
        preferred_start=liked.start,
        preferred_end=liked.end,
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
        link_two_way=frozen(links[3].astype(bool)),
        **_decisions(rows["decisions"], need_at, slot_at),
        unit=rows.travel.unit,
        metric=rows.travel.metric,
        detour=float(rows.travel.detour),
        speed=None if rows.travel.speed is None else float(rows.travel.speed),
        currency=rows.currency,
        is_zoned=any(time is not None and time.tzinfo is not None for time in start[0]),
        names=_names(areas, communities, providers, facilities, slots, needs),
    )


def _names(*frames: Frame) -> dict[str, dict[str, str]]:
    """Return the names that records have, by type and id."""
    return {
        frame.record.label(): {
            frame.value("id", row): frame.value("name", row)
            for row in frame.rows_where("name", lambda name: name is not None)
        }
        for frame in frames
    }


def _heads(slots: Frame, end: int) -> Ints:
    """Return the least (0) or the most (1) heads of each slot, NONE for any."""
    values, code = slots.field("people")
    ends = [None if text is None else text.split("-")[end] or None for text in values]
    return each((ends, code), int)


def _decisions(
    rows: Frame, need_at: dict[str, int], slot_at: dict[str, int]
) -> dict[str, Any]:
    need, slot, start, status, quantity = in_order(
        numbers(rows, "need", need_at.__getitem__),
        numbers(rows, "slot", slot_at.__getitem__),
        numbers(rows, "start", minutes_of),
        numbers(rows, "status", STATUSES.index),
        numbers(rows, "quantity"),
    )
    return {
        "decision_need": need,
        "decision_slot": slot,
        "decision_status": status,
        "decision_quantity": quantity,
        "decision_start": start,
    }


def _choices(
    needs: Frame, slot_at: dict[str, int], facility_at: dict[str, int]
) -> tuple[Ints, ...]:
    """Return need, slot or NONE, facility or NONE, and rank of all choices."""
    values, code = needs.field("choices")
    ranked = [[*enumerate(value)] for value in values]
    flat, row, which = spread(ranked, code)
    rank = ints((rank for rank, _ in flat), len(flat))
    slot = ints((slot_at.get(id_, NONE) for _, id_ in flat), len(flat))
    facility = ints(
        (NONE if id_ in slot_at else facility_at[id_] for _, id_ in flat), len(flat)
    )
    taken = (rank[which], slot[which], facility[which])
    return frozen(row), frozen(taken[1]), frozen(taken[2]), frozen(taken[0])


def _past(past: Frame, owner: str, name: str, position_of: dict[str, int]) -> Ints:
    """Return a number of earlier rounds for each community or person, 0 if none."""
    total = np.zeros(len(position_of), np.int64)
    owner_position = numbers(past, owner, position_of.__getitem__)
    has_owner = owner_position != NONE
    total[owner_position[has_owner]] = numbers(past, name)[has_owner]
    return frozen(total)


def _levels(areas: Frame) -> list[str]:
    """Return level names from the lowest up; the instance has checked they stack."""
    ids, level, parent = (in_rows(areas, name) for name in ("id", "level", "parent"))
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
    return frozen(ancestors)
