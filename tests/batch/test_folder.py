import csv
import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import generate
from sharematch.batch import Failure, WorkerPool, instance_seed, run_folder
from sharematch.batch.rundir import RunFolder
from sharematch.batch.stream import Lost
from sharematch.errors import InputError

POLICY = sm.Policy(goals=[sm.Maximize("served")])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The texts of some instances."""
    path = tmp_path_factory.mktemp("made") / "town.json"
    texts = {}
    for seed in range(5):
        sm.io.write_instance(generate.make("community", seed), path)
        texts[f"week-{seed}.json"] = path.read_text()
    return texts


@pytest.fixture
def weeks(tmp_path: Path, stored: dict[str, str]) -> Path:
    folder = tmp_path / "weeks"
    folder.mkdir()
    for name, text in stored.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, stored: dict[str, str]):
    """What a run that nothing disturbs leaves."""
    folder = tmp_path_factory.mktemp("plain")
    for name, text in stored.items():
        (folder / name).write_text(text)
    run_folder(folder, folder / "run")
    return contents(folder / "run")


def contents(folder: Path) -> dict[str, bytes]:
    """All files by name, but those that hold times."""
    assert {"log", "run.json"} < {path.name for path in folder.iterdir()}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("log", "run.json")
    }


def done(folder: Path) -> list[str]:
    """Names in the order in which the log says that they were done."""
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    return [line["name"] for line in lines if line["event"] == "done"]


def test_there_is_a_result_for_each_instance_and_a_row_in_the_summary(weeks, tmp_path):
    outcome = run_folder(weeks, tmp_path / "run", POLICY, seed=4)
    assert (outcome.num_instances, outcome.num_solved, outcome.num_kept) == (5, 5, 0)
    assert outcome.failures == ()
    with (tmp_path / "run" / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [f"week-{i}" for i in range(5)]
    for row in rows:
        town = sm.io.read_instance(weeks / f"{row['name']}.json")
        path = tmp_path / "run" / "results" / f"{row['name']}.json"
        result = sm.io.read_result(path, town)
        own = sm.solve(town, POLICY, seed=instance_seed(4, row["name"]))
        assert result.to_dict() == own.to_dict()
        assert row["status"] == "optimal"
        assert row["served"] == str(own.value("served"))
        worst = min(x["fill_rate"] for x in own.by("community") if x["demand"])  # type: ignore[type-var]
        assert row["worst_fill_rate"] == str(worst)
        assert row["gap"] == "0/1"
        assert row["fees"] == str(own.value("fees"))
        assert row["seed"] == str(instance_seed(4, row["name"]))
        assert row["instance"] == sm.io.instance_hash(town)
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["seed"] == 4
    assert run["policy"] == sm.io.policy_hash(POLICY)
    assert (run["solved"], run["kept"], run["failed"]) == (5, 0, 0)
    assert run["seconds"] > 0
    assert set(contents(tmp_path / "run")) == {
        *("summary.csv", "errors.csv"),
        *(f"results/week-{i}.json" for i in range(5)),
    }


def test_processes_write_the_same_bytes(weeks, tmp_path, pool: WorkerPool, plain):
    told = []
    run_folder(
        weeks, tmp_path / "run", None, pool, on_progress=lambda *n: told.append(n)
    )
    assert contents(tmp_path / "run") == plain
    assert told == [*((i, 5) for i in range(1, 6)), (5, 5)]


def test_a_second_start_keeps_what_is_done(weeks, tmp_path, plain):
    run = tmp_path / "run"
    run_folder(weeks, run)
    outcome = run_folder(weeks, run)
    assert (outcome.num_solved, outcome.num_kept) == (0, 5)
    assert contents(run) == plain
    assert sorted(done(run)) == [f"week-{i}" for i in range(5)]


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(weeks, tmp_path, plain):
    run = tmp_path / "run"

    def interrupt(count: int, _total: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_folder(weeks, run, on_progress=interrupt)
    assert done(run) == ["week-0", "week-1"]
    outcome = run_folder(weeks, run)
    assert (outcome.num_solved, outcome.num_kept) == (3, 2)
    assert contents(run) == plain


def _change_input(weeks: Path, _run: Path) -> None:
    sm.io.write_instance(generate.make("community", 9), weeks / "week-3.json")


def _change_result(_weeks: Path, run: Path) -> None:
    path = run / "results" / "week-3.json"
    path.write_text(path.read_text() + " ")


def _remove_result(_weeks: Path, run: Path) -> None:
    (run / "results" / "week-3.json").unlink()


@pytest.mark.parametrize("change", [_change_input, _change_result, _remove_result])
def test_what_was_changed_is_done_again(
    weeks, tmp_path, plain, change: Callable[[Path, Path], None]
):
    run = tmp_path / "run"
    run_folder(weeks, run)
    change(weeks, run)
    outcome = run_folder(weeks, run)
    assert (outcome.num_solved, outcome.num_kept) == (1, 4)
    assert (contents(run) == plain) is (change is not _change_input)


@pytest.mark.parametrize("options", [{"policy": POLICY}, {"seed": 1}])
def test_another_policy_or_seed_does_all_again(weeks, tmp_path, options: Any):
    run = tmp_path / "run"
    run_folder(weeks, run)
    assert run_folder(weeks, run, **options).num_solved == 5
    run_folder(weeks, tmp_path / "fresh", **options)
    assert contents(run) == contents(tmp_path / "fresh")


def test_bad_instances_are_rows_of_errors_and_tried_again(weeks, tmp_path, plain):
    run = tmp_path / "run"
    good = (weeks / "week-2.json").read_text()
    (weeks / "week-2.json").write_text("{")
    outcome = run_folder(weeks, run)
    (failure,) = outcome.failures
    assert (failure.name, failure.error) == ("week-2", "InputError")
    with (run / "errors.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "name": "week-2",
        "error": "InputError",
        "message": failure.message,
    }
    assert "results/week-2.json" not in contents(run)
    assert run_folder(weeks, run).failures == outcome.failures
    (weeks / "week-2.json").write_text(good)
    assert run_folder(weeks, run).failures == ()
    assert contents(run) == plain
    (weeks / "week-2.json").write_text("{")
    run_folder(weeks, run)
    assert "results/week-2.json" not in contents(run)


def test_results_of_removed_instances_go_too(weeks, tmp_path):
    run = tmp_path / "run"
    run_folder(weeks, run)
    (weeks / "week-4.json").unlink()
    run_folder(weeks, run)
    run_folder(weeks, tmp_path / "fresh")
    assert contents(run) == contents(tmp_path / "fresh")


def test_an_infeasible_instance_has_a_result(weeks, tmp_path):
    policy = sm.Policy(rules=[sm.AtLeast("served", 10**6)], goals=POLICY.goals)
    run_folder(weeks, tmp_path / "run", policy)
    with (tmp_path / "run" / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {"infeasible"}
    assert {row["served"] for row in rows} == {""}


def test_the_policy_may_lie_among_the_instances(weeks):
    sm.io.write_policy(POLICY, weeks / "policy.toml")
    outcome = run_folder(weeks, weeks / "run", weeks / "policy.toml")
    assert (outcome.num_solved, outcome.failures) == (5, ())


def test_a_lost_worker_is_a_row_of_errors(weeks, tmp_path, monkeypatch):
    def lose(_work, tasks, *_, **__):
        return (Lost(task, OSError("out of memory")) for task in tasks)

    monkeypatch.setattr("sharematch.batch.folder.stream", lose)
    outcome = run_folder(weeks, tmp_path / "run")
    assert {failure.error for failure in outcome.failures} == {"WorkerLost"}


def test_each_loss_of_a_worker_is_told_in_the_log(weeks, tmp_path, plain):
    class Flaky(ThreadPoolExecutor):
        """Loses its first task."""

        def submit(self, fn, /, *args, **kwargs):
            if not lost:
                lost.append(args)
                return super().submit(self.die)
            return super().submit(fn, *args, **kwargs)

        def die(self) -> None:
            raise OSError("out of memory")

    lost: list[Any] = []
    with Flaky(1) as executor:
        outcome = run_folder(weeks, tmp_path / "run", None, executor)
    assert (outcome.num_solved, outcome.failures) == (5, ())
    assert contents(tmp_path / "run") == plain
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["lost_workers"] == 1
    log = map(json.loads, (tmp_path / "run" / "log").read_text().splitlines())
    (line,) = (line for line in log if line["event"] == "lost")
    assert (line["name"], line["message"]) == ("week-0", "out of memory")


def test_what_goes_wrong_in_a_worker_is_a_failure(weeks, tmp_path, monkeypatch):
    def fail(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("sharematch.batch.folder.summary_line", fail)
    outcome = run_folder(weeks, tmp_path / "run")
    assert outcome.failures[0] == Failure("week-0", "MemoryError", "MemoryError()")


def test_parquet_holds_the_summary(weeks, tmp_path):
    pq = pytest.importorskip(
        "pyarrow.parquet", reason="pyarrow is of the extra parquet"
    )
    run = tmp_path / "run"
    run_folder(weeks, run, parquet=True)
    table = pq.read_table(run / "summary.parquet").to_pydict()
    result = sm.io.read_result(run / "results" / "week-0.json")
    assert table["served"][0] == result.value("served")
    assert table["fees"][0] == result.value("fees")
    assert table["fill_rate"][0] == float(result.value("fill_rate"))
    run_folder(weeks, run)
    assert not (run / "summary.parquet").exists()


def test_parquet_needs_its_extra(weeks, tmp_path, monkeypatch):
    monkeypatch.setattr("sharematch.batch.folder.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'pyarrow"):
        run_folder(weeks, tmp_path / "run", parquet=True)


# ---- what else may lie in the folder, or go wrong with it


def test_two_runs_exclude_each_other(weeks, tmp_path):
    run = tmp_path / "run"
    with (
        RunFolder.opened(run),
        pytest.raises(InputError, match="another run is at work"),
    ):
        run_folder(weeks, run)
    assert run_folder(weeks, run).num_solved == 5


def test_a_folder_with_anything_else_is_refused(weeks, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "summary.csv").write_text("mine")
    with pytest.raises(InputError, match=r"other files, such as summary\.csv"):
        run_folder(weeks, run)
    assert (run / "summary.csv").read_text() == "mine"
    with pytest.raises(InputError, match=r"other files, such as week-0\.json"):
        run_folder(weeks, weeks)
    with pytest.raises(InputError, match="Not a directory"):
        run_folder(weeks, weeks / "week-0.json")
    with pytest.raises(InputError, match="No such file"):
        run_folder(weeks, tmp_path / "no" / "where")


def test_wrong_options_are_refused(weeks, tmp_path):
    with pytest.raises(InputError, match="time_limit"):
        run_folder(weeks, tmp_path / "run", time_limit=0)
    assert not (tmp_path / "run").exists()


def test_half_a_line_in_the_log_is_no_result(weeks, tmp_path, plain):
    run = tmp_path / "run"
    run_folder(weeks, run)
    log = (run / "log").read_text().splitlines()
    last = max(i for i, line in enumerate(log) if '"done"' in line)
    (run / "log").write_text("\n".join(log[:last]) + "\n" + log[last][:200])
    assert run_folder(weeks, run).num_solved == 1
    assert contents(run) == plain
    with (run / "log").open("a") as file:
        file.write('[1]\n{"event": "done"}\n\x00\n')
    assert run_folder(weeks, run).num_kept == 5


def test_what_a_killed_run_left_half_written_is_removed(weeks, tmp_path, plain):
    run = tmp_path / "run"
    run_folder(weeks, run)
    (run / ".sharematch-0123").write_text("half")
    (run / "results" / ".sharematch-4567").write_text("half")
    run_folder(weeks, run)
    assert contents(run) == plain


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_what_cannot_be_written_stops_the_run_and_loses_nothing(
    weeks, tmp_path, plain, monkeypatch, code
):
    run = tmp_path / "run"
    calls = []

    def fail(_: int) -> None:
        calls.append(1)
        if len(calls) > 3:
            raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as threads:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(InputError, match=os.strerror(code)):
            run_folder(weeks, run, None, threads)
    assert len(done(run)) == 2
    assert not list(run.rglob(".*"))
    assert run_folder(weeks, run).num_kept == 2
    assert contents(run) == plain


@pytest.mark.parametrize("full", ["results", "log"])
def test_no_room_on_the_disk_stops_the_run_and_loses_nothing(
    weeks, tmp_path, plain, full
):
    run = tmp_path / "run"
    limit = 4 * 1024 if full == "results" else 64 * 1024
    if full == "log":
        with RunFolder.opened(run) as folder:
            folder.note("long", text="x" * (limit - 3_000))
    stopped = subprocess.run(
        [
            *(sys.executable, "-m", "sharematch", "batch", weeks),
            *("--out", run, "--workers", "1"),
        ],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)
        ),
    )
    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    assert not list(run.rglob(".*"))
    before = run_folder(weeks, run).num_kept
    assert before == 0 if full == "results" else 0 < before < 5
    assert contents(run) == plain
