"""An allocation: who got how many units of which slot, as aligned columns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import expect
from sharematch.model.numbers import LARGEST
from sharematch.text import Text

__all__ = ["Allocation", "Assignment"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """So many units of one slot for one need."""

    slot: str
    need: str
    quantity: int


class Allocation:
    """Assignments in the order of slot, then need; immutable.

    Parameters
    ----------
    assignments
        Objects with `slot`, `need` and `quantity`, mappings with these keys, or
        triples in this order. Equal pairs are added up.

    Raises
    ------
    InputError
        For a quantity that is no whole number above 0, or ids that are no text.

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
        total: dict[tuple[str, str], int] = {}
        problems: list[Problem] = []
        for position, item in enumerate(assignments):
            try:
                slot, need, quantity = _parts(item)
            except ValueError as error:
                problems.append(Problem(str(error), "assignment", str(position + 1)))
                continue
            total[slot, need] = total.get((slot, need), 0) + quantity
        if problems:
            raise InputError(problems)
        pairs = sorted(total)
        self.slots: tuple[str, ...] = tuple(slot for slot, _ in pairs)
        self.needs: tuple[str, ...] = tuple(need for _, need in pairs)
        quantity_column = np.array([total[pair] for pair in pairs], np.int64)
        quantity_column.setflags(write=False)
        self.quantities: NDArray[np.int64] = quantity_column

    @classmethod
    def of_columns(
        cls, slots: Iterable[str], needs: Iterable[str], quantities: NDArray[np.int64]
    ) -> "Allocation":
        """Return the plan of columns that are in order, each pair once, all above 0."""
        plan = cls()
        plan.slots, plan.needs = tuple(slots), tuple(needs)
        plan.quantities = quantities.copy()
        plan.quantities.setflags(write=False)
        return plan

    @property
    def units(self) -> int:
        """How many units are assigned in all."""
        return int(self.quantities.sum())

    def __iter__(self) -> Iterator[Assignment]:
        for slot, need, quantity in zip(
            self.slots, self.needs, self.quantities.tolist(), strict=True
        ):
            yield Assignment(slot, need, quantity)

    def __len__(self) -> int:
        return len(self.slots)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """Return the columns `slot`, `need`, `quantity` as an Arrow stream."""
        import pyarrow as pa  # noqa: PLC0415 (an extra; only dataframes need it)

        columns = {
            "slot": pa.array(self.slots, pa.string()),
            "need": pa.array(self.needs, pa.string()),
            "quantity": pa.array(self.quantities, pa.int64()),
        }
        return pa.table(columns).__arrow_c_stream__(requested_schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allocation) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash((self.slots, self.needs, tuple(self.quantities.tolist())))

    def __repr__(self) -> str:
        return f"<Allocation {len(self)} assignments, {self.units} units>"


def _parts(item: Any) -> tuple[str, str, int]:
    slot, need, quantity = _fields(item)
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
    return slot, need, int(quantity)


def _fields(item: Any) -> tuple[object, object, object]:
    if isinstance(item, Mapping):
        if set(item) != {"slot", "need", "quantity"}:
            found = ", ".join(map(str, item))
            raise ValueError(
                Text("answer.must_have_slot_need_and_quantity", found=found)
            )
        return item["slot"], item["need"], item["quantity"]
    if isinstance(item, (tuple, list)):
        parts = tuple(item)
    else:
        names = ("slot", "need", "quantity")
        parts = tuple(getattr(item, name) for name in names if hasattr(item, name))
    if len(parts) != 3:
        raise ValueError(Text("answer.must_be_slot_need_and_quantity"))
    return parts
