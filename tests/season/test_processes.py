"""Several offices at once, and a process that is killed at any moment."""

import os
import random
import subprocess
import sys
import time

import pytest

from sharematch.season import Season
from tests.season.towns import town

NUM_KILLS = int(os.environ.get("SHAREMATCH_KILLS", "3"))
"""More of them, say 200, take half an hour: the log of a season grows with each."""
KILLS_A_SEASON = 20


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.season.towns", *arguments]
    return subprocess.Popen(command)


def test_offices_at_once_lose_nothing(url: str):
    season = Season.create(url)
    season.open("spring", town())
    offices = [start("add", url, office, "5") for office in ("east", "west", "north")]
    assert [office.wait() for office in offices] == [0, 0, 0]
    added = {need.id for need in season.instance("spring").needs} - {"t", "l"}
    assert added == {f"{o}-{i}" for o in ("east", "west", "north") for i in range(5)}
    assert season.audit() == ()


@pytest.mark.parametrize("first", range(0, NUM_KILLS, KILLS_A_SEASON))
def test_killed_at_any_moment_nothing_is_half_made(url: str, first: int):
    season = Season.create(url)
    rng = random.Random(first)
    for _ in range(first, min(first + KILLS_A_SEASON, NUM_KILLS)):
        before = season.log()
        process = start("play", url)
        deadline = time.monotonic() + 30
        while len(season.log()) == len(before) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.6))
        process.kill()
        process.wait()
        now = season.log()
        assert now[: len(before)] == before
        assert len(now) > len(before)
        assert Season(url).audit() == ()
