"""The register against the records, counted one by one, and what it says in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.eligibility.conditions import CODES
from sharematch.errors import InputError
from sharematch.register import Register, register
from sharematch.text.catalog import LANGUAGES, section
from tests.oracles import Case
from tests.tiny import namespace, tiny_case


def first(kind: str) -> str:
    return kind.partition("/")[0]


def total(column: str, rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(row[column]) for row in rows)


@pytest.fixture(scope="module")
def old_town() -> Register:
    return register(sm.scenario.old_town())


@pytest.mark.parametrize("seed", range(60))
def test_counts_are_those_of_the_records(seed: int):
    fields, _ = tiny_case(seed)
    instance: Any = sm.Instance.model_validate(fields)
    case, found = Case(namespace(fields)), register(instance)
    facilities = {f.id: f for f in instance.facilities}
    host = {s.id: facilities[s.facility].community for s in instance.slots}
    asked: Counter[Any] = Counter()
    own: Counter[Any] = Counter()
    no_slot: Counter[Any] = Counter()
    reach = defaultdict(set)
    wanted: Counter[str] = Counter()
    for need in instance.needs:
        key = need.community, first(need.kind)
        units = need.quantity * need.sessions
        asked[key] += units
        usable = [s for s in instance.slots if case.codes[need.id, s.id] is None]
        no_slot[key] += 0 if usable else units
        for slot in usable:
            size = case.size(case.needs[need.id], case.slots[slot.id])
            wanted[slot.id] += units * size
            if host[slot.id] != need.community:
                reach[key].add(slot.id)
    for slot in instance.slots:
        for kind in {first(kind) for kind in slot.kinds}:
            own[host[slot.id], kind] += slot.capacity
    slots = {s.id: s for s in instance.slots}
    rows: dict[Any, Any] = {
        (row["community"], row["kind"]): row for row in found.supply
    }
    assert set(rows) == {key for key in asked | own if asked[key] or own[key]}
    for key, row in rows.items():
        assert row["asked"] == asked[key]
        assert row["own"] == own[key]
        assert row["missing"] == max(asked[key] - own[key], 0)
        assert row["no_slot"] == no_slot[key]
        assert row["lend"] == sum(
            slots[s].capacity - slots[s].reserve for s in reach[key]
        )
    idle = {s: slots[s].capacity - wanted[s] for s in slots}
    assert {row["slot"]: row["idle"] for row in found.idle} == {
        s: n for s, n in idle.items() if n > 0
    }
    for row in found.idle:
        assert (row["reason"] == "few") == (wanted[str(row["slot"])] > 0)
    assert total("units", found.reasons) == sum(no_slot.values())
    assert total("units", found.unserved) == sum(no_slot.values())


def test_lianqiao_has_nothing_of_its_own(old_town: Register):
    rows = [row for row in old_town.supply if row["community"] == "lianqiao"]
    assert rows
    assert {row["own"] for row in rows} == {0}
    assert {row["stands"] for row in rows} == {"elsewhere"}
    assert old_town.matrix().rows[4]["health"] == "0 / 99"


def test_slots_are_counted_once_by_price_and_by_width(old_town: Register):
    places = old_town.counts["places"]
    for about in ("price", "sharing"):
        rows = [row for row in old_town.terms if row["about"] == about]
        assert total("places", rows) == places
    assert total("places", old_town.facilities) == places
    assert total("places", old_town.owners) == places
    assert total("places", old_town.sectors) == places
    fields = {row["facility"]: row for row in old_town.facilities}
    room = fields["lakeside-rehabilitation"]
    assert (room["owner"], room["sector"]) == ("hospital", "host")
    assert (str(room["least_fee"]), str(room["most_fee"])) == ("15.00", "15.00")
    assert room["hours"] == 18
    assert fields["junmiao-home"]["shared"] == "subdistrict"


def test_idle_places_have_the_commonest_reason(old_town: Register):
    assert {row["slot"]: row["reason"] for row in old_town.idle} == {
        "academy-classrooms-training-wed-17": "closed",
        "garden-hall-culture-thu-18": "closed",
        "lakeside-center-choir-tue-14": "time",
    }


def test_what_nobody_asks_for_and_what_nobody_offers():
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id="choir", facility="hall", kinds=["culture"], capacity=9),
            sm.Slot(id="check", facility="hall", kinds=["health"], capacity=9),
        ],
        needs=[
            sm.Need(id="repair", community="tianfeng", kind="repair/gas", quantity=2),
            sm.Need(id="check", community="tianfeng", kind="health", quantity=4),
        ],
    )
    found = register(town, depth=2)
    assert [(r["slot"], r["reason"], r["idle"]) for r in found.idle] == [
        ("check", "few", 5),
        ("choir", "kind", 9),
    ]
    assert found.unserved.rows == [
        {
            "need": "repair",
            "community": "tianfeng",
            "kind": "repair/gas",
            "units": 2,
            "reason": "kind",
        }
    ]
    assert {row["kind"]: row["stands"] for row in found.supply} == {
        "culture": "enough",
        "health": "enough",
        "repair/gas": "nowhere",
    }


def test_an_empty_instance_has_an_empty_register():
    found = register(sm.Instance())
    assert found.supply.rows == found.facilities.rows == []
    assert "none" in str(found)


def test_a_depth_of_nothing_is_refused():
    with pytest.raises(InputError, match="depth 0"):
        register(sm.Instance(), depth=0)


def test_long_tables_are_cut_in_the_text():
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id=f"s{i:03}", facility="hall", kinds=["culture"], capacity=1)
            for i in range(50)
        ],
    )
    assert "… and 10 more" in str(register(town))
    assert "s049" not in str(register(town))


def test_text_is_told_in_both_languages(old_town: Register):
    assert "the host uses the room then" in str(old_town)
    chinese = old_town.text("zh")
    assert "届时单位自用" in chinese
    assert "sector" not in chinese
    assert repr(old_town) == "<Register of 26 facilities>"


def test_every_reason_has_words():
    for lang in LANGUAGES:
        for side in ("lacks", "idle", "refused", "reason"):
            assert {*CODES} <= section(lang, side).keys()


def test_the_document_is_plain(old_town: Register):
    document = old_town.to_dict()
    (row,) = (r for r in document["facilities"] if r["facility"] == "market-law-office")
    assert row["most_fee"] == "30.00"
    assert document["counts"]["facilities"] == 26
