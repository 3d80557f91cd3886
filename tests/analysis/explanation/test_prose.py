"""What explanations say: short, for residents, without codes or words of solvers."""

import re
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation.facts import NeedFacts, written
from sharematch.core.eligibility.arcs import CODES
from sharematch.model.measures import MEASURES
from sharematch.plans.bookings import bookings_of
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


def test_openings_without_a_name_are_told_by_time_and_hall():
    told_of = str(sm.explain(sm.solve(halls()), slot="hall-tue"))
    assert told_of.startswith(
        "Tue 7 Sep 17:00–22:00, School hall in tianfeng has 3 places at a time; "
    )
