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
    assert commitment("12 March", "spring", ["t", "l"]).hash in shown
    code, _, said = run(capsys, "draw", instance, "--check", drawn)
    assert (code, "the same file" in said) == (0, True)
    assert run(capsys, "verify", instance, drawn)[0] == 0
    code, _, said = run(capsys, "draw", instance, "--check", drawn, "--seed", "x")
    assert (code, "another file" in said) == (1, True)
    changed = drawn.read_text().replace('"quantity": 2', '"quantity": 1', 1)
    drawn.write_text(changed)
    assert run(capsys, "draw", instance, "--check", drawn)[0] == 1


def test_only_what_was_committed_to_is_drawn(capsys: Any, tmp_path: Path):
    instance, fewer = tmp_path / "town.json", tmp_path / "fewer.json"
    write_instance(town(), instance)
    write_instance(town(needs=town().needs[:1]), fewer)
    told, published = ("--seed", "a", "--round", "spring"), tmp_path / "published.json"
    code, shown, _ = run(
        capsys, "draw", instance, *told, "--commit", "--out", published
    )
    made = commitment("a", "spring", [need.id for need in town().needs])
    assert code == 0
    assert all(part in shown for part in (made.seed, made.needs, made.hash))
    for committed in (made.hash, published):
        good = (*told, "--commitment", committed)
        assert run(capsys, "draw", instance, *good)[0] == 0
        for town_, change in (
            (instance, ("--seed", "b")),
            (instance, ("--round", "spring 2")),
            (fewer, ()),
        ):
            code, shown, said = run(capsys, "draw", town_, *good, *change)
            assert (code, shown) == (1, "")
            assert "committed to" in said or "the commitment is to" in said
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
