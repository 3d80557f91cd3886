"""`sharematch solve`: what it writes, how it ends, and what interrupts it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sharematch as sm
from sharematch import io
from sharematch.engine import solving as engine
from sharematch.errors import SolverError
from sharematch.progress import Progress


def test_solve(run: Any, town: Path, tmp_path: Path):
    files = [tmp_path / name for name in ("r.json", "a.csv", "t.json")]
    done = run(
        *("solve", town, "--out", files[0], "--assignments", files[1]),
        *("--timings", files[2], "--seed", 7, "--time-limit", 60),
    )
    assert done.code == 0
    assert "optimal" in done.out
    assert "Served 3 of 6 units" in done.out
    assert "r.json" in done.err
    result = io.read_result(files[0], io.read_instance(town))
    assert result.value("served") == 3
    assert result.provenance["seed"] == 7
    assert files[1].read_text().splitlines()[0].startswith("slot,need,quantity")
    rows = [line.split(",") for line in files[1].read_text().splitlines()[1:]]
    assert sum(int(row[2]) for row in rows if row[0] == "mon") == 3
    assert json.loads(files[2].read_text())["seconds"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["town.json", *(path.name for path in files)]
    )


def test_same_input_same_bytes(run: Any, town: Path, tmp_path: Path):
    shuffled = json.loads(town.read_text())
    shuffled["needs"].reverse()
    (tmp_path / "other.json").write_text(json.dumps(shuffled))
    for name in ("town", "other"):
        run("solve", tmp_path / f"{name}.json", "--out", tmp_path / f"{name}-r.json")
    assert (tmp_path / "town-r.json").read_bytes() == (
        tmp_path / "other-r.json"
    ).read_bytes()


def test_solve_json_is_one_document_that_fits_the_schema(run: Any, town: Path):
    done = run("solve", town, "--json")
    jsonschema.validate(done.document, io.schema("result"))
    assert done.document["status"] == "optimal"


def test_infeasible_exits_3_and_is_written(
    run: Any, town: Path, impossible: Path, tmp_path: Path
):
    out = tmp_path / "r.json"
    done = run("solve", town, "--policy", impossible, "--out", out, "--json")
    assert done.code == 3
    assert done.document["conflict"]
    assert json.loads(out.read_text()) == done.document
    jsonschema.validate(done.document, io.schema("result"))
    assert "at least 100" in run("solve", town, "--policy", impossible).out
    checked = run("verify", town, out)
    assert checked.code == 0
    assert checked.out.startswith("No plan, proved: ")


def test_unsolved_exits_4(run: Any, town: Path, monkeypatch: pytest.MonkeyPatch):
    solve = engine.solve

    def give_up(*arguments: Any, **options: Any) -> Any:
        result = solve(*arguments, **options)
        object.__setattr__(result, "status", sm.Status.UNSOLVED)
        return result

    monkeypatch.setattr(engine, "solve", give_up)
    assert run("solve", town).code == 4


@pytest.mark.parametrize("error", [SolverError("no luck"), sm.SharematchError("no")])
def test_errors_of_the_library_exit_1(
    run: Any, town: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(engine, "solve", fail)
    done = run("solve", town, "--json")
    assert done.code == 1
    assert done.err == f"Error: {error}\n"
    assert done.document["error"] == type(error).__name__


@pytest.mark.parametrize("moment", ["arcs", "lower", "goal", "verify", "done"])
def test_interrupted_solve_writes_the_best_plan_and_exits_130(
    run: Any, town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
):
    solve = engine.solve

    def interrupted(*arguments: Any, on_progress: Any, **options: Any) -> Any:
        events: list[Progress] = []

        def interrupt(progress: Progress) -> None:
            if progress.phase == moment and moment not in [e.phase for e in events]:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
            events.append(progress)
            on_progress(progress)

        return solve(*arguments, on_progress=interrupt, **options)

    monkeypatch.setattr(engine, "solve", interrupted)
    out = tmp_path / "r.json"
    done = run("solve", town, "--out", out)
    assert done.code == 130
    assert "Interrupted" in done.err
    document = json.loads(out.read_text())
    jsonschema.validate(document, io.schema("result"))
    is_late = moment in ("verify", "done")
    assert document["status"] == ("optimal" if is_late else "feasible")


def test_second_interrupt_ends_at_once_and_writes_nothing(
    run: Any, town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stuck(*_: Any, **__: Any) -> None:
        for _i in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)

    monkeypatch.setattr(engine, "solve", stuck)
    done = run("solve", town, "--out", tmp_path / "r.json")
    assert done.code == 130
    assert not (tmp_path / "r.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_interrupt_from_outside(tmp_path: Path):
    # What runs in the background may have inherited that interrupts are ignored.
    heeded = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = f"{heeded}; from sharematch.cli import main; print(flush=True); main()"
    size = ("--communities", "200", "--needs", "300000", "--slots", "2000")
    process = subprocess.Popen(
        [sys.executable, "-c", command, "generate", "--out", tmp_path / "big", *size],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()  # loaded
    time.sleep(1)
    # What is loaded first may swallow a signal, so it is sent until it is heeded.
    for _ in range(120):
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    else:
        process.kill()
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_baseline(run: Any, town: Path, tmp_path: Path):
    policy = sm.Policy(goals=[sm.Minimize("moved"), sm.Maximize("served")])
    io.write_policy(policy, tmp_path / "p.toml")
    first, second = tmp_path / "r1.json", tmp_path / "r2.json"
    run("solve", town, "--out", first)
    arguments = ("solve", town, "--policy", tmp_path / "p.toml", "--out", second)
    done = run(*arguments, "--baseline", first)
    assert done.code == 0
    assert json.loads(second.read_text())["goals"][0]["value"] == 0
    assert run(*arguments).code == 1


def test_verbose_tells_how_it_is_solved(run: Any, tmp_path: Path):
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["choir"], capacity=5)],
        needs=[
            sm.Need(
                id=f"n{i}", community="tianfeng", kind="choir", quantity=i, whole=True
            )
            for i in (2, 3, 4)
        ],
    )
    path = tmp_path / "town.json"
    io.write_instance(town, path)
    assert "columns" not in run("solve", path, "--quiet").err
    told = run("solve", path, "--quiet", "--verbose", "--effort", 1)
    assert told.code == 0
    assert "3 columns: goal by goal until a proof" in told.err


@pytest.mark.parametrize("option", ["--effort", "--time-limit"])
def test_limits_are_above_zero(run: Any, town: Path, option: str):
    wrong = run("solve", town, option, 0)
    assert wrong.code == 2
    assert "must be above 0" in wrong.err
