"""The hash of an instance: equal for equal instances, whatever order they are given in.

A column that holds only what it usually does is left out, so an instance keeps its hash
when columns that it does not use are added.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from sharematch.core.columns.codes import DAY, NONE
from sharematch.core.columns.given import Given
from sharematch.core.columns.sets import Labels

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns

__all__ = ["digest_of"]

_NO_ROWS = (
    *("shut_facility", "shut_start", "shut_minutes"),
    *("concession_slot", "concession_group", "concession_fee"),
    *("weekly_need", "weekly_start", "weekly_minutes"),
    *("preferred_need", "preferred_position", "preferred_is_weekly"),
    *("preferred_start", "preferred_end"),
)
_USUAL: Mapping[str, Any] = {
    **dict.fromkeys(_NO_ROWS, NONE),
    **dict.fromkeys(("slot_step", "slot_least_people", "slot_most_people"), NONE),
    **dict.fromkeys(("need_minutes", "need_min_sessions", "need_people"), NONE),
    **dict.fromkeys(("need_times", "need_per_day"), 1),
    **dict.fromkeys(("facility_setup", "facility_is_standing", "need_rest"), 0),
    "facility_parts": (),
    "decision_start": NONE,
}
"""Columns that are no part of the hash where all they hold is this."""


def _is_usual(value: Any, usual: Any) -> bool:
    matches = (
        value == usual if isinstance(value, np.ndarray) else [x == usual for x in value]
    )
    return bool(np.all(matches))


def digest_of(columns: "Columns") -> str:
    """Return the content as "sha256:…": equal for equal instances in any order.

    SHA-256 over the fields in the order of `Columns`: each its name, then JSON
    for texts and numbers or little-endian bytes for arrays.
    """
    content = sha256()
    for field in fields(columns):
        value = getattr(columns, field.name)
        if not _is_told(columns, field.name, value):
            continue
        parts: tuple[Any, ...] = (value,)
        if isinstance(value, Labels | Given):
            parts = value.parts
        content.update(f"{field.name}\0".encode())
        for part in parts:
            if field.name == "given" and part is None:
                continue
            if isinstance(part, np.ndarray):
                content.update(f"{part.shape}\0".encode())
                little = part.dtype.newbyteorder("<")
                content.update(np.ascontiguousarray(part, little).reshape(-1).data)
            else:
                content.update(json.dumps(part, default=str).encode())
    return f"sha256:{content.hexdigest()}"


def _is_told(columns: "Columns", name: str, value: Any) -> bool:
    """Return whether a field is part of the hash."""
    if name == "slot_clock":
        return _clock_matters(columns)
    if name in _USUAL:
        return not _is_usual(value, _USUAL[name])
    if name == "given":
        return value is not None
    return name not in ("names", "is_zoned")


def _clock_matters(columns: "Columns") -> bool:
    """Return whether clock times tell anything that times and dates do not."""
    offset = (columns.slot_clock - columns.slot_start)[columns.slot_is_timed]
    if not offset.any():
        return False
    weekly = (columns.weekly_need, columns.shut_facility)
    if any(map(len, weekly)) or columns.preferred_is_weekly.any():
        return True
    if (columns.slot_step != NONE).any():  # their steps have dates
        return True
    every = columns.need_every[columns.need_every != NONE]
    return bool((every % DAY == 0).any()) and int(np.ptp(offset)) != 0
