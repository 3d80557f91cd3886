"""Fields of bookings: what records accept, what they must keep, what is said."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError

HALL: dict[str, Any] = {"id": "hall", "community": "junmiao"}
EVENING: dict[str, Any] = {
    "id": "tue",
    "facility": "hall",
    "kinds": ["sport"],
    "capacity": 3,
    "start": "2026-12-01T17:00",
    "end": "2026-12-01T21:00",
    "step": 60,
}
TEAM: dict[str, Any] = {"id": "team", "community": "junmiao", "kind": "sport"}


def town(**changes: Any) -> sm.Instance:
    """Return a hall with one opening and one team, some fields changed."""
    records: dict[str, Any] = {"facilities": HALL, "slots": EVENING, "needs": TEAM}
    given: dict[str, Any] = {
        name: [record | changes.pop(name, {})] for name, record in records.items()
    }
    return sm.Instance(communities=[sm.Community(id="junmiao")], **given, **changes)


def accepted(**fields: Any) -> list[dict[str, Any]]:
    return [{"need": "team", "slot": "tue", "status": "accepted", **fields}]


WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("slots", {"step": 0}, "step", "at least 1"),
    ("slots", {"start": None, "end": None}, "step", "start and end"),
    ("slots", {"people": "20"}, "people", "10-30"),
    ("slots", {"people": "30-10"}, "people", "least before the most"),
    ("slots", {"people": "-"}, "people", "10-30"),
    ("slots", {"concessions": {"youth": -1}}, "concessions", "negative"),
    ("slots", {"concessions": {"youth": "1.005"}}, "concessions", "two decimal"),
    ("slots", {"concessions": ["youth"]}, "concessions", "fees by group"),
    ("needs", {"minutes": 0}, "minutes", "at least 1"),
    ("needs", {"times": 2}, "times", "needs minutes"),
    ("needs", {"times": 0, "minutes": 60}, "times", "at least 1"),
    ("needs", {"per_day": 2, "minutes": 60}, "per_day", "times above 1"),
    ("needs", {"per_day": 0, "minutes": 60, "times": 2}, "per_day", "at least 1"),
    ("needs", {"min_sessions": 1, "sessions": 2}, "min_sessions", "every"),
    ("needs", {"min_sessions": 3, "sessions": 2, "every": 9}, "min_sessions", "above"),
    ("needs", {"min_sessions": 0, "sessions": 2, "every": 9}, "min_sessions", "least"),
    ("needs", {"minutes": 60, "sessions": 2, "every": 45}, "every", "overlap"),
    ("needs", {"minutes": 60, "whole": True}, "whole", "minutes"),
    ("needs", {"minutes": 60, "min_quantity": 1}, "min_quantity", "minutes"),
    ("needs", {"rest": -1}, "rest", "negative"),
    ("needs", {"people": -1}, "people", "negative"),
    ("needs", {"windows": ["mon 25:00-26:00"]}, "windows.0", "no time of day"),
    ("needs", {"preferred": ["monday 9:00-10:00"]}, "preferred.0", "mon-fri"),
    ("needs", {"preferred": ["mon 9:00-9:00"]}, "preferred.0", "another time"),
    ("needs", {"name": ""}, "name", "empty"),
    ("facilities", {"setup": -1}, "setup", "negative"),
    ("facilities", {"consent": "never"}, "consent", "'ask' or 'standing'"),
    ("facilities", {"parts": ["A", "A", "B"]}, "parts", "twice"),
    ("facilities", {"parts": ["A", "B"]}, "parts", "must be 3 names"),
    ("decisions", {}, "start", "is an opening"),
    ("decisions", {"start": "2026-12-01T18:30"}, "start", "every 60 minutes"),
    ("decisions", {"start": "2026-12-01T21:00"}, "start", "every 60 minutes"),
    ("decisions", {"start": "2026-12-01T16:00"}, "start", "every 60 minutes"),
)


@pytest.mark.parametrize(("collection", "fields", "field", "message"), WRONG)
def test_what_is_wrong_names_record_and_field(collection, fields, field, message):
    changes = {collection: fields}
    if collection == "decisions":
        changes = {"decisions": accepted(**fields)}
    with pytest.raises(InputError) as caught:
        town(**changes)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert problem.id in ("tue", "team", "hall", "team → tue")
    assert message in problem.message
    assert problem.message not in problem.text("zh")


def test_a_decision_on_a_plain_slot_has_its_start_or_none():
    for start in (None, "2026-12-01T17:00"):
        town(slots={"step": None}, decisions=accepted(start=start))
    with pytest.raises(InputError, match="own 2026-12-01T17:00"):
        town(slots={"step": None}, decisions=accepted(start="2026-12-01T18:00"))
    untimed = dict.fromkeys(("step", "start", "end"))
    with pytest.raises(InputError, match="has no time"):
        town(slots=untimed, decisions=accepted(start="2026-12-01T18:00"))


def test_decisions_differ_by_their_start():
    first, second = (accepted(start=f"2026-12-01T{hour}:00")[0] for hour in (17, 18))
    assert len(town(decisions=[first, second]).decisions) == 2
    with pytest.raises(InputError, match="2 times"):
        town(decisions=[first, second, first])
    all_starts = [{"need": "team", "slot": "tue", "status": "declined"}]
    assert town(decisions=all_starts).decisions[0].start is None


def test_who_is_together_books_alike():
    other: dict[str, Any] = TEAM | {"id": "other", "minutes": 60, "together": "both"}
    fields: dict[str, Any] = {"minutes": 60, "together": "both"}
    for field, value in (("minutes", 90), ("times", 2)):
        said: dict[str, Any] = TEAM | fields | {field: value}
        mine = sm.Need(**said)
        with pytest.raises(InputError) as caught:
            town().replace(needs=[mine, other])
        (problem,) = caught.value.problems
        assert (problem.id, problem.field) == ("other", field)
    series: dict[str, Any] = {"sessions": 2, "every": 10080}
    weekly: dict[str, Any] = TEAM | fields | series
    fortnightly: dict[str, Any] = other | fields | series | {"every": 20160}
    with pytest.raises(InputError, match="every 20160: is together"):
        town().replace(needs=[sm.Need(**weekly), sm.Need(**fortnightly)])


def test_columns_hold_what_records_say():
    columns = encode(
        town(
            facilities={"setup": 30, "consent": "standing", "parts": ["A", "B", "C"]},
            slots={"people": "-30", "concessions": {"youth": "1.50", "jobless": 0}},
            needs={
                "minutes": 60,
                "times": 3,
                "rest": 15,
                "people": 12,
                "groups": ["youth"],
                "windows": ["fri 22:00-2:00", ("2026-12-01T17:00", "2026-12-01T19:00")],
                "preferred": ["sat,sun", ("2026-12-01T17:00", "2026-12-01T19:00")],
            },
            decisions=accepted(start="2026-12-01T18:00"),
        )
    )
    assert columns.facility_setup.tolist() == [30]
    assert columns.facility_is_standing.tolist() == [True]
    assert columns.facility_parts == (("A", "B", "C"),)
    assert (columns.slot_step[0], columns.slot_most_people[0]) == (60, 30)
    assert columns.slot_least_people.tolist() == [NONE]
    assert columns.concession_fee.tolist() == [0, 150]
    assert [columns.groups[i] for i in columns.concession_group] == ["jobless", "youth"]
    assert (columns.need_minutes[0], columns.need_demand[0]) == (60, 3)
    assert columns.weekly_start.tolist() == [4 * 1440 + 22 * 60]
    assert columns.weekly_minutes.tolist() == [240]
    assert len(columns.window_need) == 1
    assert columns.preferred_position.tolist() == [0, 0, 1]
    assert columns.preferred_is_weekly.tolist() == [True, True, False]
    start = columns.slot_start[0]
    assert columns.preferred_start.tolist() == [5 * 1440, 6 * 1440, start]
    assert columns.decision_start.tolist() == [start + 60]


def test_names_are_in_no_hash():
    named = town(needs={"name": "The team"}, slots={"name": "Tuesday"})
    assert encode(named).digest == encode(town()).digest
    assert encode(named).names["need"] == {"team": "The team"}
    assert named != town()


@pytest.mark.parametrize(
    ("collection", "fields", "more"),
    [
        ("facilities", {}, {"setup": 5}),
        ("facilities", {}, {"consent": "standing"}),
        ("facilities", {}, {"closed": ["mon"]}),
        ("facilities", {}, {"parts": ["A", "B", "C"]}),
        ("slots", {}, {"step": 30}),
        ("slots", {}, {"people": "10-"}),
        ("slots", {}, {"people": "-10"}),
        ("slots", {}, {"concessions": {"youth": 0}}),
        ("needs", {}, {"minutes": 60}),
        ("needs", {"minutes": 60}, {"times": 2}),
        ("needs", {"minutes": 60, "times": 2}, {"per_day": 2}),
        ("needs", {"sessions": 2, "every": 9}, {"min_sessions": 1}),
        ("needs", {}, {"windows": ["mon"]}),
        ("needs", {}, {"preferred": ["mon"]}),
        ("needs", {}, {"rest": 5}),
        ("needs", {}, {"people": 5}),
        ("decisions", {}, {"start": "2026-12-01T17:00"}),
    ],
)
def test_each_field_is_in_the_hash(collection, fields, more):
    def digest(fields: dict[str, Any]) -> str:
        if collection == "decisions":
            fields = {"decisions": [accepted(status="declined", **fields)[0]]}
            return encode(town(**fields)).digest
        return encode(town(**{collection: fields})).digest

    assert digest(fields) != digest(fields | more)


def test_prices_are_values():
    slot = town(slots={"concessions": {"youth": 1}}).slots[0]
    assert slot.concessions["youth"] == Decimal("1.00")
    assert slot == town(slots={"concessions": {"youth": "1.00"}}).slots[0]
    assert hash(slot) == hash(slot.model_copy())
    assert slot.model_dump(mode="json")["concessions"] == {"youth": "1.00"}


def test_a_table_may_have_a_column_of_prices():
    slots = {name: [value] for name, value in EVENING.items()}
    slots["concessions"] = [{"youth": 1, "elderly": None}]
    made = sm.Instance.from_tables(
        communities={"id": ["junmiao"]},
        facilities={name: [value] for name, value in HALL.items()},
        slots=slots,
    )
    assert dict(made.slots[0].concessions) == {"youth": Decimal(1)}


def test_a_column_of_heads_may_be_read_as_numbers():
    slots = {name: [value] for name, value in EVENING.items()} | {
        "people": np.array([-30])
    }
    made = sm.Instance.from_tables(
        communities={"id": ["junmiao"]},
        facilities={name: [value] for name, value in HALL.items()},
        slots=slots,
    )
    assert made.slots[0].people == "-30"
