"""The commands advise and compare: what they print, in both languages and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.cli import main
from tests.analysis.advice.test_advise import old_town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.json"
    io.write_instance(old_town(), path)
    for policy in (sm.Policy.fair(), sm.Policy.own_only()):
        io.write_policy(policy, tmp_path / f"{policy.name}.toml")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return int(caught.value.code or 0), out, err


def test_advise_says_where_and_what_a_budget_buys(
    capsys: pytest.CaptureFixture[str], town: Path
):
    code, out, _ = run(capsys, "advise", town, "--budget", "25", "--price", "12.50")
    assert code == 0
    assert out.startswith("1. One more place at mon (station, tianfeng): 1 more unit")
    assert "Spending 25.00 of 25.00 buys 2 places: mon (2)." in out
    code, out, _ = run(capsys, "advise", town, "--lang", "zh", "--budget", "1")
    assert "1. 在 mon（station，tianfeng）处增加 1 个名额：" in out
    assert "购得 1 个名额：mon" in out


def test_advise_as_json_is_the_advice(capsys: pytest.CaptureFixture[str], town: Path):
    prices = town.with_name("prices.csv")
    prices.write_text("id,price\nmon,4\nhall,2.50\n", encoding="utf-8")
    options = ("--add", "capacity", "--add", "feature", "--amount", "1")
    asked = (*options, "--prices", prices, "--budget", "4")
    _, out, _ = run(capsys, "advise", town, "--json", *asked)
    advice = sm.advise(
        sm.solve(old_town()),
        add=["capacity", "feature"],
        amounts=[1],
        prices={"mon": 4, "hall": "2.50"},
        budget=4,
    )
    assert json.loads(out) == advice.to_dict()
    assert json.loads(out)["purchase"]["places"] == {"mon": 1}


def test_many_options_end_in_a_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    slots = [
        sm.Slot(id=f"mon {i}", facility="station", kinds=["health"], capacity=1)
        for i in range(7)
    ]
    needs = [
        sm.Need(id="l", community="lianqiao", kind="health", quantity=20),
        sm.Need(id="t", community="tianfeng", kind="health", quantity=20),
    ]
    io.write_instance(old_town(slots=slots, needs=needs), tmp_path / "many.json")
    _, out, _ = run(capsys, "advise", tmp_path / "many.json")
    assert "… and 2 more places." in out
    assert "slot   facility  community  +1  +2  +5  for" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--price", "much"], 2, "much"),
        (["--price", "1", "--prices", "x.csv"], 2, "--price or --prices"),
        (["--prices", "nowhere.csv"], 1, "nowhere.csv"),
        (["--add", "chairs"], 1, "chairs"),
    ],
)
def test_advise_names_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
    town: Path,
    arguments: list[str],
    code: int,
    message: str,
):
    found, out, err = run(capsys, "advise", town, *arguments)
    assert (found, out) == (code, "")
    assert message in err


def test_prices_are_refused_row_by_row(capsys: pytest.CaptureFixture[str], town: Path):
    prices = town.with_name("prices.csv")
    prices.write_text("id,price\nmon,much\ntue\n", encoding="utf-8")
    code, _, err = run(capsys, "advise", town, "--prices", prices)
    assert code == 1
    assert "prices.csv, row 2" in err
    assert "prices.csv, row 3" in err


def policies(town: Path, *names: str) -> list[Any]:
    paths = [town.with_name(f"{name}.toml") for name in names]
    return [part for path in paths for part in ("--policy", path)]


def test_compare_sets_plans_side_by_side_and_prices_clauses(
    capsys: pytest.CaptureFixture[str], town: Path
):
    both = policies(town, "own only", "fair")
    code, out, _ = run(capsys, "compare", town, *both)
    assert code == 0
    assert "own only  fair\nunits served                     4     5" in out
    assert "lianqiao        6         0     2       2" in out
    assert "own only → fair: 1 community gains 2 units, 1 community loses 1 unit" in out
    assert "in all: units served +1" in out
    assert "What each clause of fair costs" in out
    assert "goal 2 (as many units served as possible): changes nothing" in out
    _, out, _ = run(capsys, "compare", town, *both, "--lang", "zh", "--no-clauses")
    assert "仅用自有名额 → 公平：1 个社区增加 2 个名额，1 个社区减少 1 个名额" in out
    assert "条款" not in out


def test_compare_as_json_has_plans_changes_and_clauses(
    capsys: pytest.CaptureFixture[str], town: Path
):
    _, out, _ = run(capsys, "compare", town, *policies(town, "fair", "fair"), "--json")
    found = json.loads(out)
    assert [plan["plan"] for plan in found["plans"]] == ["fair", "fair (2)"]
    assert found["changes"][0]["gains"] == {}
    assert [clause["changes_nothing"] for clause in found["clauses"]["fair"]][1]


def test_compare_says_which_policy_allows_no_plan(
    capsys: pytest.CaptureFixture[str], town: Path
):
    hard = sm.Policy(name="hard", rules=[sm.AtLeast("served", 99)])
    io.write_policy(hard, town.with_name("hard.toml"))
    code, out, err = run(capsys, "compare", town, *policies(town, "fair", "hard"))
    assert code == 0
    assert "hard: infeasible" in err
    assert "fair → hard" not in out
