"""What the services of a directory offer: schedules and holidays, capacities, fees."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sharematch.errors import InputError
from sharematch.io.carry import plain_kind
from sharematch.io.hsds.check import Faults
from sharematch.io.hsds.schedules import day_of, openings, openings_on
from sharematch.io.hsds.tables import Row, Tables
from sharematch.io.openings import Cutting, Offer, Span, merged, without
from sharematch.model import numbers
from sharematch.model.places import Slot
from sharematch.text import Text

__all__ = ["Attributes", "Offers", "currency_of"]

Attributes = Mapping[tuple[str, str, str], list[str]]
"""What is said of an object: by its entity, its id and a name."""

_DAY = timedelta(days=1)
_NO = ("false", "no", "n", "f", "0")


class Offers:
    """The offers of a directory; `names` holds what its objects are called."""

    def __init__(
        self,
        tables: Tables,
        cutting: Cutting,
        faults: Faults,
        names: Mapping[str, Mapping[str, str]],
        attributes: Attributes,
    ) -> None:
        self.tables = tables
        self.cutting = cutting
        self.faults = faults
        self.ledger = faults.ledger
        self.names = names
        self.attributes = attributes
        self.currencies: set[str] = set()
        self.used: set[str] = set()
        self.of_service: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for entity in ("service_capacity", "cost_option"):
            for row in tables[entity]:
                self.of_service[entity, str(row.get("service_id"))].append(row)

    def currency(self) -> Row:
        """Return the currency of the fees, if they have one."""
        if len(self.currencies) > 1:
            codes = ", ".join(sorted(self.currencies))
            self.ledger.lost(
                "cost_option", "currency", codes, Text("osm.in_several_currencies")
            )
        return {"currency": max(self.currencies)} if len(self.currencies) == 1 else {}

    def read(self, fee: Decimal | None) -> Iterator[Offer]:
        """Yield what each service offers at each location."""
        schedules = self._schedules()
        services = {row["id"]: row for row in self.tables["service"]}
        for row in self.tables["service_at_location"]:
            place = self.names["location"].get(str(row.get("location_id")))
            service = services.get(row.get("service_id"))
            if place is None or service is None:
                continue
            if service.get("status", "active") != "active":
                self.ledger.lost(
                    "service", "", service["id"], Text("carry.is_not_active")
                )
                continue
            # The most special schedules hold; a location's say when its door is open.
            special = (
                schedules.get(("service_at_location", row["id"]))
                or schedules.get(("service", service["id"]))
                or schedules.get(("location", str(row["location_id"])))
            )
            if not special:
                name = self.names["service"][service["id"]]
                self.ledger.assumed(
                    "schedule", "", name, Text("carry.none_known_so_no_slots")
                )
                continue
            yield from self._offers_of(place, row, service, special, fee)
        for row in self.tables["schedule"]:
            if row["id"] not in self.used:
                self.ledger.lost(
                    "schedule", "", row["id"], Text("carry.another_holds_or_none")
                )

    def _schedules(self) -> dict[tuple[str, str], list[Row]]:
        """Return schedules by what they are of."""
        places = {
            (str(row.get("service_id")), str(row.get("location_id"))): row["id"]
            for row in self.tables["service_at_location"]
        }
        by_owner: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["schedule"]:
            keys = ("service_at_location", "service", "location")
            owner = next((key for key in keys if row.get(f"{key}_id")), "")
            name = str(row.get(f"{owner}_id", ""))
            service_place = (name, str(row.get("location_id")))
            if owner == "service" and service_place in places:
                owner, name = "service_at_location", places[service_place]
            by_owner[owner, name].append(row)
        return by_owner

    def _offers_of(
        self,
        place: str,
        location_row: Row,
        service: Row,
        schedules: Iterable[Row],
        fee: Decimal | None,
    ) -> Iterator[Offer]:
        name = self.names["service"][service["id"]]
        spans: list[Span] = []
        single: list[tuple[str, list[Span]]] = []
        for row in schedules:
            self.used.add(row["id"])
            try:
                opened = [*openings(row, self.cutting, self.ledger)]
            except (ValueError, OverflowError) as error:
                self.faults.mark(str(error)[:80], "schedule", row)
                continue
            if slot := self.attributes.get(("schedule", row["id"], "slot")):
                single.append((slot[0], opened))
            else:
                spans += opened
        terms = self._terms(place, service, name, fee)
        if terms is None:
            return
        closed, others = self._holidays(location_row)
        for slot_name, opened in single:
            yield Offer(slot_name, opened, terms, closed, is_single=True)
        spans = [*without(merged(spans), closed), *others]
        if spans:
            yield Offer(f"{place} {name}"[:400], spans, terms)

    def _holidays(self, location_row: Row) -> tuple[list[Span], list[Span]]:
        """Return when a service at a location is closed, and its hours then."""
        keys = {
            "service_at_location_id": location_row["id"],
            "service_id": location_row.get("service_id"),
            "location_id": location_row.get("location_id"),
        }
        closed: list[Span] = []
        shut: list[Span] = []
        others: list[Span] = []
        for row in self.tables["holiday_schedule"]:
            given = [key for key in keys if row.get(key)]
            if not given or any(str(row[key]) != str(keys[key]) for key in given):
                continue
            try:
                first, last = day_of(row, "start_date"), day_of(row, "end_date")
            except ValueError as error:
                self.faults.mark(str(error), "holiday_schedule", row)
                continue
            if first is None or last is None or last < first:
                message = Text("hsds.has_no_first_day_and_last")
                self.faults.mark(message, "holiday_schedule", row)
                continue
            whole = (self.cutting.moment(first), self.cutting.moment(last + _DAY))
            closed.append(whole)
            if str(row.get("closed", "")).strip().lower() not in _NO:
                shut.append(whole)
                continue
            try:
                others += openings_on(row, first, last, self.cutting)
            except ValueError as error:
                detail = Text("hsds.closed", cause=str(error))
                self.ledger.lost("holiday_schedule", "", row["id"], detail)
        return closed, without(merged(others), shut)

    def _terms(
        self, place: str, service: Row, name: str, fee: Decimal | None
    ) -> Row | None:
        """Return the other fields of slots, None if it is not known what they cost."""
        kinds = self.attributes.get(("service", service["id"], "kind"))
        if not kinds:
            kinds = [plain_kind(name.replace("/", " ")) or "service"]
            self.ledger.assumed(
                "slot", "kinds", name, Text("carry.the_name_of_the_service")
            )
        fields: Row = {"facility": place, "kinds": kinds}
        fields |= self._capacity(service, name)
        prices = self.of_service["cost_option", service["id"]]
        if prices:
            amounts = [numbers.exact(row["amount"]) for row in prices]
            if len(set(amounts)) > 1:
                self.ledger.assumed(
                    "slot", "fee", name, Text("carry.the_highest_of_its_options")
                )
            fields["fee"] = numbers.number_text(max(amounts))
            named = (row.get("currency") for row in prices)
            self.currencies |= {currency_of(code) for code in named if code}
        elif service["id"] in self.faults.unpriced and fee is None:
            self.ledger.lost("service", "fee", name, Text("hsds.not_known_so_no_slots"))
            return None
        elif service["id"] in self.faults.unpriced:
            self.ledger.assumed("slot", "fee", name, str(fee))
            fields["fee"] = fee
        return fields if self._fits(service, fields) else None

    def _fits(self, service: Row, fields: Row) -> bool:
        """Say whether slots can have such fields; note what they cannot."""
        try:
            Slot(id="any", **{"capacity": 1, **fields})
        except InputError as error:
            for problem in error.problems:
                row = {**service, problem.field: problem.value}
                self.faults.mark(problem.message, "service", row, problem.field)
            return False
        return True

    def _capacity(self, service: Row, name: str) -> dict[str, Any]:
        rows = self.of_service["service_capacity", service["id"]]
        if not rows:
            self.ledger.assumed("slot", "capacity", name, str(self.cutting.capacity))
            return {}
        for row in rows[1:]:
            self.ledger.lost(
                "service_capacity", "", row["id"], Text("carry.one_counts")
            )
        number = numbers.exact(rows[0].get("available"))
        if number.denominator != 1 or number < 0:
            self.ledger.lost(
                "service_capacity", "available", rows[0]["id"], Text("carry.a_part")
            )
        return {"capacity": max(0, number.numerator // number.denominator)}


def currency_of(value: object) -> str:
    """Return a currency as its code is written, such as EUR."""
    return str(value).strip().upper()[:20]
