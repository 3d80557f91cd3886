"""An allocation: who got how many units of which slot and when, as aligned columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import expect
from sharematch.model.canonical import time_text
from sharematch.model.numbers import LARGEST, to_datetime
from sharematch.text import Text

__all__ = ["Allocation", "Assignment"]

_NEEDED = ("slot", "need", "quantity")
_TIMES = ("start", "end")
_Key = tuple[str, str, datetime | None]


@dataclass(frozen=True, slots=True)
class Assignment:
    """So many units of one slot for one need; in an opening, one booking of them.

    Examples
    --------
    >>> Assignment("mon", "elderly", 2).to_dict()
    {'slot': 'mon', 'need': 'elderly', 'quantity': 2}
    """

    slot: str
    need: str
    quantity: int
    start: datetime | None = None
    """When a booking in an opening begins; None in other slots."""
    end: datetime | None = None
    parts: tuple[str, ...] = ()
    """The parts of a hall that it has, where these are named."""

    def to_dict(self) -> dict[str, Any]:
        """Return the assignment as files have it; plain slots have no times."""
        row = {"slot": self.slot, "need": self.need, "quantity": self.quantity}
        times = {"start": self.start, "end": self.end}
        row |= {key: time_text(t) for key, t in times.items() if t is not None}
        return row | ({"parts": list(self.parts)} if self.parts else {})


class Allocation:
    """Assignments in the order of slot, then need, then start; immutable.

    Parameters
    ----------
    assignments
        Objects with `slot`, `need` and `quantity`, and with `start` and maybe `end` in
        openings; mappings with these keys, or triples in this order, with four or five
        entries in openings. Equal ones are added up.

    Raises
    ------
    InputError
        For a quantity that is no whole number above 0, ids that are no text, times
        that are none.

    Examples
    --------
    >>> plan = Allocation([("mon", "elderly", 2)])
    >>> [(a.slot, a.need, a.quantity) for a in plan]
    [('mon', 'elderly', 2)]
    >>> plan.units
    2
    """

    def __init__(self, assignments: Iterable[Any] = ()) -> None:
        expect(Iterable, assignments=assignments)
        total: dict[_Key, int] = {}
        ends: dict[_Key, datetime | None] = {}
        parts: dict[_Key, tuple[str, ...]] = {}
        problems: list[Problem] = []
        for position, item in enumerate(assignments):
            try:
                assignment = _assignment(item)
            except ValueError as error:
                problems.append(Problem(str(error), "assignment", str(position + 1)))
                continue
            key = assignment.slot, assignment.need, assignment.start
            total[key] = total.get(key, 0) + assignment.quantity
            if ends.setdefault(key, assignment.end) is None:
                ends[key] = assignment.end
            if assignment.parts:
                parts[key] = assignment.parts
        if problems:
            raise InputError(problems)
        keys = sorted(total, key=_order)
        self.slots: tuple[str, ...] = tuple(slot for slot, _, _ in keys)
        self.needs: tuple[str, ...] = tuple(need for _, need, _ in keys)
        self.starts: tuple[datetime | None, ...] = tuple(start for *_, start in keys)
        self.ends: tuple[datetime | None, ...] = tuple(map(ends.__getitem__, keys))
        self.parts: tuple[tuple[str, ...], ...] = tuple(parts.get(k, ()) for k in keys)
        quantity_column = np.array([total[key] for key in keys], np.int64)
        quantity_column.setflags(write=False)
        self.quantities: NDArray[np.int64] = quantity_column

    @classmethod
    def of_columns(
        cls,
        slots: Iterable[str],
        needs: Iterable[str],
        quantities: NDArray[np.int64],
        times: tuple[Sequence[datetime | None], Sequence[datetime | None]]
        | None = None,
        parts: Sequence[tuple[str, ...]] | None = None,
    ) -> "Allocation":
        """Return the plan of columns that are in order, each once, all above 0."""
        plan = cls()
        plan.slots, plan.needs = tuple(slots), tuple(needs)
        none = (None,) * len(plan.slots)
        plan.starts, plan.ends = map(tuple, times or (none, none))
        plan.parts = ((),) * len(none) if parts is None else tuple(parts)
        plan.quantities = quantities.copy()
        plan.quantities.setflags(write=False)
        return plan

    @property
    def units(self) -> int:
        """How many units are assigned in all."""
        return int(self.quantities.sum())

    @property
    def has_bookings(self) -> bool:
        """Whether some assignment is a booking in an opening."""
        return any(start is not None for start in self.starts)

    def __iter__(self) -> Iterator[Assignment]:
        columns = (self.slots, self.needs, self.quantities.tolist())
        yield from map(Assignment, *columns, self.starts, self.ends, self.parts)

    def __len__(self) -> int:
        return len(self.slots)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the assignments as files have them."""
        count = len(self)
        told = (self.starts.count(None), self.ends.count(None), self.parts.count(()))
        if told != (count, count, count):
            return [assignment.to_dict() for assignment in self]
        columns = (self.slots, self.needs, self.quantities.tolist())
        return [
            {"slot": slot, "need": need, "quantity": quantity}
            for slot, need, quantity in zip(*columns, strict=True)
        ]

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """Return the columns `slot`, `need`, `quantity` as an Arrow stream.

        Plans with bookings in openings have `start` and `end` beside them, as text.
        """
        import pyarrow as pa  # noqa: PLC0415 (an extra; only dataframes need it)

        columns = {
            "slot": pa.array(self.slots, pa.string()),
            "need": pa.array(self.needs, pa.string()),
            "quantity": pa.array(self.quantities, pa.int64()),
        }
        if self.has_bookings:
            for name, times in (("start", self.starts), ("end", self.ends)):
                texts = [None if time is None else time_text(time) for time in times]
                columns[name] = pa.array(texts, pa.string())
        return pa.table(columns).__arrow_c_stream__(requested_schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allocation) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash((self.slots, self.needs, tuple(self.quantities.tolist())))

    def __repr__(self) -> str:
        return f"<Allocation {len(self)} assignments, {self.units} units>"


