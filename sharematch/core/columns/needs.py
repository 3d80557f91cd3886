"""Columns of needs: what they ask for, when, where they would go, and with whom."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.reading import (
    frozen,
    ints,
    labels,
    numbers,
    past,
    points,
    preferred,
    spans,
    spread,
    weeks,
)
from sharematch.core.columns.records import Records

__all__ = ["need_columns"]

Ints = NDArray[np.int64]


def need_columns(records: Records) -> dict[str, Any]:
    """Return the columns of needs, and of persons who have several."""
    needs = records.needs
    kind_at = {kind: i for i, kind in enumerate(records.kinds)}
    windows, weekly = spans(needs, "windows"), weeks(needs, "windows")
    liked, choices = preferred(needs, "preferred"), _choices(records)
    return {
        "need_ids": tuple(records.need_at),
        "need_community": numbers(needs, "community", records.community_at.__getitem__),
        "need_kind": numbers(needs, "kind", kind_at.__getitem__),
        "need_quantity": numbers(needs, "quantity"),
        "need_groups": labels(needs, "groups", records.groups),
        "need_weight": numbers(needs, "weight"),
        "need_xy": points(needs),
        "window_need": windows[0],
        "window_start": windows[1],
        "window_end": windows[2],
        "weekly_need": weekly[0],
        "weekly_start": weekly[1],
        "weekly_minutes": weekly[2],
        "need_max_travel": numbers(needs, "max_travel", records.length),
        "need_max_fee": numbers(needs, "max_fee", records.minor),
        "need_requires": labels(needs, "requires", records.features),
        "choice_need": choices[0],
        "choice_slot": choices[1],
        "choice_facility": choices[2],
        "choice_rank": choices[3],
        "need_since": numbers(needs, "since", date.toordinal),
        "need_due": numbers(needs, "due", date.toordinal),
        "need_min_quantity": numbers(needs, "min_quantity"),
        "need_whole": frozen(numbers(needs, "whole").astype(bool)),
        "need_sessions": numbers(needs, "sessions"),
        "need_every": numbers(needs, "every"),
        "need_person": numbers(needs, "person", records.person_at.__getitem__),
        "need_together": numbers(needs, "together", records.together_at.__getitem__),
        "need_minutes": numbers(needs, "minutes"),
        "need_times": numbers(needs, "times"),
        "need_per_day": numbers(needs, "per_day"),
        "need_min_sessions": numbers(needs, "min_sessions"),
        "need_rest": numbers(needs, "rest"),
        "need_people": numbers(needs, "people"),
        "preferred_need": liked.row,
        "preferred_position": liked.position,
        "preferred_is_weekly": liked.is_weekly,
        "preferred_start": liked.start,
        "preferred_end": liked.end,
        "person_ids": tuple(records.person_at),
        "together_ids": tuple(records.together_at),
        "person_past_served": past(records.past, "person", "served", records.person_at),
        "person_past_demand": past(records.past, "person", "demand", records.person_at),
    }


def _choices(records: Records) -> tuple[Ints, ...]:
    """Return need, slot or NONE, facility or NONE, and rank of all choices."""
    slot_at, facility_at = records.slot_at, records.facility_at
    values, code = records.needs.field("choices")
    ranked = [[*enumerate(value)] for value in values]
    flat, row, which = spread(ranked, code)
    rank = ints((rank for rank, _ in flat), len(flat))
    slot = ints((slot_at.get(id_, NONE) for _, id_ in flat), len(flat))
    facility = ints(
        (NONE if id_ in slot_at else facility_at[id_] for _, id_ in flat), len(flat)
    )
    taken = (rank[which], slot[which], facility[which])
    return frozen(row), frozen(taken[1]), frozen(taken[2]), frozen(taken[0])
