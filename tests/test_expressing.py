"""The field guide of sentences: each changes a plan, and the search finds its words."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sphinx.search.en import SearchEnglish

import sharematch as sm
from sharematch.season import chances
from tests.test_docs import BLOCK, run_python

SEARCH = SearchEnglish({})
PAGE = Path(__file__).parents[1] / "docs" / "expressing.md"
TEXT = PAGE.read_text(encoding="utf-8")
SENTENCES = re.findall(r"^### (.*)\n((?:(?!^##).*\n)*)", TEXT, re.MULTILINE)

WORDS = {
    "rooms-and-places": "exclusive use|double booking|overbooking|cleaning|setup",
    "days-and-hours": "recurring booking|holidays|prime time|time slots",
    "who-comes-with-whom": "group booking|siblings|trainer|coach|course",
    "who-goes-first": "priority|waiting list|queue|first come first served|lottery",
    "how-much-for-each": "quota|entitlement|members|gender|equal treatment",
    "how-far": "distance|wheelchair|home visits",
    "money": "price|discount|budget|voucher|low income",
    "before-and-after-the-plan": "cancel|cancellation|no-show|decline",
    "from-excel": "Excel|spreadsheet",
    "what-cannot-be-said": "round robin|side by side|fortnight",
}
"""What people look for, by the section that answers."""


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda found: found[0])
def test_a_sentence_changes_the_plan(sentence: tuple[str, str]):
    printed = [block["printed"] for block in BLOCK.finditer(sentence[1])]
    lines = (printed[-1] or "").splitlines()
    assert len(lines) >= 2
    assert lines[0] != lines[-1]


def test_there_are_sixty_sentences_and_none_twice():
    assert len({name for name, _ in SENTENCES}) == len(SENTENCES) >= 60


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the index of the search box, of this page alone."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "index.md").write_text(TEXT, encoding="utf-8")
    settings = (
        "extensions=myst_parser",
        "myst_heading_anchors=3",
        "html_theme=basic",
        "suppress_warnings=myst.xref_missing",  # to other pages
    )
    options = ["-C", "-q", "-W", *(f"-D{setting}" for setting in settings)]
    subprocess.run(
        [sys.executable, "-m", "sphinx", *options, folder, folder / "built"],
        check=True,
    )
    code = (folder / "built" / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(code.removeprefix("Search.setIndex(").removesuffix(")"))
    page = (folder / "built" / "index.html").read_text(encoding="utf-8")
    return {**index, "page": page}


@pytest.mark.parametrize(
    ("section", "words"),
    [(section, words) for section in WORDS for words in WORDS[section].split("|")],
)
def test_the_search_finds_what_people_look_for(
    found: dict[str, Any], section: str, words: str
):
    # The search box shows main entries of the index first, with a link to their place,
    # then pages that have all words of a query.
    entries = found["indexentries"][words.lower()]
    [(_, anchor, main)] = entries
    assert main
    before, _ = found["page"].split(f'id="{anchor}"')
    assert re.findall(r'<section id="([^"]*)"', before)[-1] == section
    asked = {*re.split(r"[\s-]", words.lower())}
    known = found["terms"].keys() | found["titleterms"].keys()
    assert {SEARCH.stem(w) for w in asked - SEARCH.stopwords} <= known


class Sayings:
    """The lines of the page that make small towns."""

    def __init__(self) -> None:
        names: dict[str, Any] = {"sm": sm}
        [code] = [b["code"] for b in BLOCK.finditer(TEXT) if "def town" in b["code"]]
        run_python(code, names)
        self.need, self.room, self.town = (names[n] for n in ("need", "room", "town"))

    def plan(self, *things: Any, goals: list[Any], rules: Any = ()) -> dict[str, Any]:
        """Return the slots of each served need."""
        policy = sm.Policy(rules=rules, goals=goals)
        result = sm.solve(self.town(*things), policy)
        assert result.is_optimal
        return {a.need: a.slot for a in result.allocation}


@pytest.fixture(scope="module")
def say() -> Sayings:
    return Sayings()


@pytest.mark.parametrize("seed", range(6))
def test_two_goals_a_pick_make_a_picking_order(say: Sayings, seed: int):
    rng = random.Random(seed)
    halls = [f"{hall} mon 18:00-20:00" for hall in "pqrst"]
    wishes = {club: rng.sample(halls, rng.randint(2, 5)) for club in "abc"}
    turns = [
        f"{club}{turn}" for turn, order in ((1, "abc"), (2, "cba")) for club in order
    ]
    free, expected = set(halls), {}
    for pick in turns:
        wish = next((hall for hall in wishes[pick[0]] if hall in free), None)
        if wish is not None:
            free.remove(wish)
            expected[pick] = wish
    needs = [say.need(pick, choices=wishes[pick[0]]) for pick in turns]
    goals = [
        goal
        for pick in turns
        for goal in (
            sm.Maximize("served", where={"need": pick}),
            sm.Minimize("rank", where={"need": pick}),
        )
    ]
    assert say.plan(*needs, *map(say.room, halls), goals=goals) == expected


def test_one_rule_a_fortnight(say: Sayings):
    weeks = [say.room("hall mon 18:00-19:00", week=week) for week in range(3)]
    visits = [say.need(f"v{week}", choices=[weeks[week].id]) for week in range(3)]
    rule = sm.AtMost("minutes", 60, where={"week": ["2027-W36", "2027-W37"]})
    plan = say.plan(*weeks, *visits, rules=[rule], goals=[sm.Maximize("served")])
    assert len(plan) == 2
    assert "v2" in plan


def test_one_of_two_lengths(say: Sayings):
    lengths = [say.need(f"l{m}", minutes=m, person="team") for m in (60, 90)]
    rule = sm.AtMost("bookings", 1, by="person")
    goals = [sm.Maximize("bookings"), sm.Maximize("minutes")]
    for until, length in (("19:00", "l60"), ("20:00", "l90")):
        hall = say.room(f"hall mon 18:00-{until}", step=30)
        assert [*say.plan(*lengths, hall, rules=[rule], goals=goals)] == [length]


def test_a_slot_for_each_of_two_that_must_not_meet(say: Sayings):
    needs = [say.need(club, groups=[club]) for club in "ab"]
    shared = say.room("hall mon 18:00-20:00", 2)
    assert len(say.plan(*needs, shared, goals=[sm.Maximize("served")])) == 2
    split = [
        sm.Slot(
            id=f"hall for {club}",
            facility="hall",
            kinds=["hall"],
            capacity=2,
            groups=[club],
            either="hall",
        )
        for club in "ab"
    ]
    assert len(say.plan(*needs, *split, goals=[sm.Maximize("served")])) == 1


def test_a_second_lot_for_members(say: Sayings):
    lots = [say.need(f"m{lot}", person="m") for lot in (1, 2)]
    town = say.town(*lots, say.need("guest", person="g"), say.room("hall"))
    policy = sm.Policy(rules=[sm.AtMost("served", 1, by="person")])
    shares = {chance.need: chance.share for chance in chances(town, policy)}
    assert shares["m1"] + shares["m2"] > shares["guest"]
