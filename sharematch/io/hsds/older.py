"""Directories of HSDS 1 and 2, put as version 3.1 says the same."""

from collections.abc import Callable, Iterator

from sharematch.io.carry import Ledger
from sharematch.io.hsds.tables import OLDER, Placed, Row, Tables
from sharematch.io.recurrence import WEEKDAYS
from sharematch.text import Text

__all__ = ["modernize"]


def modernize(tables: Tables, ledger: Ledger, source: str) -> None:
    """Move what older versions say to the tables of 3.1; say which version it is.

    Of `OLDER`, only `holiday_schedule` stays: 3.1 has nothing in its place.
    """
    version = _version(tables)
    if version == "3.0":
        ledger.assumed(
            "directory", "version", source, Text("hsds.3_0_without_capacities")
        )
    elif version != "3.1":
        ledger.assumed("directory", "version", source, version)
    if version in ("1.x", "2.x"):
        tables["taxonomy_term"] += map(_term, tables["taxonomy"])
    for row in tables["taxonomy"]:
        if version not in ("1.x", "2.x"):
            ledger.lost("taxonomy", "", row["id"])
    tables["taxonomy"] = []
    moves: dict[str, tuple[str, Callable[[Row], Row]]] = {
        "accessibility_for_disabilities": ("accessibility", _accessibility),
        "service_taxonomy": ("attribute", _of_service),
        "service_attribute": ("attribute", _of_service),
        "other_attribute": ("attribute", _attribute),
    }
    for name, (entity, move) in moves.items():
        tables[entity] += (_placed(move(row), row) for row in tables[name])
        tables[name] = []
    tables["attribute"] = [_attribute(row) for row in tables["attribute"]]
    tables["taxonomy_term"] = [_term(row) for row in tables["taxonomy_term"]]
    tables["schedule"] += _weekly(tables["regular_schedule"], ledger)
    tables["regular_schedule"] = []
    tables["service_at_location"] += _places(tables)


def _version(tables: Tables) -> str:
    of_first = ("regular_schedule", "holiday_schedule", "service_taxonomy")
    if any(tables[name] for name in of_first):
        return "1.x"
    if any("vocabulary" in row or "parent_name" in row for row in tables["taxonomy"]):
        return "1.x"
    if any(tables[name] for name in OLDER if name != "taxonomy"):
        return "2.x"
    if any("term" in row for row in tables["taxonomy_term"]):
        return "2.x"
    return "3.1" if tables["service_capacity"] or tables["unit"] else "3.0"


def _placed(row: Row, of: Row) -> Row:
    """Return a row that says where another was read."""
    made = Placed(row)
    made.where = getattr(of, "where", "")
    made.problem = getattr(of, "problem", "")
    return made


def _renamed(row: Row, **names: str) -> Row:
    """Return a row whose fields have other names, where the new ones are free."""
    renamed = {names.get(key, key): value for key, value in row.items()}
    return _placed({**renamed, **{k: row[k] for k in names.values() if k in row}}, row)


def _term(row: Row) -> Row:
    return _renamed(row, term="name", vocabulary="taxonomy")


def _accessibility(row: Row) -> Row:
    return _renamed(row, accessibility="description")


def _attribute(row: Row) -> Row:
    return row if "link_entity" in row else _renamed(row, link_type="link_entity")


def _of_service(row: Row) -> Row:
    moved = _renamed(row, service_id="link_id", taxonomy_id="taxonomy_term_id")
    moved["link_entity"] = "service"
    return moved


def _places(tables: Tables) -> Iterator[Row]:
    """Yield where services are that name a location themselves, as in 1.0."""
    known = {row.get("service_id") for row in tables["service_at_location"]}
    for row in tables["service"]:
        place = row.pop("location_id", None)
        if place and row["id"] not in known:
            link = {"id": row["id"], "service_id": row["id"], "location_id": str(place)}
            yield _placed(link, row)


def _weekly(rows: list[Row], ledger: Ledger) -> Iterator[Row]:
    """Yield the schedules of weekdays; 1 to 7 are Monday to Sunday (ISO 8601)."""
    days = {id(row): str(row.get("weekday", "")).strip() for row in rows}
    for row in rows:
        day = days[id(row)]
        where = getattr(row, "where", "") or row["id"]
        if not row.get("opens_at") and not row.get("closes_at"):
            ledger.lost(
                "regular_schedule", "opens_at", where, Text("hsds.says_no_hours")
            )
            continue
        if row.get("opens_at") == row.get("closes_at"):
            ledger.lost(
                "regular_schedule", "closes_at", where, Text("ical.ends_when_it_begins")
            )
            continue
        if day[:2].upper() in WEEKDAYS:
            weekday = day[:2].upper()
        elif day in tuple("1234567") and "0" not in days.values():
            weekday = WEEKDAYS[int(day) - 1]
            ledger.assumed(
                "regular_schedule", "weekday", where, Text("hsds.1_is_monday")
            )
        else:
            detail = Text("ical.is_no_weekday", text=day[:20])
            ledger.lost("regular_schedule", "weekday", where, detail)
            continue
        plain = {key: value for key, value in row.items() if key != "weekday"}
        yield _placed({**plain, "freq": "WEEKLY", "byday": weekday}, row)
