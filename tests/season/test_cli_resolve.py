"""sharematch resolve: a draft's file, answers as CSV, and what comes out."""

import json
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch.cli import main
from sharematch.io import read_result, write_instance, write_policy, write_result
from sharematch.plans.bookings import bookings_of
from sharematch.text import told
from tests.halls import halls
from tests.season.test_decisions import town


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    names = ("town.json", "draft.json", "answers.csv", "new.json", "plan.csv")
    paths = {name.partition(".")[0]: tmp_path / name for name in names}
    write_instance(town(), paths["town"])
    write_result(sm.solve(town()), paths["draft"])
    paths["plan"].write_text("need,slot,quantity\nt,mon,2\nl,tue,2\n")
    paths["answers"].write_text(
        "need,slot,status,quantity\nt,mon,declined,\nl,tue,accepted,2\n"
    )
    return paths


def test_resolve_writes_a_result_that_verifies(files: Any, capsys: Any, tmp_path: Path):
    code, shown, _ = run(
        capsys,
        *("resolve", files["town"], files["plan"], "--decisions", files["answers"]),
        *("--out", files["new"], "--letters", tmp_path / "letters.txt"),
    )
    assert code == 0
    assert "Moved 2 units; 2 had to move in any case" in shown
    assert "declined" in shown
    assert "To t, tianfeng:" in (tmp_path / "letters.txt").read_text()
    assert run(capsys, "verify", files["town"], files["new"])[0] == 0
    # A second round of answers, to what came out.
    files["answers"].write_text("need,slot,status\nl,,withdrawn\n")
    code, shown, _ = run(
        capsys,
        *("resolve", files["town"], files["new"], "--decisions", files["answers"]),
        *("--out", files["new"], "--json"),
    )
    document = json.loads(shown)
    assert code == 0
    assert [c["cause"] for c in document["changes"]] == ["withdrawn", "room"]
    assert len(document["result"]["decisions"]) == 3
    assert run(capsys, "verify", files["town"], files["new"])[0] == 0


def test_a_budget_of_moves_that_cannot_be_kept_is_infeasible(files: Any, capsys: Any):
    code, shown, _ = run(
        capsys,
        *("resolve", files["town"], files["plan"], "--decisions", files["answers"]),
        *("--max-moved", "1", "--out", files["new"]),
    )
    assert code == 3
    assert "units moved at most 1" in shown


def test_a_budget_of_moves_may_be_a_share(files: Any, capsys: Any, tmp_path: Path):
    share = sm.Policy(rules=[sm.AtMost("moved", "1/2")], goals=sm.Policy.fair().goals)
    write_policy(share, tmp_path / "share.toml")
    for said in (
        ("--max-moved", "0.5"),
        ("--max-moved", "1/2"),
        ("--max-moved", "2"),
        ("--policy", tmp_path / "share.toml"),
    ):
        code, _, _ = run(
            capsys,
            *("resolve", files["town"], files["plan"], "--out", files["new"]),
            *("--decisions", files["answers"], *said),
        )
        assert code == 0
        result = read_result(files["new"])
        assert result.policy.rules == (sm.AtMost("moved", 2),)
        assert run(capsys, "verify", files["town"], files["new"])[0] == 0
    code, _, _ = run(
        capsys,
        *("resolve", files["town"], files["plan"], "--out", files["new"]),
        *("--decisions", files["answers"], "--max-moved", "0.49"),
    )
    assert code == 3  # half of four units is declined


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ("-1", "must be a number of units, or a share below 1"),
        ("1.5", "must be a number of units, or a share below 1"),
        ("many", "must be a number"),
    ],
)
def test_a_budget_of_moves_is_units_or_a_share(
    files: Any, capsys: Any, limit: str, why: str
):
    arguments = ("resolve", files["town"], files["plan"], "--max-moved", limit)
    code, _, told = run(capsys, *arguments)
    assert code == 2
    assert f"'--max-moved': {why}" in told


def test_what_is_wrong_in_a_table_is_named_by_its_row(files: Any, capsys: Any):
    files["answers"].write_text(
        "need,slot,status,quantity\nt,mon,declined,\nt,mon,,x\n"
    )
    arguments = ("resolve", files["town"], files["plan"], "--decisions")
    code, _, told = run(capsys, *arguments, files["answers"])
    assert code == 1
    assert "answers.csv, row 3" in told
    files["plan"].write_text("need,slot\nt,mon\n")
    code, _, told = run(capsys, *arguments, files["answers"])
    assert "quantity" in told
    assert "is missing" in told
    assert code == 1


def test_chinese_letters(files: Any, capsys: Any, tmp_path: Path):
    code, shown, _ = run(
        capsys,
        *("resolve", files["town"], files["plan"], "--decisions", files["answers"]),
        *("--lang", "zh", "--letters", tmp_path / "letters.txt"),
    )
    assert code == 0
    assert "变动 2 个名额" in shown
    assert "致 tianfeng 的 t" in (tmp_path / "letters.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_changes_are_listed_by_day_hours_hall_and_parts(
    lang: str, capsys: Any, tmp_path: Path
):
    result = sm.solve(halls())
    write_instance(halls(), tmp_path / "town.json")
    write_result(result, tmp_path / "draft.json")
    answers = tmp_path / "answers.csv"
    answers.write_text("need,slot,status\ngirls,,withdrawn\n")
    files = (tmp_path / "town.json", tmp_path / "draft.json", "--decisions", answers)
    _, shown, _ = run(capsys, "resolve", *files, "--lang", lang)
    gone = [b for b in bookings_of(halls(), result.allocation) if b.need == "girls"]
    assert gone
    for booking in gone:
        hall = {"hall": "School hall"}.get(booking.facility, booking.facility)
        where = f"Tianfeng girls  {told(booking.text(hall), lang)}  "
        assert where.replace("  ", "") in shown.replace("  ", "")
