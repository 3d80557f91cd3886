"""The tables of Open Referral HSDS 3.1, from JSON or from a CSV data package.

JSON comes nested (services with their organization and locations, as the API answers,
or organizations) or as tables; all become the same flat tables, with the references
that CSV has (`service_id`, `location_id`, …).
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io import documents
from sharematch.io.atomic import check_inside, is_folder
from sharematch.model.cells import unguarded

__all__ = ["ENTITIES", "FIELDS", "Row", "Tables", "read_tables"]

_DEEPEST = 20
Row = dict[str, Any]
Tables = dict[str, list[Row]]

FIELDS: dict[str, tuple[str, ...]] = {
    "organization": ("id", "name", "description"),
    "location": (
        *("id", "location_type", "name", "organization_id", "latitude", "longitude"),
    ),
    "service": ("id", "organization_id", "name", "status"),
    "service_at_location": ("id", "service_id", "location_id"),
    "schedule": (
        *("id", "service_id", "location_id", "service_at_location_id"),
        *("valid_from", "valid_to", "dtstart", "timezone", "until", "count", "wkst"),
        *("freq", "interval", "byday", "byweekno", "bymonthday", "byyearday"),
        *("opens_at", "closes_at"),
    ),
    "service_capacity": (
        *("id", "service_id", "unit_id", "available", "maximum", "updated"),
    ),
    "unit": ("id", "name"),
    "cost_option": (
        *("id", "service_id", "valid_from", "valid_to", "currency", "amount"),
    ),
    "accessibility": ("id", "location_id", "description"),
    "attribute": ("id", "link_id", "link_entity", "taxonomy_term_id", "value"),
    "taxonomy_term": ("id", "name", "taxonomy"),
}
"""The entities that are read and written, and the fields of each that are carried."""

ENTITIES: dict[str, str] = {
    "organization": "organizations.csv",
    "location": "locations.csv",
    "service": "services.csv",
    "service_at_location": "service_at_location.csv",
    "schedule": "schedules.csv",
    "service_capacity": "service_capacity.csv",
    "unit": "units.csv",
    "cost_option": "cost_options.csv",
    "accessibility": "accessibility.csv",
    "attribute": "attributes.csv",
    "taxonomy_term": "taxonomy_terms.csv",
}
"""The file of each entity in a data package."""

# Where an object of one entity holds others: the property and their entity.
_INSIDE = {
    "organization": "organization",
    "organizations": "organization",
    "location": "location",
    "locations": "location",
    "service": "service",
    "services": "service",
    "service_at_locations": "service_at_location",
    "services_at_location": "service_at_location",
    "schedules": "schedule",
    "capacities": "service_capacity",
    "service_capacities": "service_capacity",
    "unit": "unit",
    "cost_options": "cost_option",
    "accessibility": "accessibility",
    "attributes": "attribute",
    "taxonomy_term": "taxonomy_term",
}


def read_tables(path: Path) -> tuple[Tables, list[str]]:
    """Return the tables of a JSON file or a folder, and the names of tables left out.

    Raises
    ------
    InputError
        When it is no HSDS, or a data package names files outside its folder.
    """
    if is_folder(path):
        return _from_folder(path)
    data = documents.read_json(path)
    flat = _Flat(str(path))
    if isinstance(data, dict) and data.keys() & ENTITIES.keys() and "id" not in data:
        rest = [name for name in data if name not in ENTITIES]
        for name in ENTITIES:
            flat.add_all(name, data.get(name) or [])
        return flat.tables, rest
    pages = data.get("contents") if isinstance(data, dict) else None
    items = pages if isinstance(pages, list) else data
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, dict):
            raise InputError([Problem("is no HSDS: objects are needed", str(path))])
        is_service = item.keys() & {"status", "service_at_locations", "organization"}
        flat.add("service" if is_service else "organization", item, 0)
    return flat.tables, []


class _Flat:
    """Takes nested objects apart into tables; each object once."""

    def __init__(self, source: str) -> None:
        self.tables: Tables = {name: [] for name in ENTITIES}
        self._source = source
        self._seen: dict[tuple[str, str], Row] = {}
        self._count = 0

    def add_all(self, entity: str, items: object) -> None:
        if not isinstance(items, list):
            raise InputError([Problem("must be a list", entity, source=self._source)])
        for item in items:
            self.add(entity, item, 0)

    def add(self, entity: str, item: object, depth: int) -> str:
        """Add an object and what it holds; return its id."""
        if not isinstance(item, dict) or depth > _DEEPEST:
            message = "must be an object with named fields, not nested too deeply"
            raise InputError([Problem(message, entity, source=self._source)])
        self._count += 1
        identity = item.get("id")
        name = identity if isinstance(identity, str) and identity else f"#{self._count}"
        row: Row = {"id": name}
        if (entity, name) in self._seen:
            row = self._seen[entity, name]
        else:
            self._seen[entity, name] = row
            self.tables[entity].append(row)
        for key, value in item.items():
            inner = _INSIDE.get(key)
            if inner is None or value is None:
                # References are looked up, so they are text whatever stands there.
                is_text = key.endswith("_id") and value is not None
                row.setdefault(key, str(value)[:500] if is_text else value)
                continue
            for each in value if isinstance(value, list) else [value]:
                held = self.add(inner, each, depth + 1)
                self._join(entity, row, inner, self._seen[inner, held])
        return name

    @staticmethod
    def _join(entity: str, row: Row, inner: str, held: Row) -> None:
        """Note the reference between an object and one that it holds."""
        points_down = ("organization", "unit", "taxonomy_term", "location")
        if inner in points_down and entity != "organization":
            row.setdefault(f"{inner}_id", held["id"])
        elif inner == "attribute":
            held.setdefault("link_id", row["id"])
            held.setdefault("link_entity", entity)
        else:
            held.setdefault(f"{entity}_id", row["id"])


def _from_folder(folder: Path) -> tuple[Tables, list[str]]:
    tables: Tables = {name: [] for name in ENTITIES}
    rest: list[str] = []
    found = False
    for name, path in _files(folder):
        entity = _entity_of(name)
        if entity is None:
            rest.append(name)
            continue
        found = True
        tables[entity] = list(_rows(path))
    if not found:
        hint = "organizations.csv is one file of a data package"
        raise InputError([Problem("holds no HSDS", str(folder), hint=hint)])
    return tables, rest


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each table: as a data package says, else all CSV files."""
    package = folder / "datapackage.json"
    if not package.exists():
        for path in sorted(folder.glob("*.csv")):
            check_inside(folder, path)
            yield path.stem, path
        return
    check_inside(folder, package)
    data = documents.read_json(package)
    resources = data.get("resources") if isinstance(data, dict) else None
    if not isinstance(resources, list):
        raise InputError([Problem("must list its resources", str(package))])
    for resource in resources:
        parts = resource if isinstance(resource, dict) else {}
        name, place = parts.get("name"), parts.get("path")
        if not isinstance(name, str) or not isinstance(place, str):
            message = "must have a name and the path of one file"
            raise InputError([Problem(message, "resource", source=str(package))])
        path = _inside(folder, place, str(package))
        if path.exists():
            yield name, path


def _inside(folder: Path, place: str, source: str) -> Path:
    """Return the path of a file of a folder; refuse any other."""
    plain = PurePosixPath(place)
    is_bad = plain.is_absolute() or ".." in plain.parts or set(place) & set("\\:\0")
    path = folder / place if not is_bad else folder
    if is_bad or not path.resolve().is_relative_to(folder.resolve()):
        message = "must be the path of a file in the folder"
        raise InputError(
            [
                Problem(
                    message, "resource", field="path", value=place[:60], source=source
                )
            ]
        )
    return path


def _entity_of(name: str) -> str | None:
    plain = name.lower()
    for entity, file in ENTITIES.items():
        if plain in (entity, f"{entity}s", file.removesuffix(".csv")):
            return entity
    return None


def _rows(path: Path) -> Iterator[Row]:
    lines = io.StringIO(documents.read_text(path), newline="")
    reader = csv.DictReader(lines, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            row = {
                str(key).strip(): unguarded(value)
                for key, value in cells.items()
                if isinstance(value, str) and value.strip()
            }
            if row:
                yield {"id": f"#{number}", **row}
    except csv.Error as error:
        raise InputError([Problem(str(error), source=str(path))]) from None
