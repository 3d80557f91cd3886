"""Attributes: what a key of filters and groups is for every need or slot."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, SECTORS
from sharematch.model.vocabulary import CALENDAR
from sharematch.model.week import DAYS

__all__ = ["Attribute", "Key", "attribute", "by_cell"]

Ints = NDArray[np.int64]
Key = str | tuple[str, str]


@dataclass(frozen=True)
class Attribute:
    """What a group key is on one side: a code per need or slot, NONE for none."""

    names: tuple[Key, ...]
    code: Ints


def attribute(columns: Columns, key: str, side: str) -> Attribute:
    """Return what a key is for each need or slot; "group" and "tags" are sets."""
    facility = columns.slot_facility
    if key in ("community", "area"):
        community = columns.facility_community[facility]
        if side == "need":
            community = columns.need_community
        if key == "community":
            return Attribute(columns.community_ids, community)
        return Attribute(columns.area_ids, columns.community_area[community])
    if key in CALENDAR:
        return _calendar(columns.slot_date, key)
    provider = columns.facility_provider[facility]
    # Hosts without a provider have no sector: NONE finds the entry added at the end.
    names, code = {
        "kind": (columns.kinds, columns.need_kind),
        "need": (columns.need_ids, np.arange(len(columns.need_ids))),
        "person": (columns.person_ids, columns.need_person),
        "slot": (columns.slot_ids, np.arange(len(columns.slot_ids))),
        "facility": (columns.facility_ids, facility),
        "provider": (columns.provider_ids, provider),
        "sector": (SECTORS, np.append(columns.provider_sector, NONE)[provider]),
    }[key]
    return Attribute(names, code)


def by_cell(columns: Columns, key: str, of: Attribute) -> Attribute:
    """Return what a key of slots is for each of their cells; each has its own date."""
    if columns.cells.is_trivial:
        return of
    if key in CALENDAR:
        return _calendar(columns.cells.date, key)
    return Attribute(of.names, of.code[columns.cells.slot])


def _calendar(date_: Ints, key: str) -> Attribute:
    dates, code = np.unique(date_, return_inverse=True)
    texts = [_calendar_text(key, int(day)) for day in dates]
    names = tuple(sorted({text for text in texts if text is not None}))
    code_of = {name: i for i, name in enumerate(names)}
    codes = np.array([NONE if t is None else code_of[t] for t in texts], np.int64)
    return Attribute(names, codes[code] if len(codes) else code.astype(np.int64))


def _calendar_text(key: str, day: int) -> str | None:
    if day == NONE:
        return None
    when = date.fromordinal(day)
    if key == "day":
        return when.isoformat()
    if key == "month":
        return f"{when.year:04}-{when.month:02}"
    if key == "weekday":
        return DAYS[when.weekday()]
    year, week, _ = when.isocalendar()
    return f"{year:04}-W{week:02}"
