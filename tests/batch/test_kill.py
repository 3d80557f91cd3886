"""SIGKILL at random moments, of the run or of a worker; then it goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import sharematch as sm
from sharematch import generate
from tests.batch.test_folder import contents

KILLS = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 3
INSTANCES = 40
PROC = Path("/proc")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROC.exists(), reason="looks for workers in /proc"),
]


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weeks")
    for seed in range(INSTANCES):
        town = generate.make("community", seed)
        sm.io.write_instance(town, folder / f"week-{seed:02}.json")
    (folder / "broken.json").write_text("{")
    return folder


def start(weeks: Path, run: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sharematch", "batch", str(weeks)]
    return subprocess.Popen(
        [*command, "--out", str(run), "--workers", "2", "--quiet"],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def members(session: int) -> list[int]:
    """Processes of a session, dead ones that nobody has waited for apart."""
    found = []
    for status in PROC.glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(status.parent.name))
    return found


def workers(session: int) -> list[int]:
    found = []
    for process in members(session):
        try:
            command = (PROC / str(process) / "cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            found.append(process)
    return found


def assert_gone(session: int) -> None:
    for _ in range(150):
        if not members(session):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {members(session)}")


def strike(run: subprocess.Popen[bytes], victim: str) -> bool:
    """Kill the run or one of its workers; return whether there was one."""
    if victim == "worker":
        targets = workers(run.pid)
        if not targets:
            return False
        target = random.choice(targets)
    elif run.poll() is None:
        target = run.pid
    else:
        return False
    try:
        os.kill(target, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def test_whatever_is_killed_nothing_is_lost_done_twice_or_left_over(
    weeks: Path, tmp_path: Path
):
    plain = tmp_path / "plain"
    begin = time.perf_counter()
    assert start(weeks, plain).wait(300) == 0
    duration = time.perf_counter() - begin
    expected = contents(plain)
    assert len(expected) == INSTANCES + 2
    kills: Counter[str] = Counter()
    number = 0
    while sum(kills.values()) < KILLS:
        number += 1
        folder = tmp_path / f"run-{number}"
        while True:
            run = start(weeks, folder)
            victim = random.choice(["run", "worker"])
            time.sleep(random.uniform(0.2, duration))
            kills[victim] += strike(run, victim)
            code = run.wait(300)  # seconds, tens of times what it takes
            assert_gone(run.pid)
            if code != -signal.SIGKILL:
                break
        assert code == 0
        assert contents(folder) == expected
        assert {path.name for path in folder.iterdir()} == {
            *("results", "summary.csv", "errors.csv", "run.json", "log")
        }
        lines = map(json.loads, (folder / "log").read_text().splitlines())
        times = Counter(line["name"] for line in lines if line["event"] == "done")
        assert len(times) == INSTANCES
        assert set(times.values()) == {1}
    assert min(kills["run"], kills["worker"]) > 0 or KILLS < 50
