"""Columns of some needs and slots: an instance of its own, cut out of a larger one.

What is cut out knows only the records that its needs and slots refer to, so it is as
small as they are; links, which any path may use, come along whole.
"""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand, find, rows_of
from sharematch.core.columns.sets import Labels

__all__ = ["extract"]

Ints = NDArray[np.int64]

_REFERENCES = {
    "facility_community": "community",
    "facility_provider": "provider",
    "provider_community": "community",
    "slot_facility": "facility",
    "slot_either": "either",
    "need_community": "community",
    "need_person": "person",
    "need_together": "together",
}
"""Which type of record the positions in a column are of."""

_BY_COLUMN = {"community_ancestors"}

_TABLES = {
    "closed": (("facility",), ()),
    "shut": (("facility",), ()),
    "concession": (("slot",), ()),
    "window": (("need",), ()),
    "weekly": (("need",), ()),
    "preferred": (("need",), ()),
    "choice": (("need",), ("slot", "facility")),
    "pair": (("need", "slot"), ()),
    "decision": (("need", "slot"), ()),
}
"""Columns of rows without ids: the records they must have, and those they may have."""


def extract(columns: Columns, needs: Ints, slots: Ints) -> Columns:
    """Return the columns of some needs and slots.

    Pairs of them have the travel, the tier and all else that they have in the whole;
    areas, calendars and weights by community or area stay as they are. A choice of a
    slot or facility that is left behind stays a choice, of nothing.

    Parameters
    ----------
    columns
        The whole instance.
    needs, slots
        Positions, ascending.
    """
    positions = _positions_kept(columns, needs, slots)
    values_by_field: dict[str, Any] = {}
    for field in fields(Columns):
        owner, value = field.name.partition("_")[0], getattr(columns, field.name)
        if owner in positions:
            value = _take(value, positions[owner], int(field.name in _BY_COLUMN))
        if field.name in _REFERENCES:
            value = find(positions[_REFERENCES[field.name]], value)
        values_by_field[field.name] = value
    for table, (must, may) in _TABLES.items():
        values_by_field |= _rows(columns, table, positions, must, may)
    for value in values_by_field.values():
        _freeze(value)
    return Columns(**values_by_field)


def _freeze(value: Any) -> None:
    parts = (value.indptr, value.indices) if isinstance(value, Labels) else (value,)
    for part in parts:
        if isinstance(part, np.ndarray):
            part.setflags(write=False)


def _positions_kept(columns: Columns, needs: Ints, slots: Ints) -> dict[str, Ints]:
    """Return which records of each type come along, ascending."""
    facility = _union(columns.slot_facility[slots], _first_known(columns.facility_xy))
    community = _union(
        columns.need_community[needs], _first_known(columns.community_xy)
    )
    # A path may pass any node, so with links all of them come along.
    if len(columns.link_source):
        facility = np.arange(len(columns.facility_ids))
        community = np.arange(len(columns.community_ids))
    provider = _union(columns.facility_provider[facility])
    community = _union(
        community,
        columns.facility_community[facility],
        columns.provider_community[provider],
    )
    # All of an area: weights and past rounds by area are sums over them.
    area = _union(columns.community_area[community])
    neighbors = np.flatnonzero(np.isin(columns.community_area, area))
    return {
        "community": _union(community, neighbors),
        "provider": provider,
        "facility": facility,
        "slot": slots,
        "need": needs,
        "person": _union(columns.need_person[needs]),
        "together": _union(columns.need_together[needs]),
        "either": _union(columns.slot_either[slots]),
    }


def _union(*positions: Ints) -> Ints:
    distinct = np.unique(np.concatenate(positions))
    return np.asarray(distinct[distinct != NONE], np.int64)


def _first_known(xy: NDArray[np.float64]) -> Ints:
    """Return the first with a location.

    Where nothing at all is known all is at distance 0, so something must stay known.
    """
    return np.flatnonzero(~np.isnan(xy[:, 0]))[:1]


def _take(value: Any, rows: Ints, axis: int) -> Any:
    if isinstance(value, tuple):
        return tuple(map(value.__getitem__, rows.tolist()))
    if isinstance(value, Labels):
        first, last = value.indptr[rows], value.indptr[rows + 1]
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(last - first)])
        return Labels(value.names, indptr, value.indices[expand(first, last)[1]])
    return value.take(rows, axis)


def _rows(
    columns: Columns,
    table: str,
    positions: dict[str, Ints],
    must: tuple[str, ...],
    may: tuple[str, ...],
) -> dict[str, Ints]:
    """Return the rows of a table that are about records which come along."""
    owner_of_row = getattr(columns, f"{table}_{must[0]}")  # ascending
    owners = positions[must[0]]
    _, row = rows_of(owner_of_row, owners)
    ends = {
        name: find(positions[name], getattr(columns, f"{table}_{name}")[row])
        for name in (*must, *may)
    }
    is_present = np.logical_and.reduce([ends[name] != NONE for name in must])
    rows = {}
    for field in fields(Columns):
        prefix, _, name = field.name.partition("_")
        if prefix == table:
            values = ends[name] if name in ends else getattr(columns, field.name)[row]
            rows[field.name] = values[is_present]
    return rows
