"""A season from the command line, as an office goes through it."""

import json
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch.cli import main
from tests.season.towns import town


class Office:
    """A folder with a town and a store; runs commands in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        sm.io.write_instance(town(), folder / "town.json")

    def run(self, *arguments: str, code: int = 0) -> str:
        """Return what a command prints, after checking how it ends."""
        with pytest.raises(SystemExit) as end:
            main(arguments)
        printed = self.capsys.readouterr()
        assert (end.value.code or 0) == code, printed.err
        return printed.err if code else printed.out

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def office(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, capsys)


def test_from_opening_to_closing(office: Office):
    office.run("season", "init", "s.db")
    assert "open; possible now: add, solve, commit" in office.run(
        "season", "open", "s.db", "spring", "town.json"
    )
    office.write("more/needs.csv", "id,community,kind\nlate,lianqiao,health\n")
    office.run("season", "add", "s.db", "spring", "more")
    assert "Served 6 of 9" in office.run("season", "solve", "s.db", "spring")
    answers = office.write("d.csv", "need,slot,status\nt,mon,declined\n")
    office.run("season", "decide", "s.db", "spring", answers)
    error = office.run("season", "finalize", "s.db", "spring", code=1)
    assert "decide came after the plan" in error
    office.run("season", "solve", "s.db", "spring", "--out", "plan.json")
    office.run("season", "finalize", "s.db", "spring")
    plan = json.loads((office.folder / "plan.json").read_text())
    first = plan["assignments"][0]
    used = office.write("u.csv", f"need,slot,used\n{first['need']},{first['slot']},0\n")
    office.run("season", "usage", "s.db", "spring", used)
    office.run("season", "close", "s.db", "spring")
    assert "spring  closed" in office.run("season", "status", "s.db")
    assert len(office.run("season", "log", "s.db").splitlines()) == 9
    assert "8 entries" in office.run("season", "audit", "s.db")
    office.run("season", "export", "s.db", "spring", "out")
    office.run("verify", "out/instance.json", "out/result.json")
    error = office.run("season", "export", "s.db", "spring", "out", code=1)
    assert "out: is there already" in error


def test_json_everywhere(office: Office):
    def document(*arguments: str, code: int = 0) -> Any:
        return json.loads(office.run("season", *arguments, "--json", code=code))

    assert document("init", "s.db") == {"written": "s.db"}
    stands = document("open", "s.db", "spring", "town.json", "--no-ledger")
    assert stands["state"] == "open"
    assert document("solve", "s.db", "spring")["status"] == "optimal"
    assert document("status", "s.db")["rounds"][0]["served"] == 6
    log = document("log", "s.db", "spring")["log"]
    assert [entry["action"] for entry in log] == ["open", "solve"]
    assert document("audit", "s.db") == {
        "valid": True,
        "findings": [],
        "head": log[-1]["hash"],
    }


def test_a_budget_of_moves_may_be_a_share(office: Office):
    office.run("season", "init", "s.db")
    office.run("season", "open", "s.db", "spring", "town.json")
    office.run("season", "solve", "s.db", "spring")
    said = ("season", "solve", "s.db", "spring", "--max-moved", "0.4", "--json")
    document = json.loads(office.run(*said))
    bounds = [rule["bound"] for rule in document["policy"]["rules"]]
    assert bounds == [2]  # of six units served


def test_a_wrong_head_is_not_valid(office: Office):
    office.run("season", "init", "s.db")
    error = office.run("season", "audit", "s.db", "--head", "sha256:00", code=1)
    assert "no entry has the hash sha256:00" in error


def test_bad_usage_names_row_and_value(office: Office):
    office.run("season", "init", "s.db")
    office.run("season", "open", "s.db", "spring", "town.json")
    office.run("season", "solve", "s.db", "spring")
    office.run("season", "finalize", "s.db", "spring")
    office.run("season", "export", "s.db", "spring", "out")
    plan = json.loads((office.folder / "out" / "result.json").read_text())
    a = plan["assignments"][0]
    used = office.write("u.csv", f"need,slot,used\n{a['need']},{a['slot']},99\n")
    assert "used 99" in office.run("season", "usage", "s.db", "spring", used, code=1)
    used = office.write("u.csv", "need,slot,used\nt,mon,some\n")
    assert "used some" in office.run("season", "usage", "s.db", "spring", used, code=1)
    used = office.write("u.csv", "need,slot\nt,mon\n")
    assert "used" in office.run("season", "usage", "s.db", "spring", used, code=1)


def test_more_records_are_only_records(office: Office):
    office.run("season", "init", "s.db")
    office.run("season", "open", "s.db", "spring", "town.json")
    data = {"format": "sharematch-instance", "version": 1, "name": "other"}
    path = office.write("more.json", json.dumps(data))
    assert "name" in office.run("season", "add", "s.db", "spring", path, code=1)
    rows = office.write("more/needs.csv", "id,community,kind,quantity\nx,b,k,-1\n")
    error = office.run("season", "add", "s.db", "spring", "more", code=1)
    assert rows.rpartition("/")[2] in error
    assert "quantity -1" in error


def test_simulate(office: Office):
    printed = office.run("simulate", "town.json", "--rounds", "3", "--decay", "0.9")
    assert "after 3 rounds" in printed
    document = json.loads(
        office.run("simulate", "town.json", "--rounds", "2", "--json")
    )
    assert document["rounds"] == 2


def test_chinese(office: Office):
    office.run("season", "init", "s.db")
    printed = office.run(
        "season", "open", "s.db", "spring", "town.json", "--lang", "zh"
    )
    assert "现在可以" in printed
