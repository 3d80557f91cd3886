"""Encoding: the records of an instance become columns.

The only place where ids become positions.
"""

from dataclasses import replace
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import STATUSES
from sharematch.core.columns.needs import need_columns
from sharematch.core.columns.places import place_columns
from sharematch.core.columns.reading import frozen, in_order, minutes_of, numbers
from sharematch.core.columns.records import Records
from sharematch.core.columns.slots import slot_columns
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
    records = Records(rows)
    travel, start = rows.travel, records.slots.field("start")[0]
    return Columns(
        **place_columns(records),
        **slot_columns(records),
        **need_columns(records),
        **_pairs(records),
        **_links(records),
        **_decisions(rows["decisions"], records.need_at, records.slot_at),
        name=rows.name,
        kinds=tuple(records.kinds),
        groups=tuple(records.groups),
        unit=travel.unit,
        metric=travel.metric,
        detour=float(travel.detour),
        speed=None if travel.speed is None else float(travel.speed),
        currency=rows.currency,
        is_zoned=any(time is not None and time.tzinfo is not None for time in start),
        names=_names(records),
    )


def _pairs(records: Records) -> dict[str, Any]:
    rows = records.rows["pairs"]
    need, slot, cost, units = in_order(
        numbers(rows, "need", records.need_at.__getitem__),
        numbers(rows, "slot", records.slot_at.__getitem__),
        numbers(rows, "cost", records.minor),
        numbers(rows, "units"),
    )
    return {
        "pair_need": need,
        "pair_slot": slot,
        "pair_cost": cost,
        "pair_units": units,
    }


def _links(records: Records) -> dict[str, Any]:
    """Return links between nodes: communities first, then facilities."""
    rows, communities = records.rows["links"], records.communities.count
    facilities = {id_: i + communities for id_, i in records.facility_at.items()}
    nodes = records.community_at | facilities
    source, target, travel, two_way = in_order(
        numbers(rows, "source", nodes.__getitem__),
        numbers(rows, "target", nodes.__getitem__),
        numbers(rows, "travel", records.length),
        numbers(rows, "two_way"),
    )
    return {
        "link_source": source,
        "link_target": target,
        "link_travel": travel,
        "link_two_way": frozen(two_way.astype(bool)),
    }


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


def _names(records: Records) -> dict[str, dict[str, str]]:
    """Return the names that records have, by type and id."""
    frames = (
        *(records.areas, records.communities, records.providers),
        *(records.facilities, records.slots, records.needs),
    )
    return {
        frame.record.label(): {
            frame.value("id", row): frame.value("name", row)
            for row in frame.rows_where("name", lambda name: name is not None)
        }
        for frame in frames
    }
