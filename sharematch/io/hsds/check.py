"""Records of a directory that cannot be read: told, left out, or a reason to refuse."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sharematch.errors import Problem
from sharematch.io.carry import Ledger
from sharematch.io.geo.shapes import Point, point_of
from sharematch.io.hsds.schedules import day_of
from sharematch.io.hsds.tables import Row, Tables
from sharematch.io.openings import Cutting
from sharematch.model import numbers
from sharematch.text import Text

__all__ = ["Faults", "check", "point_of_row"]


@dataclass
class Faults:
    """What is wrong with a directory; each fault is a note, and a problem if strict.

    `unpriced` are the services of which it is not known what they cost.
    """

    ledger: Ledger
    source: str
    problems: list[Problem] = field(default_factory=list)
    unpriced: set[str] = field(default_factory=set)

    def mark(
        self, message: str, entity: str, row: Row, name: str = "", *, kept: bool = False
    ) -> None:
        """Note what is wrong with a row, which is left out unless it is `kept`."""
        where = getattr(row, "where", "")
        value = str(row.get(name, ""))[:60] if name else ""
        about = (entity, str(row["id"])[:60], name, value)
        self.problems.append(Problem(message, *about, source=where or self.source))
        example = " ".join(filter(None, (where, f"({row['id']})", value)))
        detail = message if kept else Text("hsds.left_out", cause=message)
        self.ledger.lost(entity, name, example, detail)


def check(tables: Tables, cutting: Cutting, faults: Faults) -> None:
    """Take out the records of tables that cannot be read, and what depends on them."""

    def keep(entity: str, is_right: Callable[[Row], bool]) -> None:
        tables[entity] = [row for row in tables[entity] if is_right(row)]

    def refers(entity: str, row: Row, *targets: str, kept: bool = False) -> bool:
        is_right = True
        for target in targets:
            name = row.get(f"{target}_id")
            if name not in (None, "") and str(name) not in ids[target]:
                message = Text(
                    "instance.is_not_among_the", records=Text(f"record.{target}s")
                )
                faults.mark(message, entity, row, f"{target}_id", kept=kept)
                is_right = kept
        return is_right

    for entity, rows in tables.items():
        seen: set[str] = set()
        tables[entity] = [row for row in rows if _is_whole(entity, row, seen, faults)]
    ids = {name: {row["id"] for row in tables[name]} for name in tables}
    keep("location", lambda row: _is_placed(row, faults))
    ids["location"] = {row["id"] for row in tables["location"]}
    for row in tables["location"]:
        refers("location", row, "organization", kept=True)
    keep(
        "service_at_location",
        lambda row: refers("service_at_location", row, "service", "location"),
    )
    keep("cost_option", lambda row: _is_priced(row, cutting, faults))
    keep("service_capacity", lambda row: _is_counted(row, faults))


def _is_whole(entity: str, row: Row, seen: set[str], faults: Faults) -> bool:
    """Say whether a row fits its table, and no other has its id."""
    message = getattr(row, "problem", "")
    if not message and row["id"] in seen:
        message = Text("field.stands_there_twice")
    if message:
        faults.mark(message, entity, row, "id" if row["id"] in seen else "")
        if entity == "cost_option":
            faults.unpriced.add(str(row.get("service_id")))
        return False
    seen.add(row["id"])
    return True


def point_of_row(row: Row) -> Point | None:
    """Return where a location is. Raises ValueError if that cannot be."""
    place = [row.get("longitude"), row.get("latitude")]
    if any(number in (None, "") for number in place):
        return None
    return point_of(place)


def _is_placed(row: Row, faults: Faults) -> bool:
    try:
        point_of_row(row)
    except ValueError as error:
        faults.mark(str(error), "location", row, "latitude")
        return False
    return True


def _is_priced(row: Row, cutting: Cutting, faults: Faults) -> bool:
    """Say whether a price can be read and holds in the days asked for."""
    name = "valid_from"
    try:
        first, last = day_of(row, "valid_from"), day_of(row, "valid_to")
        if (first and first > cutting.last) or (last and last < cutting.first):
            return False
        name = "amount"
        if row.get("amount") not in (None, ""):
            if numbers.exact(row["amount"]) >= 0:
                return True
            faults.mark(Text("value.must_not_be_negative"), "cost_option", row, name)
        else:
            faults.ledger.lost(
                "cost_option", "", row["id"], Text("carry.no_amount_is_said")
            )
    except ValueError as error:
        faults.mark(str(error), "cost_option", row, name)
    faults.unpriced.add(str(row.get("service_id")))
    return False


def _is_counted(row: Row, faults: Faults) -> bool:
    try:
        numbers.exact(row.get("available"))
    except ValueError as error:
        faults.mark(str(error), "service_capacity", row, "available")
        return False
    return True
