"""Policies in words, in both languages."""

import re

import pytest

import sharematch as sm
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import FILTER_KEYS
from sharematch.model.wording import policy_text
from sharematch.text.catalog import LANGUAGES, section

POLICY = sm.Policy(
    rules=[
        sm.AtLeast("fill_rate", "alone", by="community"),
        sm.AtLeast("fill_rate", "alone - 2", by="community"),
        sm.AtMost("tier", "own", by="assignment"),
        sm.AtMost(
            "travel", 500, by="assignment", where={"group": ["elderly", "frail"]}
        ),
        sm.AtMost("served", 2, by=("person", "week")),
        sm.Within("fill_rate", "0.1", by="community"),
    ],
    goals=[
        sm.Maximize("served", where={"group": "disabled"}, slack="0.02"),
        sm.Leximin("served", by="community", weights="population"),
        sm.Leximax("used", by="day"),
        sm.Minimize("travel"),
    ],
)


def test_english():
    assert policy_text(POLICY) == (
        "No community gets less than its own places alone could give it. "
        "Each community gets at most 2 units less than its own places alone could "
        "give it. "
        "For each assignment: sharing tier at most own. "
        "For each assignment: travel (group elderly or frail) at most 500. "
        "For each person and week: units served at most 2. "
        "Share of demand served: at most 10% between any two communities. "
        "First: as many units served (group disabled) as possible, up to 2% less good "
        "for later goals. "
        "Then: make the worst-off community's units served for its weight as great as "
        "possible, then the next. "
        "Then: make the highest units in use of a day as small as possible, then the "
        "next. "
        "Then: as little travel as possible."
    )


def test_chinese():
    assert policy_text(POLICY, "zh") == (
        "任何社区所得不少于仅靠自有名额所能得到的。"
        "每个社区所得与仅靠自有名额时相比，最多少 2 个。"
        "每笔分配：共享层级不超过本社区。"
        "每笔分配：路程（人群 elderly 或 frail）不超过 500。"
        "每个人与周组合：获得名额不超过 2。"
        "任意两个社区之间，满足率相差不超过 10%。"
        "首先，获得名额（人群 disabled）尽可能多（为后续目标最多可放宽 2%）。"
        "然后，尽量提高获得名额（按权重折算）最低社区的获得名额，再提高次低的，依此类推。"
        "然后，尽量降低使用名额最高日的使用名额，再降低次高的，依此类推。"
        "然后，尽量减少路程。"
    )


@pytest.mark.parametrize("policy", [sm.Policy.first_come(), sm.Policy()])
def test_chinese_has_no_english_left(policy: sm.Policy):
    assert not re.search("[A-Za-z]", policy_text(policy, "zh"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_measure_and_group_has_its_words(lang: str):
    assert section(lang, "measures").keys() == {*MEASURES}
    assert section(lang, "group").keys() == {*FILTER_KEYS}


def test_numbers_by_group_of_nobody():
    policy = sm.Policy(rules=[sm.AtMost("served", {}, by="person")])
    assert policy_text(policy) == (
        "For each person: units served at most its own number (nobody has one)."
    )
    assert policy_text(policy, "zh").endswith("（都没有）。")
