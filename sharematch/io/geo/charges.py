"""Charges as OpenStreetMap writes them: "2,50 EUR", "€5", "1 EUR/30 minutes"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sharematch.io.carry import Ledger
from sharematch.text import Text

__all__ = ["Charge", "Charges", "charge_of"]

_SYMBOLS = {
    **dict.fromkeys(("Euro", "Euros", "euro", "euros"), "EUR"),
    "€": "EUR",
    "£": "GBP",
    "₽": "RUB",
    "₴": "UAH",
    "₹": "INR",
    "₩": "KRW",
}
_PLAIN_SYMBOLS = ("$", "¥", "kr", "Kr", "kr.", "zł", "Kč", "Ft", "R$")
"""Signs of several currencies, or such that no code follows from them."""

_SIGN = "|".join(
    ["[A-Z]{3}", *map(re.escape, sorted([*_SYMBOLS, *_PLAIN_SYMBOLS], key=len)[::-1])]
)
_AMOUNT = r"\d{1,9}(?:[.,]\d{1,2})?"
_CHARGE = re.compile(
    rf"(?:(?P<before>{_SIGN})\s*)?(?P<amount>{_AMOUNT})\s*(?P<after>{_SIGN})?"
    r"(?:\s*(?:/|\bper\b)\s*(?P<number>\d{1,4})?\s*(?P<unit>[a-z]+))?",
    re.ASCII,
)
_MINUTES = {
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 1),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), 60),
    **dict.fromkeys(("day", "days", "d"), 24 * 60),
}
_EACH = ("person", "persons", "visit", "entry", "ticket", "adult", "use")


@dataclass(frozen=True)
class Charge:
    """What a place costs; with `minutes`, for each such time begun."""

    amount: Decimal
    currency: str | None = None
    minutes: int | None = None

    def price(self, length: timedelta) -> Decimal:
        """Return what so long a time costs.

        Examples
        --------
        >>> charge_of("1 EUR/30 minutes").price(timedelta(hours=3))
        Decimal('6')
        """
        if self.minutes is None:
            return self.amount
        return self.amount * -(-length // timedelta(minutes=self.minutes))


def charge_of(text: str) -> Charge | None:
    """Return the charge that a text says, None if it says no single one."""
    match = _CHARGE.fullmatch(text.strip())
    if not match or (match["before"] and match["after"]):
        return None
    unit, number = match["unit"], int(match["number"] or 1)
    minutes = _MINUTES.get(unit or "")
    if unit and (number < 1 or (minutes is None and (unit not in _EACH or number > 1))):
        return None
    sign = match["before"] or match["after"]
    if sign is not None:
        sign = _SYMBOLS.get(sign, sign)
    return Charge(
        Decimal(match["amount"].replace(",", ".")),
        sign if sign and re.fullmatch("[A-Z]{3}", sign) else None,
        None if minutes is None else number * minutes,
    )


class Charges:
    """Says what slots cost; a place whose fee is not known is not free."""

    def __init__(self, fee: Decimal | None, ledger: Ledger) -> None:
        self._fee = fee
        self._ledger = ledger
        self._currencies: set[str] = set()

    def of(self, name: str, tags: Mapping[str, str]) -> Charge | None:
        """Return the charge of a place, None if it is not known."""
        text, fee = tags.get("charge", ""), tags.get("fee", "no")
        charge = charge_of(text) if text else None
        if charge is not None:
            self._currencies |= {charge.currency} if charge.currency else set()
            return charge
        if not text and fee == "no":
            return Charge(Decimal(0))
        if self._fee is not None:
            self._ledger.assumed("place", "fee", name, str(self._fee))
            return Charge(self._fee)
        self._ledger.lost(
            "place",
            "fee",
            name,
            Text("osm.not_known_so_no_slots", charge=str(text or fee)[:56]),
        )
        return None

    def currency(self) -> dict[str, str]:
        """Return the currency of the charges; of several none."""
        if len(self._currencies) > 1:
            codes = ", ".join(sorted(self._currencies))
            self._ledger.lost(
                "place", "charge", codes[:60], Text("osm.in_several_currencies")
            )
        return {"currency": max(self._currencies)} if len(self._currencies) == 1 else {}
