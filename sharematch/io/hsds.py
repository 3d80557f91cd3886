"""Open Referral HSDS 3.1 (https://docs.openreferral.org): directories to instances.

organization → provider · location → facility · accessibility → features · service at a
location, by its schedules → slots · service_capacity → capacity · cost_option → fee ·
taxonomy terms of a service → kinds. Needs are no part of the standard.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Reading, instance_of
from sharematch.io.geojson import Home
from sharematch.io.hsds_schedules import day_of, openings
from sharematch.io.hsds_tables import FIELDS, Row, Tables, read_tables
from sharematch.io.shapes import Point, point_of
from sharematch.model import numbers
from sharematch.model.canonical import record_data
from sharematch.model.records import Community
from sharematch.openings import Cutting, Offer, Span, cut

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["TAXONOMY", "currency_of", "read_hsds"]

TAXONOMY = "sharematch"
"""The taxonomy of attributes that hold what HSDS has no field for."""

_SECTORS = ("public", "host", "volunteer", "market")


def read_hsds(
    path: str | os.PathLike[str],
    cutting: Cutting,
    *,
    communities: Iterable[Community] = (),
) -> Reading:
    """Read a directory of services: facilities, providers, slots.

    Parameters
    ----------
    path
        A JSON file (services, organizations, pages of them, or tables), or the folder
        of a CSV data package.
    cutting
        Days, zone and length of the slots. Clock times without an offset are of its
        zone; `timezone` of a schedule counts where the cutting has no zone of its own.
    communities
        A facility belongs to the nearest; without any, all to one.

    Returns
    -------
    Records are named by the `name` of what they come from where no other has it, else
    by its `id`. Notes say what was not carried; free text never is.

    Raises
    ------
    InputError
        When it is no HSDS, refers to what is not there, or holds values that cannot be.
    """
    path = Path(path)
    tables, rest = read_tables(path)
    reader = _Reader(tables, cutting, Ledger(), str(path))
    for name in rest:
        reader.ledger.lost(str(name)[:40], "", path.name)
    return reader.read([record_data(community) for community in communities])


class _Reader:
    """Turns tables into records."""

    def __init__(
        self, tables: Tables, cutting: Cutting, ledger: Ledger, source: str
    ) -> None:
        self.tables = tables
        self.cutting = cutting
        self.ledger = ledger
        self.source = source
        self.problems: list[Problem] = []
        self.currencies: set[str] = set()
        self.used: set[str] = set()
        self.names = {
            entity: _names(tables[entity])
            for entity in ("organization", "location", "service")
        }
        self.attributes = self._attributes()
        self.of_service: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for entity in ("service_capacity", "cost_option"):
            for row in tables[entity]:
                self.of_service[entity, str(row.get("service_id"))].append(row)

    def read(self, communities: list[Row]) -> Reading:
        """Return the instance."""
        for entity, rows in self.tables.items():
            for row in rows:
                self.ledger.lost_rest(entity, row["id"], row, FIELDS[entity])
                self._tell_unread(entity, row)
        fields: dict[str, Any] = {"communities": communities}
        fields["providers"] = [*self._providers()]
        fields["facilities"] = [*self._facilities(fields)]
        offers = [*self._offers()]
        for row in self.tables["schedule"]:
            if row["id"] not in self.used:
                self.ledger.lost("schedule", "", row["id"], "another holds, or none")
        if self.problems:
            raise InputError(self.problems)
        made = cut(offers, self.cutting)
        for name, _ in made.rests:
            self.ledger.lost("schedule", "", name, "rests shorter than a slot")
        fields["slots"] = made.slots
        if len(self.currencies) == 1:
            fields["currency"] = self.currencies.pop()
        return Reading(instance_of(fields, self.source), self.ledger.notes)

    def _tell_unread(self, entity: str, row: Row) -> None:
        """Note fields that are written, but say nothing when they are read."""
        plain = {
            ("organization", "description"): row.get("name"),
            ("location", "location_type"): "physical",
            ("service_capacity", "maximum"): row.get("available"),
            ("unit", "name"): "place",
        }
        for (owner, field), expected in plain.items():
            value = row.get(field) if owner == entity else None
            if value not in (None, "", expected):
                self.ledger.lost(entity, field, row["id"])

    def _problem(self, message: str, entity: str, row: Row, field: str) -> None:
        value = str(row.get(field, ""))[:60]
        about = (entity, str(row["id"])[:60], field, value)
        self.problems.append(Problem(message, *about, source=self.source))

    def _reference(self, entity: str, row: Row, field: str, to: str) -> str | None:
        """Return the name of what a row refers to; note what is not there."""
        target = row.get(field)
        if target in (None, ""):
            return None
        name = self.names[to].get(str(target))
        if name is None:
            self._problem(f"is not among the {to}s", entity, row, field)
        return name

    def _attributes(self) -> dict[tuple[str, str, str], list[str]]:
        """Return what attributes say of an object: terms, and words of ours."""
        terms = {row["id"]: row for row in self.tables["taxonomy_term"]}
        found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in self.tables["attribute"]:
            about = str(row.get("link_entity", "")), str(row.get("link_id", ""))
            term = terms.get(row.get("taxonomy_term_id"), {})
            name = str(term.get("name") or "")
            if term.get("taxonomy") == TAXONOMY and name:
                found[*about, name].append(str(row.get("value", "")))
            elif about[0] == "service" and name:
                found[*about, "kind"].append(name)
            else:
                self.ledger.lost("attribute", "", row["id"])
        return found

    def _attribute(self, entity: str, row: Row, name: str) -> str | None:
        return next(iter(self.attributes.get((entity, row["id"], name), ())), None)

    def _providers(self) -> Iterator[Row]:
        for row in self.tables["organization"]:
            name = self.names["organization"][row["id"]]
            sector = self._attribute("organization", row, "sector")
            if sector not in _SECTORS:
                self.ledger.assumed("provider", "sector", name, "host")
                sector = "host"
            yield {"id": name, "sector": sector}

    def _facilities(self, fields: dict[str, Any]) -> Iterator[Row]:
        home = Home(self.ledger)
        features = self._features()
        known = {row["id"] for row in fields["communities"]}
        for row in self.tables["location"]:
            name = self.names["location"][row["id"]]
            facility: Row = {"id": name, "features": features[row["id"]]}
            point = self._point(row)
            if point is not None:
                facility["location"] = point
            provider = self._reference(
                "location", row, "organization_id", "organization"
            )
            if provider is not None:
                facility["provider"] = provider
            own = self._attribute("location", row, "community")
            if own is not None and own not in known:
                known.add(own)
                fields["communities"].append({"id": own})
            facility["community"] = own or home.of(name, point, fields)
            yield facility

    def _features(self) -> dict[str, list[str]]:
        """Return the features of each location: short descriptions as they stand."""
        features: dict[str, list[str]] = defaultdict(list)
        for row in self.tables["accessibility"]:
            text = row.get("description")
            if isinstance(text, str) and 0 < len(text) <= 60:
                features[str(row.get("location_id"))].append(text)
            else:
                self.ledger.lost("accessibility", "description", row["id"], "free text")
        return features

    def _point(self, row: Row) -> Point | None:
        place = [row.get("longitude"), row.get("latitude")]
        if any(number in (None, "") for number in place):
            return None
        try:
            return point_of(place)
        except ValueError as error:
            self._problem(str(error), "location", row, "latitude")
            return None

    def _offers(self) -> Iterator[Offer]:
        schedules: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["schedule"]:
            keys = ("service_at_location", "service", "location")
            owner = next((key for key in keys if row.get(f"{key}_id")), "")
            schedules[owner, str(row.get(f"{owner}_id", ""))].append(row)
        services = {row["id"]: row for row in self.tables["service"]}
        for row in self.tables["service_at_location"]:
            place = self._reference(
                "service_at_location", row, "location_id", "location"
            )
            self._reference("service_at_location", row, "service_id", "service")
            service = services.get(row.get("service_id"))
            if place is None or service is None:
                continue
            if service.get("status", "active") != "active":
                self.ledger.lost("service", "", service["id"], "is not active")
                continue
            # The most special schedules hold; a location's say when its door is open.
            own = (
                schedules.get(("service_at_location", row["id"]))
                or schedules.get(("service", service["id"]))
                or schedules.get(("location", str(row["location_id"])))
            )
            if not own:
                name = self.names["service"][service["id"]]
                self.ledger.assumed("schedule", "", name, "none known, so no slots")
                continue
            yield from self._offers_of(place, service, own)

    def _offers_of(
        self, place: str, service: Row, schedules: Iterable[Row]
    ) -> Iterator[Offer]:
        name = self.names["service"][service["id"]]
        kinds = self.attributes.get(("service", service["id"], "kind"))
        if not kinds:
            kinds = [re.sub(r"[/;\s]+", " ", name).strip() or "service"]
            self.ledger.assumed("slot", "kinds", name, "the name of the service")
        fields: Row = {"facility": place, "kinds": kinds}
        fields |= self._capacity(service, name) | self._fee(service, name)
        spans: list[Span] = []
        for row in schedules:
            self.used.add(row["id"])
            try:
                found = [*openings(row, self.cutting)]
            except (ValueError, OverflowError) as error:
                self.ledger.lost("schedule", "", row["id"], str(error)[:80])
                continue
            if own := self._attribute("schedule", row, "slot"):
                yield Offer(own, found, fields, is_single=True)
            else:
                spans += found
        if spans:
            yield Offer(f"{place} {name}"[:400], spans, fields)

    def _capacity(self, service: Row, name: str) -> Row:
        found = self.of_service["service_capacity", service["id"]]
        if not found:
            self.ledger.assumed("slot", "capacity", name, str(self.cutting.capacity))
            return {}
        for row in found[1:]:
            self.ledger.lost("service_capacity", "", row["id"], "one counts")
        try:
            number = numbers.exact(found[0].get("available"))
        except ValueError as error:
            self._problem(str(error), "service_capacity", found[0], "available")
            return {}
        if number.denominator != 1 or number < 0:
            self.ledger.lost("service_capacity", "available", found[0]["id"], "a part")
        return {"capacity": max(0, number.numerator // number.denominator)}

    def _fee(self, service: Row, name: str) -> Row:
        amounts: list[Fraction] = []
        for row in self.of_service["cost_option", service["id"]]:
            if not self._is_valid(row):
                continue
            if row.get("amount") in (None, ""):
                self.ledger.lost("cost_option", "", row["id"], "no amount is said")
                continue
            try:
                amounts.append(numbers.exact(row["amount"]))
            except ValueError as error:
                self._problem(str(error), "cost_option", row, "amount")
                continue
            if currency := row.get("currency"):
                self.currencies.add(currency_of(currency))
        if len(set(amounts)) > 1:
            self.ledger.assumed("slot", "fee", name, "the highest of its options")
        return {"fee": numbers.number_text(max(amounts))} if amounts else {}

    def _is_valid(self, row: Row) -> bool:
        """Say whether a row holds in the days asked for."""
        try:
            first, last = day_of(row, "valid_from"), day_of(row, "valid_to")
        except ValueError as error:
            self._problem(str(error), "cost_option", row, "valid_from")
            return False
        return (first is None or first <= self.cutting.last) and (
            last is None or last >= self.cutting.first
        )


def currency_of(value: object) -> str:
    """Return a currency as its code is written, such as EUR."""
    return str(value).strip().upper()[:20]


def _names(rows: Iterable[Row]) -> dict[str, str]:
    """Return what to call each row: by its name if no other has it, else by its id."""
    rows = list(rows)
    counts = Counter(
        row.get("name") for row in rows if isinstance(row.get("name"), str)
    )
    ids = {row["id"] for row in rows}
    return {
        row["id"]: name
        if isinstance(name := row.get("name"), str)
        and 0 < len(name) <= 400
        and counts[name] == 1
        and (name not in ids or name == row["id"])
        else str(row["id"])
        for row in rows
    }
