"""Names are one line of text each: lists of them are lines, in lots and in tables."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.errors import InputError

TOWN: dict[str, list[dict[str, Any]]] = {
    "areas": [
        {"id": "yuehu", "level": "subdistrict", "parent": "haishu"},
        {"id": "haishu", "level": "district"},
    ],
    "communities": [{"id": "tianfeng", "area": "yuehu", "tags": ["old"]}],
    "providers": [{"id": "host", "sector": "host", "community": "tianfeng"}],
    "facilities": [
        {
            "id": "station",
            "community": "tianfeng",
            "provider": "host",
            "features": ["step-free"],
            "share": "subdistrict",
        }
    ],
    "slots": [
        {
            "id": "mon",
            "facility": "station",
            "kinds": ["health/check"],
            "capacity": 3,
            "either": "one room",
            "share": "district",
            "groups": ["elderly"],
        }
    ],
    "needs": [
        {
            "id": "t",
            "community": "tianfeng",
            "kind": "health",
            "groups": ["elderly"],
            "requires": ["step-free"],
            "choices": ["mon"],
            "person": "p",
            "together": "choir",
        }
    ],
    "pairs": [{"need": "t", "slot": "mon", "cost": 1}],
    "links": [{"source": "tianfeng", "target": "station", "travel": 1}],
    "past": [{"person": "p", "served": 1, "demand": 2}],
    "decisions": [{"need": "t", "slot": "mon", "status": "pinned"}],
}
NO_NAMES = {"sector", "status", "share"}  # one of a few words
FIELDS = [
    (collection, row, field)
    for collection, rows in TOWN.items()
    for row in range(len(rows))
    for field, value in rows[row].items()
    if isinstance(value, str | list) and field not in NO_NAMES
]


def from_tables(town: dict[str, Any]) -> sm.Instance:
    """Return the instance of the same records as columns."""
    tables: dict[str, Any] = {
        collection: {
            name: [row.get(name) for row in rows]
            for name in dict.fromkeys(name for row in rows for name in row)
        }
        for collection, rows in town.items()
        if rows
    }
    return sm.Instance.from_tables(**tables)


def with_name(collection: str, row: int, field: str, end: str) -> dict[str, Any]:
    """Return the town with one of its names ending in a character."""
    rows = [dict(each) for each in TOWN[collection]]
    value = rows[row][field]
    rows[row][field] = [f"{value[0]}{end}"] if isinstance(value, list) else value + end
    return {**TOWN, collection: rows}


@pytest.mark.parametrize(("collection", "row", "field"), FIELDS)
def test_a_line_break_in_a_name_is_refused(collection: str, row: int, field: str):
    record = collection.removesuffix("s").replace("communitie", "community")
    for end in "\n\r\t\x00\x1f\x7f\x85\u2028\u2029":
        town = with_name(collection, row, field, end)
        for make in (lambda fields: sm.Instance(**fields), from_tables):
            with pytest.raises(InputError) as refused:
                make(town)
            problem = next(p for p in refused.value.problems if "control" in p.message)
            assert problem.record == record.replace("facilitie", "facility")
            assert problem.field.split(".")[0] == field
            assert problem.value.endswith(repr(end)[1:-1])
            assert end not in str(problem)


def test_names_of_any_script_are_taken():
    for name in ("天封", "Ōtsu", "a b", "كوبري", "नि\u200dष्", "😀", "=1+1"):
        for field in ("id", "person"):
            town = with_name("needs", 0, field, name)
            town |= {"pairs": [], "decisions": [], "past": []}
            assert sm.Instance(**town) == from_tables(town)
