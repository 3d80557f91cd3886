"""Prices by group: a mapping that never changes, so records with one can be keys."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic_core import core_schema

from sharematch.model import numbers
from sharematch.model.fields import CONTROL
from sharematch.text import Text, about

__all__ = ["NO_PRICES", "Prices"]

_CONTROL = re.compile(f"[{CONTROL}]")
_LONGEST = 500


class Prices(Mapping[str, Decimal]):
    """Money by group.

    Examples
    --------
    >>> prices = Prices({"youth": Decimal("1.50"), "low-income": Decimal("0.00")})
    >>> prices
    {'low-income': Decimal('0.00'), 'youth': Decimal('1.50')}
    >>> prices == {"low-income": 0, "youth": Decimal("1.5")}, len({prices, prices})
    (True, 1)
    """

    __slots__ = ("_by_group",)

    def __init__(self, by_group: Mapping[str, Decimal]) -> None:
        self._by_group = dict(sorted(by_group.items()))

    def __getitem__(self, group: str) -> Decimal:
        return self._by_group[group]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_group)

    def __len__(self) -> int:
        return len(self._by_group)

    def __hash__(self) -> int:
        return hash(tuple(self._by_group.items()))

    def __repr__(self) -> str:
        return repr(self._by_group)

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(dict)
        return core_schema.no_info_plain_validator_function(
            _read, serialization=written
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: Any) -> dict[str, Any]:
        money = [{"type": "number", "minimum": 0}, {"type": "string"}]
        return {"type": "object", "additionalProperties": {"anyOf": money}}


NO_PRICES = Prices({})


def _read(value: object) -> Prices:
    if not isinstance(value, Mapping):
        raise ValueError(Text("booking.must_be_fees_by_group"))
    for group in value:
        if not isinstance(group, str) or not group:
            raise ValueError(Text("booking.must_name_groups", group=repr(group)))
        if _CONTROL.search(group) or len(group) > _LONGEST:
            raise ValueError(Text("booking.names_no_group"))
    # Where a table has a column for each group, None says nothing.
    said = {group: fee for group, fee in value.items() if fee is not None}
    return Prices({group: _fee(group, fee) for group, fee in said.items()})


def _fee(group: str, fee: object) -> Decimal:
    try:
        amount = numbers.to_money(fee)
    except ValueError as error:
        raise ValueError(about(group, error.args[0])) from None
    if amount < 0:
        raise ValueError(about(group, "value.must_not_be_negative"))
    return amount
