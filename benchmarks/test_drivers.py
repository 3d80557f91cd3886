"""Both drivers, once each on small cases."""

import json

import pytest

from benchmarks import scale, versus_lemon
from benchmarks.plain import has_lemon


@pytest.mark.skipif(not has_lemon(), reason="pylmcf is of the extra bench")
def test_versus_lemon(capsys: pytest.CaptureFixture[str]) -> None:
    versus_lemon.main(["--needs", "300", "--runs", "2", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["ratio"] > 0
    assert found["worst_fill_rate"]["fair"] >= found["worst_fill_rate"]["plain"]


def test_scale(capsys: pytest.CaptureFixture[str]) -> None:
    scale.main(["--sizes", "community", "--runs", "1", "--json"])
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["needs"] == 100
    assert set(row["phases_s"]) == set(scale.PHASES)


def test_table() -> None:
    text = scale.table([scale.measure("community", runs=1)])
    assert len(text.splitlines()) == 2
