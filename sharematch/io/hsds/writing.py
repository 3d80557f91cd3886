"""Instances as Open Referral HSDS 3.1: nested JSON, or a CSV data package.

What HSDS has no field for but can attach (communities, sectors, ids of slots) goes into
attributes of the taxonomy "sharematch"; all else is noted as lost.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Note
from sharematch.io.hsds.offers import currency_of
from sharematch.io.hsds.reading import NOBODY, TAXONOMY
from sharematch.io.hsds.tables import ENTITIES, FIELDS, Row, Tables
from sharematch.io.native import documents
from sharematch.io.native.atomic import is_folder, new_folder, write_text
from sharematch.io.native.encodings import write_table_text
from sharematch.model.arguments import typed
from sharematch.model.cells import csv_row
from sharematch.model.instance import Instance
from sharematch.model.places import Slot
from sharematch.text import Text

__all__ = ["write_hsds"]

CARRIED: dict[str, tuple[str, ...]] = {
    "currency": (),
    "communities": ("id",),
    "providers": ("id", "sector"),
    "facilities": ("id", "community", "provider", "location", "features"),
    "slots": ("id", "facility", "kinds", "capacity", "start", "end", "fee"),
}
"""The fields that are carried, by collection."""

_DAY = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@typed
def write_hsds(
    instance: Instance,
    path: str | os.PathLike[str],
    *,
    updated: datetime = _NEVER,
) -> tuple[Note, ...]:
    """Write facilities, providers and timed slots as a directory of services.

    Parameters
    ----------
    path
        A `.json` file (services with all they hold), or a new folder (data package).
    updated
        What the directory gives as the time of its capacities, which HSDS asks for.

    Returns
    -------
    Notes on what HSDS does not carry.

    Raises
    ------
    InputError
        When the path cannot be written, or holds something else.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> folder = Path(mkdtemp()) / "hsds"
    >>> notes = sm.io.write_hsds(town, folder)
    >>> sorted(path.name for path in folder.iterdir())[0]
    'accessibility.csv'
    """
    path = Path(path)
    writer = _Writer(instance, updated)
    if path.suffix.lower() == ".json":
        services = _nested(writer.tables, writer.ledger)
        lines = ",\n".join(map(documents.json_line, services))
        write_text(path, f"[\n{lines}\n]\n")
        return writer.ledger.notes
    if path.exists() and (not is_folder(path) or any(path.iterdir())):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_there_already", str(path), hint=hint)])
    with new_folder(path) as folder:
        for entity, rows in writer.tables.items():
            if rows:
                write_table_text(folder / ENTITIES[entity], _csv_text(entity, rows))
        package = documents.json_text(_package(writer.tables))
        write_text(folder / "datapackage.json", package)
    return writer.ledger.notes


class _Writer:
    """Turns records into tables; `ledger` notes what is left out."""

    def __init__(self, instance: Instance, updated: datetime) -> None:
        self.tables: Tables = {name: [] for name in ENTITIES}
        self.ledger = Ledger()
        self._terms: dict[tuple[str, str], str] = {}
        self._stand_in: Row | None = None
        self._currency = instance.currency
        self._updated = updated.isoformat(timespec="milliseconds")
        self._providers = {item.id: item.provider for item in instance.facilities}
        for provider in sorted(instance.providers, key=lambda item: item.id):
            name = provider.id
            row = self._add("organization", name, name=name, description=name)
            self._attach("organization", row, "sector", provider.sector)
        for facility in sorted(instance.facilities, key=lambda item: item.id):
            self._location(facility, is_geo=instance.travel.metric == "geo")
        services: dict[tuple[Any, ...], list[Slot]] = {}
        for slot in sorted(instance.slots, key=lambda item: item.id):
            if self._fits(slot):
                kinds = tuple(sorted(slot.kinds))
                key = (slot.facility, kinds, slot.capacity, slot.fee)
                services.setdefault(key, []).append(slot)
        for slots in services.values():
            self._service(slots)
        self._note_losses(instance)

    def _note_losses(self, instance: Instance) -> None:
        self.ledger.lost_records(instance, CARRIED)
        currency = instance.currency
        if currency and (
            not self.tables["service"] or currency_of(currency) != currency
        ):
            self.ledger.lost("instance", "currency", currency)
        used = {f.community for f in instance.facilities}
        for community in instance.communities:
            if community.id not in used:
                self.ledger.lost(
                    "community", "", community.id, Text("carry.has_no_place")
                )

    def _add(self, entity: str, about: str, /, **fields: Any) -> Row:
        row: Row = {"id": _uuid(entity, about), **fields}
        self.tables[entity].append(row)
        return row

    def _attach(self, entity: str, row: Row, name: str, value: str) -> None:
        """Attach a word of ours to an object."""
        self._add(
            "attribute",
            f"{row['id']} {name} {value}",
            link_id=row["id"],
            link_entity=entity,
            taxonomy_term_id=self._term(TAXONOMY, name),
            value=value,
        )

    def _term(self, taxonomy: str, name: str) -> str:
        if (taxonomy, name) not in self._terms:
            about = f"{taxonomy} {name}"
            terms = {"name": name, "description": name, "taxonomy": taxonomy}
            row = self._add("taxonomy_term", about, **terms)
            self._terms[taxonomy, name] = row["id"]
        return self._terms[taxonomy, name]

    def _nobody(self) -> str:
        """Return the id of what stands where HSDS asks for an organization."""
        about = "\0nobody"  # the name of no provider
        if self._stand_in is None:
            names = {"name": "-", "description": "not named"}
            self._stand_in = self._add("organization", about, **names)
            self._attach("organization", self._stand_in, NOBODY, "yes")
        return str(self._stand_in["id"])

    def _location(self, facility: Any, *, is_geo: bool) -> None:
        fields: Row = {"location_type": "physical", "name": facility.id}
        if facility.provider is not None:
            fields["organization_id"] = _uuid("organization", facility.provider)
        if facility.location is not None and is_geo:
            fields["longitude"], fields["latitude"] = facility.location
        elif facility.location is not None:
            self.ledger.lost(
                "facility", "location", facility.id, Text("carry.in_km_not_degrees")
            )
        row = self._add("location", facility.id, **fields)
        self._attach("location", row, "community", facility.community)
        for feature in sorted(facility.features):
            if len(feature) > 60:
                self.ledger.lost(
                    "facility", "features", facility.id, Text("carry.a_long_one")
                )
                continue
            about = f"{facility.id}\0{feature}"
            self._add(
                "accessibility", about, location_id=row["id"], description=feature
            )

    def _fits(self, slot: Slot) -> bool:
        """Say whether a schedule can hold a slot; note one that it cannot."""
        if slot.start is None or slot.end is None or slot.start == slot.end:
            self.ledger.lost("slot", "", slot.id, Text("carry.takes_no_time"))
        elif slot.end - slot.start > _DAY:
            self.ledger.lost("slot", "", slot.id, Text("carry.longer_than_a_day"))
        else:
            return True
        return False

    def _service(self, slots: list[Slot]) -> None:
        first = slots[0]
        fields: Row = {"name": f"{first.facility}: {first.id}", "status": "active"}
        provider = self._providers[first.facility]
        if provider is None:
            message = Text("hsds.the_facility_names_no_provider")
            self.ledger.lost("service", "organization_id", first.id, message)
            fields["organization_id"] = self._nobody()
        else:
            fields["organization_id"] = _uuid("organization", provider)
        service = self._add("service", first.id, **fields)
        owner = {"service_id": service["id"]}
        for kind in sorted(first.kinds):
            self._add(
                "attribute",
                f"{first.id} {kind}",
                link_id=service["id"],
                link_entity="service",
                taxonomy_term_id=self._term("kinds", kind),
            )
        if not self.tables["unit"]:
            self._add("unit", "place", name="place")
        self._add(
            "service_capacity",
            first.id,
            **owner,
            unit_id=self.tables["unit"][0]["id"],
            available=first.capacity,
            maximum=first.capacity,
            updated=self._updated,
        )
        if first.fee or self._currency:
            price = {"currency": self._currency, "amount": first.fee}
            if Decimal(str(float(first.fee))) != first.fee:
                self.ledger.lost(
                    "slot", "fee", first.id, Text("hsds.of_too_many_digits")
                )
            self._add("cost_option", first.id, **owner, **price)
        place = _uuid("location", first.facility)
        link = self._add("service_at_location", first.id, **owner, location_id=place)
        for slot in slots:
            self._schedule(slot, link["id"])

    def _schedule(self, slot: Slot, owner: str) -> None:
        assert slot.start is not None
        assert slot.end is not None
        day = slot.start.date().isoformat()
        fields: Row = {"valid_from": day, "valid_to": day, "dtstart": day}
        offset = slot.start.utcoffset()
        if offset is not None:
            fields["timezone"] = offset / timedelta(hours=1)
        row = self._add(
            "schedule",
            slot.id,
            service_at_location_id=owner,
            **fields,
            freq="WEEKLY",
            count=1,
            opens_at=slot.start.timetz().isoformat("seconds"),
            closes_at=slot.end.timetz().isoformat("seconds"),
        )
        self._attach("schedule", row, "slot", slot.id)


def _uuid(entity: str, name: str) -> str:
    """Return the id HSDS wants, the same for the same record."""
    return str(uuid5(NAMESPACE_URL, f"sharematch:{entity}:{name}"))


def _csv_text(entity: str, rows: Iterable[Mapping[str, Any]]) -> str:
    names = FIELDS[entity]
    cells = ([str(row.get(name, "")) for name in names] for row in rows)
    return "\r\n".join((*map(csv_row, (names, *cells)), ""))


def _package(tables: Tables) -> dict[str, Any]:
    """Return a description of the files (Frictionless tabular data package)."""
    return {
        "name": "sharematch",
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": entity,
                "path": ENTITIES[entity],
                "profile": "tabular-data-resource",
                "schema": {
                    "primaryKey": "id",
                    "fields": [
                        {"name": name, "type": _TYPES.get(name, "string")}
                        for name in FIELDS[entity]
                    ],
                },
            }
            for entity, rows in tables.items()
            if rows
        ],
    }


_TYPES = {
    **dict.fromkeys(("latitude", "longitude", "timezone", "count"), "number"),
    **dict.fromkeys(("interval", "amount", "available", "maximum"), "number"),
    **dict.fromkeys(("valid_from", "valid_to", "dtstart", "until"), "date"),
    **dict.fromkeys(("opens_at", "closes_at"), "time"),
    "updated": "datetime",
}
"""Types of fields in a data package, where they are no text."""


class _Nest:
    """Puts rows into the objects that hold them."""

    def __init__(self, tables: Tables) -> None:
        self.by_id = {
            entity: {row["id"]: row for row in rows} for entity, rows in tables.items()
        }
        self._held: dict[tuple[str, str, str], list[Row]] = {}
        for entity in ("schedule", "service_capacity", "cost_option", "accessibility"):
            for row in tables[entity]:
                owner = next(name for name in _OWNERS if f"{name}_id" in row)
                key = (owner, row[f"{owner}_id"], entity)
                self._held.setdefault(key, []).append(row)
        for row in tables["attribute"]:
            key = (row["link_entity"], row["link_id"], "attribute")
            plain: Row = {name: row[name] for name in ("id", "value") if name in row}
            plain["taxonomy_term"] = self.by_id["taxonomy_term"][
                row["taxonomy_term_id"]
            ]
            self._held.setdefault(key, []).append(plain)

    def whole(self, entity: str, row: Row, *without: str) -> Row:
        """Return an object with all it holds, some fields left out."""
        filled = {key: value for key, value in row.items() if key not in without}
        for inner, name in _LISTS.items():
            rows = self._held.get((entity, row["id"], inner), [])
            if inner != "attribute":
                rows = [self.whole(inner, each, f"{entity}_id") for each in rows]
            if rows:
                filled[name] = rows
        if entity == "cost_option":
            filled["amount"] = float(filled["amount"])
        if entity == "service_capacity":
            filled["unit"] = self.by_id["unit"][filled.pop("unit_id")]
        if entity == "service" and "organization_id" in filled:
            provider = self.by_id["organization"][filled.pop("organization_id")]
            filled["organization"] = self.whole("organization", provider)
        return filled


def _nested(tables: Tables, ledger: Ledger) -> list[Row]:
    """Return services with all they hold; note what no service holds."""
    nest = _Nest(tables)
    places = {row["service_id"]: row for row in tables["service_at_location"]}
    services = []
    used = set()
    for row in tables["service"]:
        place = places[row["id"]]
        location = nest.by_id["location"][place["location_id"]]
        used |= {location["id"], row["organization_id"]}
        held = nest.whole("service_at_location", place, "service_id", "location_id")
        held["location"] = nest.whole("location", location)
        services.append({**nest.whole("service", row), "service_at_locations": [held]})
    for entity, record in (("organization", "provider"), ("location", "facility")):
        for row in tables[entity]:
            if row["id"] not in used:
                ledger.lost(record, "", row["name"], Text("carry.offers_no_service"))
    return services


_OWNERS = ("service_at_location", "service", "location")
_LISTS = {
    "schedule": "schedules",
    "service_capacity": "capacities",
    "cost_option": "cost_options",
    "accessibility": "accessibility",
    "attribute": "attributes",
}
"""What objects hold, and the property it stands in."""
