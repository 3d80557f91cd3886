"""The tables of Open Referral HSDS, versions 1 to 3.1, from JSON or a CSV data package.

JSON comes nested (services with their organization and locations, as the API answers,
or organizations) or as tables; all become the same flat tables, with the references
that CSV has (`service_id`, `location_id`, …).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.hsds.tables import (
    ENTITIES,
    FIELDS,
    OLDER,
    Placed,
    Row,
    Tables,
    entity_of,
)
from sharematch.io.native import documents
from sharematch.io.native.atomic import check_inside, is_folder
from sharematch.io.native.delimited import read_sheet
from sharematch.model.cells import unguarded
from sharematch.text import Text

__all__ = ["read_tables"]

_NUMBERS = {"latitude": "degrees", "longitude": "degrees", "amount": "decimal"}
_NUMBERS |= dict.fromkeys(("available", "maximum"), "whole")

_DEEPEST = 20

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
    "regular_schedules": "regular_schedule",
    "regular_schedule": "regular_schedule",
    "holiday_schedules": "holiday_schedule",
    "holiday_schedule": "holiday_schedule",
    "accessibility_for_disabilities": "accessibility_for_disabilities",
    "service_taxonomy": "service_taxonomy",
    "services_taxonomy": "service_taxonomy",
    "service_attributes": "service_attribute",
    "other_attributes": "other_attribute",
    "taxonomy": "taxonomy",
}


_TELLING = {
    "service_at_location": {"service", "location"},
    "location": {"location_type", "latitude", "longitude"},
    "service": {
        *("status", "service_at_locations", "organization", "capacities"),
        *("schedules", "regular_schedules", "holiday_schedules", "cost_options"),
    },
    "": {"term", "taxonomy", "term_uri", "parent_id", "version", "openapi_url"},
}
"""Fields that tell what an object is; the last ones are of none that is read."""


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
    if isinstance(data, dict) and "id" not in data:
        named = {name: entity_of(str(name)) for name in data}
        if any(named.values()) and "contents" not in data:
            for name, entity in named.items():
                if entity is not None:
                    flat.add_all(entity, data[name] or [])
            return flat.tables, [name for name in data if named[name] is None]
    return flat.tables, _add_objects(flat, data, path)


def _add_objects(flat: "_Flat", data: Any, path: Path) -> list[str]:
    """Add the objects of an answer of the API; return what is none that is read."""
    page = data if isinstance(data, dict) and "contents" in data else {}
    items = page.get("contents", data)
    is_one = page.get("total_pages") in (None, 0, 1)
    unread: list[str] = [] if is_one else [Text("hsds.other_pages")]
    kinds: list[str | None] = []
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, dict):
            raise InputError([Problem("hsds.is_no_hsds_objects_are_needed", str(path))])
        kinds.append(_entity_like(item))
        if (entity := kinds[-1]) is None:
            unread.append(Text("hsds.object_of_another_kind"))
        else:
            flat.add(entity, item, 0)
    if kinds and not any(kinds):
        raise InputError([Problem("hsds.holds_no_hsds", str(path))])
    return unread


def _entity_like(item: Mapping[str, Any]) -> str | None:
    """Return which entity an object of the API is, by the fields that others lack."""
    for entity, names in _TELLING.items():
        if item.keys() & names:
            return entity or None
    return "organization" if item.keys() & {"name", "services", "locations"} else None


class _Flat:
    """Takes nested objects apart into tables; each object once."""

    def __init__(self, source: str) -> None:
        self.tables: Tables = {name: [] for name in (*ENTITIES, *OLDER)}
        self._source = source
        self._seen: dict[tuple[str, str], Row] = {}
        self._count = 0

    def add_all(self, entity: str, items: object) -> None:
        if not isinstance(items, list):
            raise InputError(
                [Problem("value.must_be_a_list", entity, source=self._source)]
            )
        for item in items:
            self.add(entity, item, 0)

    def add(self, entity: str, item: object, depth: int) -> str:
        """Add an object and what it holds; return its id."""
        if not isinstance(item, dict) or depth > _DEEPEST:
            message = Text("hsds.must_be_an_object_with_named")
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
            is_text = isinstance(value, str) and key in ("accessibility", "taxonomy")
            if inner is None or value is None or is_text:
                # References are looked up, so they are text whatever stands there.
                is_id = key.endswith("_id") and value is not None
                row.setdefault(key, str(value)[:500] if is_id else value)
                continue
            for each in value if isinstance(value, list) else [value]:
                held = self.add(inner, each, depth + 1)
                self._join(entity, row, inner, self._seen[inner, held])
        return name

    def _join(self, entity: str, row: Row, inner: str, held: Row) -> None:
        """Note the reference between an object and one that it holds."""
        if (entity, inner) == ("service", "location"):
            place = {"service_id": row["id"], "location_id": held["id"]}
            self.add(
                "service_at_location", {"id": "@".join(place.values()), **place}, 0
            )
            return
        points_down = ("organization", "unit", "taxonomy_term", "taxonomy", "location")
        is_of_place = (entity, inner) == ("service_at_location", "service")
        if (inner in points_down and entity != "organization") or is_of_place:
            row.setdefault(f"{inner}_id", held["id"])
        elif inner in ("attribute", "other_attribute"):
            held.setdefault("link_id", row["id"])
            kind = "link_entity" if inner == "attribute" else "link_type"
            held.setdefault(kind, entity)
        else:
            held.setdefault(f"{entity}_id", row["id"])


def _from_folder(folder: Path) -> tuple[Tables, list[str]]:
    tables: Tables = {name: [] for name in (*ENTITIES, *OLDER)}
    unread: list[str] = []
    has_tables = False
    for name, path in _files(folder):
        entity = entity_of(name)
        if entity is None:
            unread.append(name)
            continue
        has_tables = True
        tables[entity] += _rows(path, {**FIELDS, **OLDER}[entity])
    if not has_tables:
        hint = Text("hsds.organizations_csv_is_one_file_of")
        raise InputError([Problem("hsds.holds_no_hsds", str(folder), hint=hint)])
    return tables, unread


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
        raise InputError([Problem("hsds.must_list_its_resources", str(package))])
    for resource in resources:
        parts = resource if isinstance(resource, dict) else {}
        name, place = parts.get("name"), parts.get("path")
        if not isinstance(name, str) or not isinstance(place, str):
            message = Text("hsds.must_have_a_name_and_the")
            raise InputError([Problem(message, "resource", source=str(package))])
        path = _inside(folder, place, str(package))
        if path.exists():
            yield name, path
        elif entity_of(name) is not None:
            message, hint = (
                Text("hsds.is_not_there"),
                Text("hsds.take_it_out_of_the_list"),
            )
            about = ("resource", name[:60], "path", place[:60])
            raise InputError([Problem(message, *about, source=str(package), hint=hint)])


def _inside(folder: Path, place: str, source: str) -> Path:
    """Return the path of a file of a folder; refuse any other."""
    plain = PurePosixPath(place)
    is_bad = plain.is_absolute() or ".." in plain.parts or set(place) & set("\\:\0")
    path = folder / place if not is_bad else folder
    if is_bad or not path.resolve().is_relative_to(folder.resolve()):
        message = Text("hsds.must_be_the_path_of_a")
        raise InputError(
            [
                Problem(
                    message, "resource", field="path", value=place[:60], source=source
                )
            ]
        )
    return path


def _rows(path: Path, known: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of a CSV file; those that do not fit its first row say so."""
    sheet = read_sheet(path, known, _NUMBERS, keep_spaces=True)
    header = sheet.header
    _check_header(header, known, path)
    for number, cells in sheet.body:
        row = Placed(
            (name, unguarded(value))
            for name, value in zip(header, cells, strict=False)
            if value.strip()
        )
        row.setdefault("id", f"#{number - 1}")
        row.where = Text("place.row_table", table=path.name, row=number)
        if any(cell.strip() for cell in cells[len(header) :]):
            row.problem = Text(
                "table.has_cells_the_first_row_has",
                count=len(cells),
                width=len(header),
            )
        yield row


def _check_header(header: list[str], known: tuple[str, ...], path: Path) -> None:
    """Refuse a first row that cannot name the columns of a table."""
    problems = []
    if not any(header):
        hint = Text("folder.add_a_first_row_with_the")
        problems.append(Problem("value.is_empty", source=str(path), hint=hint))
    elif not set(header) & set(known):
        text = " ".join(header)
        hint = Text("instance.one_of", known=", ".join(known))
        if any(sign in text for sign in ";\t|"):
            hint = Text("hsds.separate_columns_by_commas")
        about = ("column", header[0][:60])
        problems.append(
            Problem("value.is_not_known", *about, source=str(path), hint=hint)
        )
    for name, count in Counter(header).items():
        if count > 1 and name:
            about = ("column", name[:60])
            message = Text("field.stands_there_twice")
            problems.append(Problem(message, *about, source=str(path)))
    if problems:
        raise InputError(problems)
