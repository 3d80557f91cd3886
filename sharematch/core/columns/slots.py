"""Columns of slots, and of what groups pay in them."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.reading import (
    clock_of,
    each,
    fees,
    frozen,
    is_given,
    labels,
    minutes_of,
    numbered,
    numbers,
)
from sharematch.core.columns.records import Records
from sharematch.model.frames import Frame

__all__ = ["slot_columns"]

Ints = NDArray[np.int64]


def slot_columns(records: Records) -> dict[str, Any]:
    """Return the columns of slots."""
    slots = records.slots
    slot_facility = numbers(slots, "facility", records.facility_at.__getitem__)
    start, is_timed = slots.field("start"), is_given(slots, "start")
    concessions = fees(slots, "concessions", numbered(records.groups))
    heads = [_heads(slots, end) for end in (0, 1)]
    return {
        "slot_ids": tuple(records.slot_at),
        "slot_facility": slot_facility,
        "slot_kinds": labels(slots, "kinds", records.kinds),
        "slot_capacity": numbers(slots, "capacity"),
        "slot_is_timed": is_timed,
        "slot_start": frozen(np.where(is_timed, each(start, minutes_of), 0)),
        "slot_end": frozen(np.where(is_timed, numbers(slots, "end", minutes_of), 0)),
        "slot_date": each(start, date.toordinal),
        "slot_clock": frozen(np.where(is_timed, each(start, clock_of), 0)),
        "slot_reserve": numbers(slots, "reserve"),
        "slot_fee": numbers(slots, "fee", records.minor),
        "slot_staff_fee": numbers(slots, "staff_fee", records.minor),
        "slot_unit_cost": numbers(slots, "unit_cost", records.minor),
        "slot_opening_cost": numbers(slots, "opening_cost", records.minor),
        "slot_min_units": numbers(slots, "min_units"),
        "slot_either": numbers(slots, "either", records.either_at.__getitem__),
        "slot_share": _shares(records, slot_facility),
        "slot_groups": labels(slots, "groups", records.groups),
        "slot_radius": numbers(slots, "radius", records.length),
        "slot_step": numbers(slots, "step"),
        "slot_least_people": heads[0],
        "slot_most_people": heads[1],
        "concession_slot": concessions[0],
        "concession_group": concessions[1],
        "concession_fee": concessions[2],
        "either_ids": tuple(records.either_at),
    }


def _shares(records: Records, slot_facility: Ints) -> Ints:
    """Return the widest tier that each slot is open to: its own, or its facility's."""
    widest = len(records.levels) if records.areas.count else 1
    of_facility = numbers(records.facilities, "share", records.tier)
    of_facility = np.where(of_facility == NONE, widest, of_facility)
    of_slot = numbers(records.slots, "share", records.tier)
    return frozen(np.where(of_slot == NONE, of_facility[slot_facility], of_slot))


def _heads(slots: Frame, end: int) -> Ints:
    """Return the least (0) or the most (1) heads of each slot, NONE for any."""
    values, code = slots.field("people")
    ends = [None if text is None else text.split("-")[end] or None for text in values]
    return each((ends, code), int)
