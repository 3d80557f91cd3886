"""All drivers, once each on small cases."""

import json
from pathlib import Path

import pytest

from benchmarks import advice, batch, certificate, coupled, scale, versus_lemon
from benchmarks.plain import has_lemon


@pytest.mark.skipif(not has_lemon(), reason="pylmcf is of the extra bench")
def test_versus_lemon(capsys: pytest.CaptureFixture[str]) -> None:
    versus_lemon.main(["--needs", "300", "--runs", "2", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["ratio"] > 0
    assert found["worst_fill_rate"]["fair"] >= found["worst_fill_rate"]["plain"]


@pytest.mark.parametrize("file_format", scale.FORMATS)
def test_scale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file_format: str
) -> None:
    options = ["--runs", "1", "--format", file_format, "--memory", "--json"]
    scale.main(["--sizes", "community", *options, "--folder", str(tmp_path)])
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["needs"] == 100
    assert set(row["phases_s"]) == set(row["us_per_arc"]) == set(scale.PHASES)
    assert {"read", "arcs", "lower", "goal", "write"} <= set(row["phases_mb"])
    assert (row["ratio"] is None) == (not has_lemon())


def test_table() -> None:
    text = scale.table([scale.measure("community", runs=1, memory=True)])
    assert len(text.splitlines()) == 4


def test_batch(capsys: pytest.CaptureFixture[str]) -> None:
    batch.main(["speed", "--instances", "4", "--size", "community", "--json"])
    found = json.loads(capsys.readouterr().out)["speed"]
    assert found["speedup"] > 0
    parts = batch.parts("community", runs=1)
    assert parts["same_values"]
    assert parts["components"] > 10


def test_memory_of_a_batch() -> None:
    found = batch.memory(20, marks=2)
    assert len(found["here_mb"]) == len(found["worker_mb"]) == 2


def test_coupled(capsys: pytest.CaptureFixture[str]) -> None:
    coupled.main(["location", "--seeds", "1", "--seconds", "20", "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 3
    assert all(goal["gap"] >= 0 for row in rows for goal in row["goals"])


def test_coupled_cases_are_known() -> None:
    with pytest.raises(SystemExit, match="2"):
        coupled.main(["unheard of"])


def test_advice(capsys: pytest.CaptureFixture[str]) -> None:
    advice.main(["--sizes", "community", "--json"])
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["options"] > 0
    assert set(row["ratio"]) == set(advice.TASKS)


def test_certificate(capsys: pytest.CaptureFixture[str]) -> None:
    certificate.main(["--sizes", "community", "--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["policy"] for row in rows] == [*certificate.POLICIES]
    assert len(certificate.table(rows).splitlines()) == len(rows) + 1
