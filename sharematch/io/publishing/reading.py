"""The format of a published instance, and what is read from it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.given import Given
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.own_measures import learn_measure
from sharematch.text import Text, about

__all__ = ["FORMAT", "RECORDS", "WIDEST", "check_band", "columns_of"]

Ints = NDArray[np.int64]
FORMAT = "sharematch-published"
WIDEST = 40_000_000
"""The widest band of distances: once around the Earth."""
NOT_BY_PAIR = ("need", "slot", "band", "cell", "steps", "own_names", "own")
RECORDS = (
    *("areas", "communities", "providers", "facilities", "slots", "needs"),
    *("past", "decisions"),
)


def check_band(band: Any) -> None:
    """Raise InputError for what cannot be the width of bands of distances."""
    if type(band) is not int or not 1 <= band <= WIDEST:
        raise InputError(
            "value.must_be_from_to",
            low=1,
            high=WIDEST,
            field="distance_band",
            value=str(band),
        )


@typed
def columns_of(document: Mapping[str, Any]) -> Columns:
    """Return the columns of a published instance.

    Raises
    ------
    InputError
        For a document that is no published instance.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> published = sm.publication.publish(town, result, b"a key of the office")
    >>> len(sm.publication.columns_of(published.instance).need_ids)
    6
    """
    try:
        rows = document["arcs"]
        if document["format"] != FORMAT or document["version"] != 1:
            raise InputError(
                "published.not_published", hint=f'"format": "{FORMAT}", "version": 1'
            )
        records = {name: document[name] for name in RECORDS if name in document}
        columns = encode(Instance(**records))
        position = columns.position
        need = np.array([position["need"][row["need"]] for row in rows], np.int64)
        slot = np.array([position["slot"][row["slot"]] for row in rows], np.int64)
        cell = _cells(columns, slot, rows)
        order = np.lexsort((cell, need))
        given_fields: dict[str, Any] = {
            field.name: np.array(
                [int(row.get(field.name, field.name == "units")) for row in rows],
                np.int64,
            )[order]
            for field in fields(Given)
            if field.name not in NOT_BY_PAIR
            and (
                field.name not in ("fee", "unpreferred")
                or any(field.name in row for row in rows)
            )
        }
        if told := document.get("own_measures"):
            for name, facts in told.items():
                learn_measure(name, **facts)
            each = [[int(row.get("own", {}).get(m, 0)) for row in rows] for m in told]
            own_values = np.array(each, np.int64).reshape(len(told), len(rows))
            given_fields |= {"own_names": tuple(told), "own": own_values[:, order]}
        band = document.get("distance_band")
        if band is not None:
            check_band(band)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            about(Text("published.not_a_published_instance"), repr(error))
        ) from None
    steps = columns.booking_steps(need, slot)[order]
    given_fields |= {"need": need[order], "slot": slot[order], "cell": cell[order]}
    given = Given(steps=steps, band=band, **given_fields)
    width = max(len(columns.cells), 1)
    if (np.diff(given.need * width + given.cell) == 0).any():
        raise InputError("published.a_published_instance_lists_a_pair")
    return replace(columns, given=given)


def _cells(columns: Columns, slot: Ints, rows: Sequence[Mapping[str, Any]]) -> Ints:
    """Return where bookings begin: in openings so many minutes after these do."""
    after = np.array([int(row.get("start", 0)) for row in rows], np.int64)
    cell = columns.cells.at(slot, columns.slot_start[slot] + after)
    is_opening = columns.slot_step[slot] != NONE
    cell = np.where(is_opening, cell, columns.cells.first[slot])
    if (cell == NONE).any():
        raise InputError("published.nothing_begins_at_a_start")
    return cell
