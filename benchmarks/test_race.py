"""How the race is run, judged and told."""

import json
from pathlib import Path

import pytest

import sharematch as sm
from benchmarks.race import limits
from benchmarks.race.__main__ import main
from benchmarks.race.entrants import Heat, Run, run
from benchmarks.race.entries import Answer
from benchmarks.race.judging import Judged, behind, judged, leaders
from benchmarks.race.registry import CASES
from benchmarks.race.results import faults, result_row, summary
from benchmarks.race.tables import BEGIN, END, write_between_marks

SECONDS = 2.0
TOWN = sm.Instance(
    communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    facilities=[sm.Facility(id="station", community="tianfeng")],
    slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    needs=[
        sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
        sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ],
)
FAIR = sm.Policy.fair()


def _judged(*rows: tuple[str, str, int], proved: bool = False) -> Judged:
    answer = Answer(rows, (proved,) * 3, (None,) * 3)
    return judged(Run(answer, 1.0), TOWN, FAIR)


def test_goals_are_compared_in_their_order() -> None:
    even = _judged(("mon", "t", 2), ("mon", "l", 1))
    uneven = _judged(("mon", "t", 1), ("mon", "l", 2))
    few = _judged(("mon", "t", 2))
    nothing = judged(Run(Answer(None), 1.0), TOWN, FAIR)
    assert behind(FAIR, even, uneven) is None
    assert behind(FAIR, uneven, even) == 1
    assert behind(FAIR, even, even) is None
    assert behind(FAIR, nothing, few) == 0
    assert leaders(FAIR, {"a": few, "b": even, "c": even}) == ["b", "c"]
    assert leaders(FAIR, {"a": nothing}) == []


def test_less_is_better_where_a_goal_is_to_be_small() -> None:
    policy = sm.Policy(goals=[sm.Minimize("unmet"), sm.Maximize("served")])
    more, less = (Judged(Run(Answer(()), 1.0), (x, 0), ()) for x in (3, 2))
    assert behind(policy, more, less) == 1
    assert behind(policy, less, more) is None


def test_a_broken_rule_and_a_false_proof_are_told() -> None:
    heat = Heat("none", 1, "small", SECONDS)
    broken = _judged(("mon", "t", 4))
    row = result_row(heat, FAIR, {"ours": _judged(("mon", "t", 1)), "direct": broken})
    assert faults(row) == [
        'direct breaks a rule: slot "mon": 4 units in use, capacity 3'
    ]
    assert row["best"] == ["ours"]
    false = _judged(("mon", "t", 1), proved=True)
    row = result_row(heat, FAIR, {"ours": _judged(("mon", "t", 2)), "direct": false})
    assert faults(row) == ["a plan is better than a proved one"]


def test_what_races_come_to() -> None:
    heat, plan = Heat("none", 1, "small", SECONDS), _judged(("mon", "t", 2))
    row = result_row(heat, FAIR, {"ours": plan, "direct": plan, "first_come": plan})
    assert summary([row]) == {
        "races": 1,
        "not behind direct": [1, 1],
        "not behind first_come": [1, 1],
        "not behind any but first_come": [1, 1],
        "proved in 2 S + 1 where direct proves in S": [0, 0],
    }


def test_who_takes_part_ends() -> None:
    heat = Heat("halls", 1, "2x12", SECONDS)
    assert run("first_come", heat).answer.plan
    assert "KeyError" in run("first_come", Heat("halls", 1, "2x13", SECONDS)).failure
    late = Heat("halls", 1, "2x12", -15.0)
    assert "no answer after 0 s" in run("direct", late).failure


def test_the_command_prints_one_document_and_writes_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, out = tmp_path / "page.md", tmp_path / "rows.json"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    call = ["halls:2x12", "--only", "ours", "first_come", "--seconds", "2", "--json"]
    assert main([*call, "--out", str(out), "--table", str(page)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(out.read_text(encoding="utf-8"))
    (row,) = found["rows"]
    assert [row["case"], row["size"]] == ["halls", "2x12"]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| halls | 2x12 | fill_rate · served · rank |" in text
    assert "old" not in text


def test_cases_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["unheard of"])
    assert main(["--list", "--all"]) == 0
    sizes = {case: CASES[case].sizes for case in CASES}
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == sum(map(len, sizes.values())) > 60
    assert all(set(CASES[case].large) < set(sizes[case]) for case in CASES)


def test_a_table_needs_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(ValueError, match="race: begin"):
        write_between_marks({"summary": {}, "rows": []}, page)


def test_how_a_limit_held() -> None:
    row = limits.timed(2, 1.0)
    allowed = 1.1 * 1.0 + row["set_up"] + 1
    assert row["over"] == pytest.approx(row["seconds"] - allowed, abs=0.02)
    assert limits.figures([row], "towns", 1.0)["problems"] == 1


@pytest.mark.parametrize("kind", limits.KINDS)
def test_what_is_cut_can_be_drawn(kind: str) -> None:
    instance, policy = limits.KINDS[kind](0)
    assert instance.needs
    assert policy.goals
