"""sharematch draw: lots from files, and their replay."""

import json
from pathlib import Path
from typing import Any

from sharematch.io import write_instance
from sharematch.season import commitment
from tests.season.test_cli_resolve import run
from tests.season.test_decisions import town


def test_a_draw_is_replayed_byte_for_byte(capsys: Any, tmp_path: Path):
    instance, drawn = tmp_path / "town.json", tmp_path / "drawn.json"
    write_instance(town(slots=town().slots[:1]), instance)
    told = ("--seed", "12 March", "--round", "spring")
    code, shown, _ = run(capsys, "draw", instance, *told, "--out", drawn)
    assert code == 0
    assert commitment("12 March") in shown
    code, _, said = run(capsys, "draw", instance, "--check", drawn)
    assert (code, "the same file" in said) == (0, True)
    assert run(capsys, "verify", instance, drawn)[0] == 0
    code, _, said = run(capsys, "draw", instance, "--check", drawn, "--seed", "x")
    assert (code, "another file" in said) == (1, True)
    changed = drawn.read_text().replace('"quantity": 2', '"quantity": 1', 1)
    drawn.write_text(changed)
    assert run(capsys, "draw", instance, "--check", drawn)[0] == 1


def test_the_seed_must_be_the_one_committed(capsys: Any, tmp_path: Path):
    instance = tmp_path / "town.json"
    write_instance(town(), instance)
    good = ("--seed", "a", "--commitment", commitment("a"))
    assert run(capsys, "draw", instance, *good)[0] == 0
    code, _, told = run(capsys, "draw", instance, *good[:-1], commitment("b"))
    assert (code, "this seed has the hash" in told) == (1, True)
    assert run(capsys, "draw", instance)[0] == 2


def test_chances_are_shown(capsys: Any, tmp_path: Path):
    instance = tmp_path / "town.json"
    write_instance(town(slots=town().slots[:1]), instance)
    code, shown, _ = run(
        capsys, "draw", instance, "--seed", "a", "--chances", "10", "--json"
    )
    document = json.loads(shown)
    assert code == 0
    assert [chance["share"] for chance in document["chances"]] == [0.5, 0.5]
    assert list(document["numbers"]) == sorted(
        document["numbers"], key=document["numbers"].__getitem__
    )


def test_a_plan_that_was_not_drawn_cannot_be_replayed(capsys: Any, tmp_path: Path):
    instance, plain = tmp_path / "town.json", tmp_path / "plain.json"
    write_instance(town(), instance)
    assert run(capsys, "solve", instance, "--out", plain)[0] == 0
    code, _, told = run(capsys, "draw", instance, "--check", plain)
    assert (code, "is not the result of a draw" in told) == (1, True)
