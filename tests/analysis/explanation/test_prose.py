"""What explanations say: short, for residents, without codes or words of solvers."""

import re
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation.facts import NeedFacts, SlotFacts, written
from sharematch.core.eligibility.conditions import CODES
from sharematch.model.measures import MEASURES
from sharematch.plans.bookings import bookings_of, hours_text, parts_text
from sharematch.text import told
from sharematch.text.catalog import LANGUAGES, section
from tests.halls import halls

TECHNICAL = {
    *(
        "optimal",
        "optimum",
        "solver",
        "solve",
        "constraint",
        "objective",
        "goal",
        "arc",
    ),
    *("node", "edge", "flow", "residual", "leximin", "leximax", "lexicographic"),
    *("infeasible", "feasible", "bound", "variable", "integer", "dual", "gap", "slack"),
    *("program", "instance", "allocation", "assignment", "policy_hash", "need", "unit"),
    *("units", "capacity", "utilization", "None", "null", "true", "false"),
}
TECHNICAL_ZH = (
    *(
        "最优",
        "求解",
        "约束",
        "目标函数",
        "节点",
        "网络流",
        "可行解",
        "变量",
        "对偶",
        "松弛",
    ),
    *("算法", "弧", "整数", "单位数"),
)
CODE_WORDS = {*CODES, *MEASURES, "no_arc", "coupled", "max_units"} - {
    # plain words that happen to be codes
    *("time", "kind", "share", "travel", "fee", "group", "choice", "rule", "cost"),
    *("closed", "rank", "used", "lent", "borrowed", "served", "wait", "fees", "moved"),
    *("demand", "decision", "radius", "feature", "minutes", "length", "people"),
    "bookings",
}


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]+", text))


def test_sentences_are_plain():
    for english in sentences("en"):
        assert not words(english) & (TECHNICAL | CODE_WORDS), english
    for chinese in sentences("zh"):
        assert not any(word in chinese for word in TECHNICAL_ZH), chinese
        assert not words(chinese), chinese


def sentences(lang: str) -> list[str]:
    """Return what explanations say, without what is filled in."""
    entries = section(lang, "explain").values()
    forms = [form for e in entries for form in (e if isinstance(e, list) else [e])]
    return [re.sub(r"{[\w:,]+}", "", form) for form in forms]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_is_said_in_words(code: str, lang: str):
    assert f"out_{code}" in section(lang, "explain")
    for name in ("refused", "reason", "lacks", "idle"):
        assert code in section(lang, name)


def questions(town: sm.Instance, result: sm.Result) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = [{"need": need.id} for need in town.needs[::5]]
    asked += [{"slot": slot.id} for slot in town.slots[::15]]
    asked += [{"community": community.id} for community in town.communities[::3]]
    asked += [{"rule": i + 1} for i in range(len(result.policy.rules))]
    return asked


@pytest.mark.parametrize(
    "policy",
    [
        sm.Policy.fair(),
        sm.Policy(
            rules=[
                sm.AtMost("tier", "subdistrict", by="assignment"),
                sm.AtLeast("fill_rate", "alone", by="community"),
                sm.AtMost("served", 300, by="community"),
            ],
            goals=[*sm.Policy.vulnerable_first("disabled").goals],
        ),
        sm.Policy.first_come(),
    ],
)
def test_prose_of_the_old_town_is_short_and_plain(policy: sm.Policy):
    town = sm.scenario.old_town()
    result = sm.solve(town, policy)
    for asked in questions(town, result):
        explanation = sm.explain(result, **asked)
        for lang in ("en", "zh"):
            text = explanation.text(lang)
            assert text
            assert "{" not in text
            assert len(text) < 2000, text
            assert not words(text) & {"None", "no_arc", "max_units", "leximin"}, text


def test_bookings_are_told_with_their_own_times_and_parts():
    result = sm.solve(halls())
    girls = next(row for row in result.allocation if row.need == "girls")
    (when,) = {
        one.text("School hall")
        for one in bookings_of(halls(), result.allocation)
        if (one.need, one.start) == ("girls", girls.start)
    }
    answer = sm.explain(result, need="girls")
    assert f"1 place: {when}, " in str(answer)
    assert told(when, "zh") in answer.text("zh")
    assert "hall-tue" not in str(answer)
    facts = answer.facts
    assert isinstance(facts, NeedFacts)
    (got,) = (written(one) for one in facts.got if one.slot == girls.slot)
    assert got["booking"] == {
        key: value
        for key, value in girls.to_dict().items()
        if key in ("start", "end", "parts")
    }


def test_an_opening_is_told_by_its_bookings():
    result = sm.solve(halls())
    answer = sm.explain(result, slot="hall-tue")
    booked = [
        b for b in bookings_of(halls(), result.allocation) if b.slot == "hall-tue"
    ]
    assert len(booked) > 1
    head, *lines = str(answer).splitlines()
    place = "Tue 7 Sep 17:00–22:00, School hall in tianfeng has 3 places at a time"
    assert head == f"{place}, and {len(booked)} bookings:"
    names = {"girls": "Tianfeng girls"}
    told_of = {
        f"- {hours_text(b.start, b.end)} {names.get(b.need, b.need)}, "
        f"{parts_text(b.parts)}"
        for b in booked
    }
    assert {line for line in lines if line.startswith("- ")} == told_of
    assert isinstance(answer.facts, SlotFacts)
    assert [held.units for held in answer.facts.bookings] == [
        len(held.booking.parts) for held in answer.facts.bookings
    ]
    for named in names.values():
        assert named in answer.text("zh")
    empty = sm.explain(sm.solve(halls(needs=())), slot="hall-thu")
    first, second, *_ = str(empty).splitlines()
    assert (
        first
        == "Thu 9 Sep 17:00–22:00, School hall in tianfeng has 3 places at a time."
    )
    assert second == "No request can use it."


def test_an_opening_is_one_place_of_a_need_however_many_starts_it_has():
    """One who has no place is told of each hall once, not of each hour."""
    one = halls().needs[0]
    many = [one.model_copy(update={"id": f"g{n}", "name": None}) for n in range(9)]
    small = [s.model_copy(update={"capacity": 1}) for s in halls().slots[:2]]
    hall = [halls().facilities[0].model_copy(update={"parts": ()})]
    result = sm.solve(
        halls(needs=many, slots=small, facilities=[*hall, halls().facilities[1]])
    )
    unmet = next(u for u in result.unmet if u.quantity == 2)
    answer = sm.explain(result, need=unmet.need)
    assert isinstance(answer.facts, NeedFacts)
    places = sorted(place.slot for place in answer.facts.places)
    assert places == ["hall-thu", "hall-tue"]
    assert str(answer).count("Tue 7 Sep 17:00–22:00, School hall") <= 2


def test_an_opening_too_short_for_any_booking_is_told_as_such():
    """Ten minutes in steps of thirty: no booking begins, last of all slots or not."""
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id="mon",
                facility="hall",
                kinds=["sport"],
                capacity=1,
                start="2026-09-07T18:00+08:00",
                end="2026-09-07T18:10+08:00",
                step=30,
            )
        ],
        needs=[sm.Need(id="team", community="tianfeng", kind="sport", minutes=30)],
    )
    result = sm.solve(town)
    assert [(u.reason, u.code) for u in result.unmet] == [("no_arc", "time")]
    told_slot = str(sm.explain(result, slot="mon"))
    assert told_slot.startswith("Mon 7 Sep 18:00–18:10, hall in tianfeng has 1 place")
    assert "No time slot is open" in str(sm.explain(result, need="team"))
