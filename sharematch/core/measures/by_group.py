"""Numbers by group: what policies give as bounds, ceilings and weights of groups.

One number for all, numbers by group, or a field of the records that a group is made
of, added up.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.attributes import Key
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.filters import need_mask, unknown_values
from sharematch.core.columns.integers import product, sums
from sharematch.core.measures.groups import Grouping, group_members
from sharematch.errors import InputError, Problem
from sharematch.model.measures import MEASURES
from sharematch.text import Text

__all__ = ["Numbers", "lots_of_needs", "numbers_by_group"]

Ints = NDArray[np.int64]
Numbers = list[Fraction | None]


def numbers_by_group(
    columns: Columns, term: Any, field: str, grouping: Grouping
) -> Numbers:
    """Return what a field of a rule or goal says of each group, None for nothing.

    Money is in minor units.

    Parameters
    ----------
    field
        ``bound``, ``upto`` or ``weights`` of the term.
    grouping
        The groups of the term.

    Raises
    ------
    InputError
        For numbers of groups that the instance does not have.
    """
    value = getattr(term, field)
    numbers: Numbers
    if isinstance(value, Mapping):
        _check_keys(columns, term, field, value)
        numbers = [value.get(key) for key in grouping.keys]
    elif isinstance(value, str):
        numbers = _field(columns, term, value, grouping)
    else:
        numbers = [value] * len(grouping.keys)
    measure = MEASURES[term.measure]
    if measure.unit != "money" or field == "weights":
        return numbers
    numbers = [None if each is None else measure.to_minor(each) for each in numbers]
    # A ceiling is compared with whole units of money; bounds may lie between.
    for key, number in zip(grouping.keys, numbers, strict=True):
        if field == "upto" and number is not None and number.denominator > 1:
            message = "value.must_have_at_most_two_decimal"
            shown = f"{key}: {float(number / measure.scale):g}"
            raise InputError([Problem(message, term.op, "", field, shown)])
    return numbers


def _field(columns: Columns, term: Any, name: str, grouping: Grouping) -> Numbers:
    by_community: Numbers
    if name == "demand":
        asked = _of_needs(columns, term, _asked(columns, term))
        return [Fraction(asked[key]) for key in grouping.keys]
    if name == "people":
        is_told = columns.need_people != NONE
        heads = _of_needs(columns, term, np.where(is_told, columns.need_people, 0))
        told = _of_needs(columns, term, is_told.astype(np.int64))
        return [Fraction(heads[k]) if told[k] else None for k in grouping.keys]
    if name == "population":
        by_community = [
            Fraction(int(population)) if population != NONE else None
            for population in columns.community_population
        ]
    else:
        by_community = [*columns.community_entitlement]
    by_id = dict(zip(columns.community_ids, by_community, strict=True))
    if term.by == "area":
        by_id = dict.fromkeys(columns.area_ids)
        for area, number in zip(columns.community_area, by_community, strict=True):
            if area != NONE and number is not None:
                id_ = columns.area_ids[area]
                by_id[id_] = (by_id[id_] or 0) + number
    return [by_id[key] for key in grouping.keys if isinstance(key, str)]


def lots_of_needs(columns: Columns) -> Ints:
    """Return how many units of each need are one booking."""
    is_whole = columns.need_whole | (columns.need_together != NONE)
    is_whole |= (columns.need_minutes != NONE) | (columns.need_sessions > 1)
    return np.where(is_whole, np.maximum(columns.need_quantity, 1), 1)


def _asked(columns: Columns, term: Any) -> Ints:
    """Return what each need asks for, in the measure of a term.

    Raises
    ------
    InputError
        For minutes of a need that does not say how long it takes.
    """
    asked = columns.need_demand
    if term.measure == "weighted_served":
        return product(columns.need_weight, asked)
    if term.measure == "bookings":
        return asked // lots_of_needs(columns)
    if term.measure != "minutes":
        return asked
    is_untold = (columns.need_minutes == NONE) & (asked > 0)
    is_untold &= need_mask(columns, term.measure, term.where)
    if is_untold.any():
        need = columns.need_ids[int(is_untold.argmax())]
        raise InputError(
            [Problem("policy.does_not_say_its_minutes", "need", need, "minutes")]
        )
    return product(np.maximum(columns.need_minutes, 0), asked)


def _of_needs(columns: Columns, term: Any, amount: Ints) -> dict[Key, int]:
    """Return an amount of needs by group of needs, under the term's filter."""
    (members,) = group_members(columns, term.measure, term.by, term.where)
    keys: list[Key] = [*members.names[0]]
    if len(members.names) == 2:
        keys = [
            (str(first), str(second)) for first in keys for second in members.names[1]
        ]
    total = sums(members.group, amount[members.record], len(keys))
    return dict(zip(keys, total.tolist(), strict=True))


def _check_keys(columns: Columns, term: Any, field: str, keys: Iterable[Key]) -> None:
    for key in keys:
        parts = (key,) if isinstance(key, str) else key
        named = {g: (part,) for g, part in zip(term.groups, parts, strict=False)}
        if len(parts) != len(term.groups) or unknown_values(columns, named):
            by = " and ".join(term.groups)
            message = Text("instance.names_no_of_this_instance", field=by)
            raise InputError([Problem(message, term.op, "", field, str(key))])
