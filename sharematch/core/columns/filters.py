"""Filters: which needs and slots a rule, goal or table looks at."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.attributes import Key, attribute, by_cell
from sharematch.core.columns.codes import DAY, NONE, SECTORS
from sharematch.core.columns.weeks import is_within
from sharematch.errors import InputError, Problem
from sharematch.model.vocabulary import group_side
from sharematch.model.week import read_week
from sharematch.text import Text

__all__ = [
    "Filter",
    "booking_mask",
    "cell_mask",
    "check_filter",
    "need_mask",
    "unknown_values",
    "unmatched",
    "unmatched_groups",
]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Filter = Mapping[str, tuple[str, ...]] | None


def need_mask(columns: Columns, name: str, where: Filter) -> Bools:
    """Return the needs that pass the need side of the filter."""
    passes = np.ones(len(columns.need_ids), bool)
    for key, values in (where or {}).items():
        if group_side(key, name) == "need":
            passes &= _passes(columns, key, values, "need")
    return passes


def cell_mask(columns: Columns, name: str, where: Filter) -> Bools:
    """Return the cells that pass the slot side of the filter."""
    if not where:
        return np.ones(len(columns.cells), bool)
    first = np.arange(len(columns.cells))
    return booking_mask(columns, name, where, first, np.ones_like(first))


def booking_mask(
    columns: Columns, name: str, where: Filter, cell: Ints, steps: Ints
) -> Bools:
    """Return the bookings of some steps from a cell on that pass the slot side.

    A booking's date is that of its start; hours must hold all of it.
    """
    passes = np.ones(len(cell), bool)
    for key, values in (where or {}).items():
        if key == "time":
            passes &= _in_hours(columns, values, cell, steps)
        elif group_side(key, name) == "slot":
            passes &= _passes(columns, key, values, "slot")[cell]
    return passes


def _in_hours(
    columns: Columns, values: tuple[str, ...], cell: Ints, steps: Ints
) -> Bools:
    """Return the bookings that lie within hours of every week; none that is untimed."""
    cells = columns.cells
    length = cells.last(cell, steps) - cells.start[cell]
    is_inside = np.zeros(len(cell), bool)
    for week in map(read_week, values):
        for day in week.days:
            hours = np.array(day * DAY + week.start), np.array(week.minutes)
            is_inside |= is_within(cells.clock[cell], length, *hours)
    return np.asarray(is_inside & (cells.date[cell] != NONE), bool)


def _passes(columns: Columns, key: str, values: tuple[str, ...], side: str) -> Bools:
    """Return by need, or by cell of a slot, whether it has one of the values."""
    cells = columns.cells
    if side == "slot" and key == "time":
        return _in_hours(
            columns, values, np.arange(len(cells)), np.ones(len(cells), int)
        )
    wanted = set(values)
    if key == "group":
        return columns.need_groups.bears(wanted.__contains__)
    if key == "tags":
        tagged = columns.community_tags.bears(wanted.__contains__)
        return tagged[columns.need_community]
    if key == "kind":
        fits = [
            any(kind == v or kind.startswith(f"{v}/") for v in wanted)
            for kind in columns.kinds
        ]
        return np.asarray(np.array(fits, bool)[columns.need_kind], bool)
    if key == "area":
        # One entry more, in no filter: NONE finds it from the end.
        chosen = np.array([area in wanted for area in columns.area_ids] + [False])
        inside = np.any(chosen[columns.community_ancestors], axis=0)
        community = (
            columns.need_community
            if side == "need"
            else columns.facility_community[columns.slot_facility][cells.slot]
        )
        return np.asarray(inside[community], bool)
    of = attribute(columns, key, side)
    of = of if side == "need" else by_cell(columns, key, of)
    chosen = np.array([name in wanted for name in of.names] + [False])
    return np.asarray(chosen[of.code], bool)


def unmatched(columns: Columns, name: str, where: Filter) -> list[tuple[str, str]]:
    """Return what a filter names and no need or slot has, be it misspelt or gone."""
    return [
        (key, value)
        for key, values in (where or {}).items()
        for value in values
        if not _passes(columns, key, (value,), group_side(key, name)).any()
    ]


def unmatched_groups(
    columns: Columns, name: str, groups: Sequence[str], keys: Iterable[Key]
) -> list[tuple[str, str]]:
    """Return what numbers by group name and no need or slot is in."""
    names_by_group: list[set[Key]] = []
    for group in groups:
        if group == "group":
            names_by_group.append({*columns.need_groups.names})
        else:
            names_by_group.append(
                {*attribute(columns, group, group_side(group, name)).names}
            )
    return [
        (group, name_in_group)
        for key in keys
        for group, name_in_group, names in zip(
            groups,
            (key,) if isinstance(key, str) else key,
            names_by_group,
            strict=False,
        )
        if name_in_group not in names
    ]


def unknown_values(columns: Columns, where: Filter) -> list[tuple[str, str]]:
    """Return filter values that name no record of the instance."""
    ids_by_key: dict[str, tuple[str, ...]] = {
        "community": columns.community_ids,
        "area": columns.area_ids,
        "need": columns.need_ids,
        "slot": columns.slot_ids,
        "facility": columns.facility_ids,
        "provider": columns.provider_ids,
        "sector": SECTORS,
    }
    return [
        (key, value)
        for key, values in (where or {}).items()
        if key in ids_by_key
        for value in values
        if value not in ids_by_key[key]
    ]


def check_filter(columns: Columns, where: Filter, kind: str, position: int) -> None:
    """Refuse a filter of a rule or goal that names what the instance has not."""
    unknown = unknown_values(columns, where)
    if unknown:
        number = str(position + 1)
        raise InputError(
            [
                Problem(
                    Text("instance.names_no_of_this_instance", field=key),
                    kind,
                    number,
                    f"where.{key}",
                    value,
                )
                for key, value in unknown
            ]
        )
