"""Hosts are asked, but for those who agreed beforehand; each may decline."""

from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.cli import main
from sharematch.io.native.plans import questions_text
from sharematch.season import Answer, questions, resolve
from tests.halls import PLAN, halls

EVENING = "2027-09-07T17:30"


def agreed() -> sm.Instance:
    """Return the halls, whose gym has agreed beforehand."""
    town = halls()
    hall, gym = town.facilities
    return halls(facilities=[hall, gym.model_copy(update={"consent": "standing"})])


def pairs(rows: Any) -> list[tuple[str, str]]:
    return [(row.need, row.slot) for row in rows]


def test_who_has_agreed_is_not_asked():
    asked = pairs(questions(agreed(), PLAN))
    hall = [("girls", "hall-thu"), ("men", "hall-thu")]
    assert asked == [*hall, ("girls", "hall-tue"), ("men", "hall-tue")]
    assert len(questions(halls(), PLAN)) == 6


def test_what_was_accepted_is_not_asked_again():
    town = agreed()
    start = next(one.start for one in PLAN if (one.need, one.slot)[1] == "hall-tue")
    yes = Answer("girls", "hall-tue", "accepted", 1, start)
    assert len(questions(town, PLAN, [yes])) == 3
    assert len(questions(town, PLAN, [yes, yes._replace(status="forbidden")])) == 4
    fewer = Answer("men", "hall-thu", "accepted", 1)
    assert len(questions(town, PLAN, [fewer])) == 4


def test_a_decline_of_who_agreed_is_honored():
    no = Answer("dance", "gym-tue", "declined")
    revision = resolve(PLAN, [no], instance=agreed())
    assert ("dance", "gym-tue") not in pairs(revision.allocation)
    causes = {(c.need, c.slot): c.cause for c in revision.changes}
    assert causes["dance", "gym-tue"] == "declined"


def test_questions_are_answered_in_their_own_table(tmp_path: Path):
    town = agreed()
    table = questions_text(town, questions(town, PLAN))
    path = tmp_path / "questions.csv"
    path.write_text(table, encoding="utf-8")
    assert io.read_answers(path, town) == ()
    head, first, *others = table.splitlines()
    said = [first.replace("asked", "accepted"), *others]
    said[-1] = said[-1].replace("asked", "perhaps")
    path.write_text("\n".join([head, said[0], *others]), encoding="utf-8")
    (answer,) = io.read_answers(path, town)
    assert (answer.need, answer.status, answer.quantity) == ("girls", "accepted", 1)
    assert answer.start is not None
    path.write_text("\n".join([head, *said]), encoding="utf-8")
    with pytest.raises(sm.SharematchError, match="row 5"):
        io.read_answers(path, town)


def test_a_round_writes_its_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    io.write_instance(agreed(), "town.json")

    def run(*arguments: str) -> None:
        with pytest.raises(SystemExit) as end:
            main(["season", *arguments, "--quiet"])
        assert not end.value.code

    run("init", "s.db")
    run("open", "s.db", "autumn", "town.json")
    run("solve", "s.db", "autumn")
    run("export", "s.db", "autumn", "first")
    asked = Path("first/questions.csv").read_text(encoding="utf-8")
    assert ",asked," in asked
    assert "gym" not in asked
    Path("yes.csv").write_text(asked.replace("asked", "accepted"), encoding="utf-8")
    run("decide", "s.db", "autumn", "yes.csv")
    run("solve", "s.db", "autumn")
    run("export", "s.db", "autumn", "second")
    assert ",asked," not in Path("second/questions.csv").read_text(encoding="utf-8")