def _order(key: _Key) -> tuple[str, str, str, float]:
    """Return what sorts: times without an offset apart from those with one."""
    slot, need, start = key
    if start is None:
        return slot, need, "", 0.0
    # Times with and without an offset cannot be compared, yet a plan has one order.
    kind = "naive" if start.tzinfo is None else "zoned"
    day = start.toordinal() * 86400.0 + start.hour * 3600 + start.minute * 60
    offset = start.utcoffset()
    return slot, need, kind, day - (0 if offset is None else offset.total_seconds())


def _assignment(item: Any) -> Assignment:
    slot, need, quantity, *times = _fields(item)
    if not isinstance(slot, str) or not isinstance(need, str):
        raise ValueError(
            Text("answer.slot_and_need_must_be_ids", slot=repr(slot), need=repr(need))
        )
    if isinstance(quantity, bool) or not isinstance(quantity, (int, np.integer)):
        raise ValueError(
            Text("answer.quantity_must_be_a_whole_number", quantity=repr(quantity))
        )
    if not 0 < quantity <= LARGEST:
        raise ValueError(
            Text(
                "answer.quantity_must_be_above_0_and", quantity=quantity, limit=LARGEST
            )
        )
    parts = _get(item, "parts")
    named = tuple(parts) if isinstance(parts, list | tuple) else ()
    if not all(isinstance(part, str) for part in named):
        named = ()
    start, end = map(_time, _TIMES, times)
    return Assignment(slot, need, int(quantity), start, end, named)


def _get(item: Any, name: str) -> object:
    """Return what an item has by a name, None if nothing."""
    if isinstance(item, Mapping):
        return item.get(name)
    return getattr(item, name, None)


def _time(name: str, value: object) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        return to_datetime(value)
    except ValueError as error:
        raise ValueError(f"{name} {value!r} {error}") from None


def _fields(item: Any) -> tuple[object, ...]:
    """Return slot, need, quantity, start and end; the last two None if left out."""
    names = (*_NEEDED, *_TIMES)
    if isinstance(item, Mapping):
        if not {*_NEEDED} <= {*item} <= {*names, "parts"}:
            keys = ", ".join(map(str, item))
            raise ValueError(
                Text("answer.must_have_slot_need_and_quantity", found=keys)
            )
        return tuple(item.get(name) for name in names)
    if isinstance(item, (tuple, list)):
        parts = tuple(item)
    else:
        parts = tuple(getattr(item, name) for name in _NEEDED if hasattr(item, name))
        if len(parts) == len(_NEEDED):
            parts += tuple(getattr(item, name, None) for name in _TIMES)
    if not len(_NEEDED) <= len(parts) <= len(names):
        raise ValueError(Text("answer.must_be_slot_need_and_quantity"))
    return parts + (None,) * (len(names) - len(parts))
