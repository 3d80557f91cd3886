"""How the Chinese reads: words that mislead, punctuation, what is left in English.

Words for people who speak it; the codes and fields of files stay Latin among them.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import sharematch as sm
from sharematch.text import LANGUAGES
from sharematch.text.catalog import section, sections

HAN = "\u3400-\u9fff"
PACKAGE = Path(sm.__file__).parent
ROOT = PACKAGE.parent
PAGES = [ROOT / "docs" / "zh.md"]
"""What is Chinese beside the catalog."""

ORGANIZATIONS = (
    "单位自用",
    "单位职工",
    "本单位职工",
    "驻区单位",
    "发布单位",
    "计量单位",
    "有关单位",
)
"""Where 单位 is an organization, or what one measures in: never a place."""

BANNED = {
    r"单位": "名额, where places are meant",
    r"提供者|所有者": "提供方",
    r"(?<!不用)求解器": "only in 不用求解器",
    r"无需求解": "不用求解器: it can be read as 无 需求",
    r"平局": "并列",
    r"至多": "理论最优, or a form of 最多",
    r"亮色|暗色|明暗": "深色\uff0f浅色",
    r"警告“": "备注",
    r"群体": "人群",
    r"高的?社区": "a community is not high, its rate is",
}

HALF_WIDTH = re.compile(rf"[{HAN}“”（）]\s*[,;:!?()]|[,;:!?()]\s*[{HAN}“”（）]")


def sentences() -> Iterator[tuple[str, str]]:
    for name in sections("zh"):
        for key, entry in section("zh", name).items():
            for form in entry if isinstance(entry, list) else [entry]:
                yield f"{name}.{key}", form


def prose(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of a page that are no commands and no addresses."""
    is_code = False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code:
            spoken = re.sub(r"`[^`]*`", "x", line)  # code stands as a word between
            plain = re.sub(r"\]\([^)]*\)|^:\w+:.*|\[|\]", "", spoken)
            yield f"{path.name}:{number}", plain


EVERYTHING = [*sentences(), *(line for path in PAGES for line in prose(path))]


@pytest.mark.parametrize("banned", BANNED)
def test_words_that_mean_something_else_are_not_used(banned: str):
    found = []
    for where, text in EVERYTHING:
        plain = text
        for word in ORGANIZATIONS:
            plain = plain.replace(word, "")
        if re.search(banned, plain):
            found.append((where, text, BANNED[banned]))
    assert found == []


def test_punctuation_beside_chinese_is_full_width():
    assert [pair for pair in EVERYTHING if HALF_WIDTH.search(pair[1])] == []


def test_no_gap_stands_between_two_ideographs():
    gap = re.compile(rf"[{HAN}] +[{HAN}]")
    assert [pair for pair in EVERYTHING if gap.search(pair[1])] == []


def test_nothing_is_left_in_english():
    """Words of English beyond names of files, fields, programs and values."""
    left = []
    for code, text in sentences():
        plain = re.sub(r"\{[^}]*\}", "", text)
        if not re.search(rf"[{HAN}]", plain) and re.search(
            r"\b(the|and|or|of|is|by|with|no|not|columns?|rows?|must|for)\b", plain
        ):
            left.append((code, text))
    assert left == []


def test_the_words_that_offices_use_are_there():
    every = "\n".join(text for _, text in sentences())
    for wanted in (
        "尽量提高 {what} 最低 {group} 的 {what}，再提高次低的，依此类推",
        "安排 {served:,} 个名额，共申请 {n:,} 个",
        "理论最优",
        "时段 {n} 个",
        "需求 {n} 项",
        "不用求解器",
        "提供方",
        "深色\uff0f浅色",
    ):
        assert wanted in every


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_section_says_where_it_is_read(lang: str):
    lines = (PACKAGE / "text" / f"{lang}.toml").read_text("utf-8").splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if re.fullmatch(r"\[\w+\]", line) and not before.startswith("# ")
    ]
    assert bare == []
