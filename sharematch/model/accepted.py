"""What records accept for type checkers; what they hold is said by their fields."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from sharematch.model.windows import Window

__all__ = ["Amount", "Date", "Fees", "Point", "Spans", "Texts", "When"]

Texts = Iterable[str]
Amount = Decimal | int | float | str
When = datetime | str
Date = date | str
Point = Iterable[float]
Spans = Iterable[Window | str | tuple[When, When] | Mapping[str, When]]
Fees = Mapping[str, Amount]
