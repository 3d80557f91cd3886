"""What explanations say: short, for residents, without codes or words of solvers."""

import re
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation.sentences import SENTENCES
from sharematch.core.eligibility.arcs import CODES
from sharematch.model.measures import MEASURES
from sharematch.model.refusals import refusal_text

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
    for english, chinese in SENTENCES.values():
        plain = re.sub(r"{\w+}", "", english)
        assert not words(plain) & (TECHNICAL | CODE_WORDS), english
        assert not any(word in chinese for word in TECHNICAL_ZH), chinese
        assert not words(re.sub(r"{\w+}", "", chinese)), chinese


def test_both_languages_fill_in_the_same():
    for key, (english, chinese) in SENTENCES.items():
        holes = [set(re.findall(r"{(\w+)}", text)) for text in (english, chinese)]
        # A single thing need not be counted out in English.
        assert holes[0] - {"slots"} == holes[1] - {"slots"} or key.endswith("_1"), key


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_said_in_words(code: str):
    assert f"out_{code}" in SENTENCES
    assert refusal_text(code) != refusal_text(code, "zh")


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
