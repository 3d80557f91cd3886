"""One change of records or of the policy, and the columns as it leaves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.facts import Change, Units
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.sets import Labels
from sharematch.model.policy import Policy

__all__ = [
    "Edit",
    "labels_of",
    "with_choice",
    "with_labels",
    "with_value",
    "with_window",
    "without_closed",
    "without_rows",
]

ColumnEdit = Callable[[Columns], dict[str, Any]]
"""Returns those columns that change, by name."""


@dataclass(frozen=True)
class Edit:
    """One change, and what it does to columns or to the policy.

    `opens` are the slots that it opens to the need and to nobody else, none if it
    does more than that. With `grows` it opens all that earlier edits of its code open.
    """

    code: str
    need: str
    record: str
    id: str
    field: str
    before: Any
    after: Any
    off: int | Decimal | None
    slot: int
    slot_id: str
    opens: tuple[int, ...] = ()
    grows: bool = False
    policy: Policy | None = None
    edit: ColumnEdit = lambda _: {}

    def columns(self, columns: Columns) -> Columns:
        """Return the columns with this change."""
        changed = self.edit(columns)
        for value in changed.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        return replace(columns, **changed)

    def change(self, units: int, paid_by: tuple[Units, ...], checked: str) -> Change:
        """Return the fact that this change serves so many units more."""
        return Change(
            code=self.code,
            need=self.need,
            record=self.record,
            id=self.id,
            field=self.field,
            before=self.before,
            after=self.after,
            off=self.off,
            slot=self.slot_id,
            units=units,
            paid_by=paid_by,
            checked=checked,
        )


def with_value(name: str, row: int, value: int) -> ColumnEdit:
    """Set one value of a column."""

    def edit(columns: Columns) -> dict[str, Any]:
        changed = getattr(columns, name).copy()
        changed[row] = value
        return {name: changed}

    return edit


def with_window(need: int, row: int, span: tuple[int, int]) -> ColumnEdit:
    """Give a need a window, in place of one of the rows of windows or as another."""

    def edit(columns: Columns) -> dict[str, Any]:
        kept = np.arange(len(columns.window_need)) != row
        parts = [
            np.append(getattr(columns, f"window_{name}")[kept], value)
            for name, value in (("need", need), ("start", span[0]), ("end", span[1]))
        ]
        order = np.lexsort(parts[::-1])
        names = ("window_need", "window_start", "window_end")
        return {name: part[order] for name, part in zip(names, parts, strict=True)}

    return edit


def without_rows(
    record: str, fields: Sequence[str], gone: NDArray[np.bool_]
) -> ColumnEdit:
    """Leave out rows of what hangs on records."""
    names = [f"{record}_{field}" for field in fields]
    return lambda columns: {name: getattr(columns, name)[~gone] for name in names}


def without_closed(dated: NDArray[np.bool_], weekly: NDArray[np.bool_]) -> ColumnEdit:
    """Leave out closed times of facilities, of dates and of every week."""
    edits = (
        without_rows("closed", ("facility", "start", "end"), dated),
        without_rows("shut", ("facility", "start", "minutes"), weekly),
    )
    return lambda columns: {k: v for edit in edits for k, v in edit(columns).items()}


def with_choice(need: int, slot: int) -> ColumnEdit:
    """Add a slot to the choices of a need, as its last."""

    def edit(columns: Columns) -> dict[str, Any]:
        mine = columns.choice_need == need
        end = int(np.flatnonzero(mine)[-1]) + 1
        rank = int(columns.choice_rank[mine].max()) + 1
        values = (("need", need), ("slot", slot), ("facility", NONE), ("rank", rank))
        names = [(f"choice_{name}", value) for name, value in values]
        return {name: np.insert(getattr(columns, name), end, v) for name, v in names}

    return edit


def with_labels(name: str, row: int, wanted: Sequence[int]) -> ColumnEdit:
    """Give a record other labels, such as features or groups."""

    def edit(columns: Columns) -> dict[str, Any]:
        old: Labels = getattr(columns, name)
        first, last = int(old.indptr[row]), int(old.indptr[row + 1])
        mine = np.array(wanted, np.int64)
        parts = (old.indices[:first], mine, old.indices[last:])
        indptr = old.indptr.copy()
        indptr[row + 1 :] += len(mine) - (last - first)
        return {name: Labels(old.names, indptr, np.concatenate(parts))}

    return edit


def labels_of(labels: Labels, row: int) -> list[int]:
    """Return the labels that a record has."""
    row_labels: list[int] = labels.indices[
        labels.indptr[row] : labels.indptr[row + 1]
    ].tolist()
    return row_labels
