"""`sharematch verify`: what holds, what is proved, and what was changed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from tests.cli.commands import shell

GOALS: list[Any] = [sm.Maximize("served"), sm.Leximin("fill_rate", by="community")]


def test_verify(run: Any, town: Path, tmp_path: Path):
    path = tmp_path / "r.json"
    run("solve", town, "--out", path)
    done = run("verify", town, path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Valid, proved best: ")
    done = run("verify", town, path, "--json")
    assert done.document == {
        "valid": True,
        "proved": True,
        "status": "optimal",
        "keeps_rules": True,
        "numbers_hold": True,
        "findings": [],
        "unproved": [],
    }


def test_verify_says_what_is_not_proved(run: Any, town: Path, tmp_path: Path):
    """By exit code, in the first line and in JSON."""
    path, policy = tmp_path / "r.json", tmp_path / "within.json"
    terms = sm.Policy(rules=[sm.Within("served", 9, by="community")], goals=GOALS)
    io.write_policy(terms, policy)
    solved = run("solve", town, "--policy", policy, "--out", path)
    assert "Status: optimal by the search, not proved by a certificate" in solved.out
    done = run("verify", town, path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Valid, not proved best: ")
    assert "- goal 1: that no plan is better is the solver's claim" in done.out
    document = run("verify", town, path, "--json").document
    assert (document["valid"], document["proved"]) == (True, False)
    assert document["unproved"][0]["part"] == "claim"


def test_verify_refuses_what_lacks_its_proof(run: Any, town: Path, tmp_path: Path):
    path = tmp_path / "r.json"
    run("solve", town, "--out", path)
    forged = json.loads(path.read_text()) | {"certificate": None}
    path.write_text(json.dumps(forged))
    done = run("verify", town, path)
    assert done.code == 1
    assert done.out.startswith("Not valid: what the result claims is false, or its")
    assert "is said to be the best without its proof" in done.err
    published = run("publish", town, path, "--out", tmp_path / "public")
    assert published.code == 1
    assert "does not hold" in published.err
    document = run("verify", town, path, "--json").document
    assert (document["valid"], document["proved"]) == (False, False)
    assert (document["keeps_rules"], document["numbers_hold"]) == (True, True)


def test_verify_loads_no_solver(town: Path, tmp_path: Path):
    path = tmp_path / "r.json"
    assert shell("solve", town, "--out", path).returncode == 0
    code = (
        "import sys\nfrom sharematch.cli import main\n"
        f"try: main(['verify', {str(town)!r}, {str(path)!r}])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'ortools' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["measures"].update(served=4), "served: 4 is claimed, 3 found"),
        (lambda r: r["goals"][1].update(value=4), "goal 2: 4 is claimed, 3 found"),
        (lambda r: r["assignments"][0].update(quantity=9), "mon"),
        (lambda r: r["by"]["community"].pop(), "groups of community"),
        (lambda r: r["unmet"].pop(), "unmet"),
        (lambda r: r["policy"].update(name="x"), "policy"),
        (lambda r: r["provenance"].update(instance="sha256:0"), "another instance"),
        (lambda r: r["assignments"][0].update(slot="tue"), "tue"),
        (lambda r: r["assignments"][0].update(quantity="x"), "x"),
        (lambda r: r.pop("unmet"), "unmet"),
        (lambda r: r.update(goals=7), "not a result"),
        (lambda r: r.update(goals=False), "not a result"),
        (lambda r: r.update(goals={}), "not a result"),
        (lambda r: r["goals"][0].update(gap="1/0"), ""),
        (lambda r: r["measures"].update(cost="abc"), "abc"),
        (lambda r: r.update(status="great"), "great"),
        (lambda r: r.update(provenance=[]), "another instance"),
        (lambda r: r.update(version=9), "version 9"),
    ],
)
def test_verify_finds_what_was_changed(
    run: Any, town: Path, tmp_path: Path, change: Any, message: str
):
    path = tmp_path / "r.json"
    run("solve", town, "--out", path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    done = run("verify", town, path)
    assert done.code == 1
    assert message in done.err


def test_verify_with_another_policy(
    run: Any, town: Path, impossible: Path, tmp_path: Path
):
    path = tmp_path / "r.json"
    run("solve", town, "--out", path)
    done = run("verify", town, path, "--policy", impossible)
    assert done.code == 1
    assert "another policy" in done.err


def test_verify_with_another_instance(run: Any, town: Path, tmp_path: Path):
    path = tmp_path / "r.json"
    run("solve", town, "--out", path)
    io.write_instance(io.read_instance(town).replace(name="changed"), town)
    done = run("verify", town, path)
    assert done.code == 1
    assert "another instance" in done.err


def test_a_share_of_moves_is_the_same_policy(run: Any, town: Path, tmp_path: Path):
    policy = sm.Policy(rules=[sm.AtMost("moved", "1/2")], goals=[sm.Maximize("served")])
    io.write_policy(policy, tmp_path / "p.toml")
    first, second = tmp_path / "r1.json", tmp_path / "r2.json"
    run("solve", town, "--out", first)
    named = ("--policy", tmp_path / "p.toml")
    assert run("solve", town, *named, "--baseline", first, "--out", second).code == 0
    assert run("verify", town, second, *named).code == 0
    assert run("verify", town, first, *named).code == 1
