"""The command line: exit codes, what goes where, and nothing half-written."""

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
from sharematch.cli import main
from sharematch.engine import solving as engine
from sharematch.errors import SolverError
from sharematch.io.native.schemas import KINDS
from sharematch.progress import Progress
from sharematch.text.catalog import section


class Run:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Run:
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        signal.signal(signal.SIGINT, before)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Run(int(caught.value.code or 0), out, err)

    return run


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town where one community has all places, and the other need outweighs them."""
    instance = sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
        ],
    )
    path = tmp_path / "town.json"
    io.write_instance(instance, path)
    return path


@pytest.fixture
def impossible(tmp_path: Path) -> Path:
    policy = sm.Policy(
        name="impossible",
        rules=[sm.AtLeast("served", 100)],
        goals=[sm.Maximize("served")],
    )
    path = tmp_path / "impossible.toml"
    io.write_policy(policy, path)
    return path


def shell(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharematch", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_lists_all_commands(run: Any):
    done = run("--help")
    assert done.code == 0
    for command in ("demo", "validate", "solve", "verify", "generate", "new", "schema"):
        assert f"  {command} " in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["solve"],
        ["solve", "x", "--tea"],
        ["solve", "x", "--time-limit", "soon"],
        ["solve", "x", "--time-limit", "0"],
        ["solve", "x", "--time-limit", "nan"],
        ["solve", "x", "--lang", "fr"],
        ["solve", "x", "y"],
        ["schema", "plan"],
        ["generate"],
        ["generate", "--out", "x", "--communities", "-1"],
    ],
)
def test_usage_exits_2(run: Any, arguments: list[str]):
    done = run(*arguments)
    assert done.code == 2
    assert "Usage" in done.err
    assert done.out == ""


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom sharematch.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert not {"numpy", "ortools", "pydantic", "scipy"} & set(done.stderr.split())


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_what_solvers_print_is_no_part_of_an_answer(encoding: str):
    code = (
        "import os, sys\nfrom sharematch import cli\n"
        "def app(*_, **__):\n"
        "    print('answer \\u5e02')\n    os.write(1, b'remark')\n    sys.exit(3)\n"
        "cli.app = app\ncli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    shown = "answer 市" if encoding == "utf-8" else "answer \\u5e02"
    assert done.returncode == 3
    assert done.stdout.decode().splitlines() == [shown]
    assert done.stderr == b"remark"


def test_version(run: Any):
    assert run("--version").out.strip() == sm.__version__


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


@pytest.mark.parametrize("flags", [[], ["--json"], ["--quiet"]])
def test_bad_input_exits_1(run: Any, tmp_path: Path, flags: list[str]):
    path = tmp_path / "t.json"
    path.write_text('{"format": "sharematch-instance", "version": 1, "neds": []}')
    for command in (["validate", path], ["solve", path], ["verify", path, path]):
        done = run(*command, *flags)
        assert done.code == 1
        assert done.err.startswith("Error: ")
        assert "Maybe needs?" in done.err
        if "--json" in flags:
            assert done.document["problems"][0]["field"] == "neds"
        else:
            assert done.out == ""


def test_output_that_cannot_be_written_exits_1(run: Any, town: Path, tmp_path: Path):
    done = run("solve", town, "--out", tmp_path / "no" / "r.json")
    assert done.code == 1
    assert "No such file" in done.err


def test_quiet_prints_nothing(run: Any, town: Path, tmp_path: Path):
    done = run("solve", town, "--quiet", "--out", tmp_path / "r.json")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "r.json").exists()


def test_chinese(run: Any, town: Path):
    done = run("solve", town, "--lang", "zh")
    for text in ("状态", "目标", "按社区", "未满足", "安排 3 个名额"):
        assert text in done.out
    assert run("solve", "nothing.json", "--lang", "zh").err.startswith("错误：")


def test_every_word_is_in_chinese():
    for key, chinese in section("zh", "cli").items():
        assert not str(chinese).isascii(), key


def test_validate(run: Any, town: Path, impossible: Path):
    done = run("validate", town, "--policy", impossible, "--json")
    assert done.code == 0
    assert done.document["valid"]
    assert done.document["counts"]["needs"] == 2
    assert done.document["counts"]["places"] == 3
    assert done.document["warnings"] == []
    assert run("validate", town).out.startswith("Valid: ")


def test_validate_lists_errors_of_both_files(run: Any, tmp_path: Path):
    (tmp_path / "t.json").write_text('{"format": "sharematch-instance"}')
    (tmp_path / "p.toml").write_text('format = "sharematch-policy"\nversion = 3')
    files = (tmp_path / "t.json", "--policy", tmp_path / "p.toml")
    done = run("validate", *files, "--json")
    assert done.code == 1
    assert not done.document["valid"]
    assert [problem["field"] for problem in done.document["problems"]] == [
        "version",
        "version",
    ]
    assert run("validate", *files).out == ""


def test_validate_checks_names_of_a_policy(run: Any, town: Path, tmp_path: Path):
    policy = sm.Policy(goals=[sm.Maximize("served", where={"community": "nowhere"})])
    io.write_policy(policy, tmp_path / "p.toml")
    done = run("validate", town, "--policy", tmp_path / "p.toml")
    assert done.code == 1
    assert "nowhere" in done.err


def test_validate_warns(run: Any, town: Path):
    instance = io.read_instance(town)
    odd = sm.Need(id="odd", community="lianqiao", kind="tea")
    io.write_instance(instance.replace(needs=[*instance.needs, odd]), town)
    done = run("validate", town)
    assert done.code == 0
    assert done.err == (
        "Warning: 1 need that no slot can serve, mostly because of kind: odd\n"
    )
    assert run("validate", town, "--quiet").err == ""


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


def test_a_share_of_moves_is_the_same_policy(run: Any, town: Path, tmp_path: Path):
    policy = sm.Policy(rules=[sm.AtMost("moved", "1/2")], goals=[sm.Maximize("served")])
    io.write_policy(policy, tmp_path / "p.toml")
    first, second = tmp_path / "r1.json", tmp_path / "r2.json"
    run("solve", town, "--out", first)
    named = ("--policy", tmp_path / "p.toml")
    assert run("solve", town, *named, "--baseline", first, "--out", second).code == 0
    assert run("verify", town, second, *named).code == 0
    assert run("verify", town, first, *named).code == 1


def test_generate(run: Any, tmp_path: Path):
    options = ("--communities", 4, "--needs", 20, "--slots", 5, "--seed", 3)
    for name in ("a", "b", "c.json"):
        assert run("generate", *options, "--out", tmp_path / name).code == 0
    made = io.read_instance(tmp_path / "a")
    assert len(made.needs) == 20
    hashes = {
        io.instance_hash(io.read_instance(tmp_path / n)) for n in ("a", "b", "c.json")
    }
    assert len(hashes) == 1


def test_new_solves_unchanged(run: Any, tmp_path: Path):
    folder = tmp_path / "start"
    done = run("new", folder)
    assert done.code == 0
    assert "policy.toml" in done.out
    assert run("validate", folder, "--policy", folder / "policy.toml").err == ""
    solved = run("solve", folder, "--policy", folder / "policy.toml", "--json")
    assert solved.code == 0
    assert solved.document["measures"]["served"] > 0
    assert run("new", folder).code == 1
    assert "is not empty" in run("new", folder).err


def test_a_starter_like_halls_is_a_week_of_bookings(run: Any, tmp_path: Path):
    folder, plan = tmp_path / "halls", tmp_path / "week.json"
    assert run("new", folder, "--like", "halls").code == 0
    town = sm.io.read_instance(folder)
    assert len(town.facilities) == 6
    assert len(town.needs) == 12
    assert {slot.step for slot in town.slots} == {30, 60}
    # Junmiao's hall is closed on the Wednesday of the holiday.
    assert "temple-hall 2027-09-08T18:00" not in {slot.id for slot in town.slots}
    policy = folder / "policy.toml"
    assert run("solve", folder, "--policy", policy, "--out", plan).code == 0
    assert run("verify", folder, plan).code == 0
    rows = json.loads(plan.read_text())["assignments"]
    assert all(row["start"] < row["end"] for row in rows)
    assert run("new", tmp_path / "other", "--like", "moons").code == 2


@pytest.mark.parametrize("kind", KINDS)
def test_schema(run: Any, kind: Any):
    assert run("schema", kind).document == io.schema(kind)
    assert run("schema", kind, "--json", "--quiet").document == io.schema(kind)


def test_demo(run: Any):
    done = run("demo")
    assert done.code == 0
    assert "lianqiao" in done.out.lower()
    assert run("demo", "--json").document["plans"]


def test_output_in_ascii_terminals(town: Path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = shell("solve", town, "--lang", "zh", env=environment)
    assert done.returncode == 0
    assert done.stderr == ""
    done = shell("solve", town, "--json", env=environment)
    assert json.loads(done.stdout)["status"] == "optimal"


def test_closed_pipe_is_no_traceback():
    command = f"{sys.executable} -m sharematch schema instance | head -c 1"
    done = subprocess.run(
        command, shell=True, capture_output=True, check=True, text=True
    )
    assert done.stderr == ""


# ---- batch


@pytest.fixture
def weeks(town: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "weeks"
    folder.mkdir()
    for number in range(3):
        (folder / f"week-{number}.json").write_text(town.read_text())
    return folder


def test_batch_solves_a_folder_and_then_keeps_it(run, weeks: Path, tmp_path: Path):
    out = tmp_path / "run"
    arguments = ("batch", weeks, "--out", out, "--workers", 1)
    first = run(*arguments)
    assert first.code == 0
    assert "3 instances: 3 solved, 0 as before, 0 without a result" in first.out
    assert f"Written: {out}" in first.err
    again = run(*arguments, "--json")
    assert again.document == {
        "instances": 3,
        "solved": 0,
        "kept": 3,
        "failures": [],
        "written": str(out),
    }
    checked = run("verify", weeks / "week-1.json", out / "results" / "week-1.json")
    assert checked.code == 0


def test_batch_names_what_has_no_result_and_succeeds(run, weeks: Path, tmp_path: Path):
    (weeks / "broken.json").write_text("{")
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert done.code == 0
    assert "1 without a result" in done.out
    assert "Warning: broken: " in done.err
    chinese = run("batch", weeks, "--out", tmp_path / "run", "--lang", "zh")
    assert "4 个实例" in chinese.out


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--workers", 2, "--dask", "tcp://x:1"), 2, "one of --workers, --dask, --ray"),
        (("--workers", 0), 2, "--workers"),
        (("--time-limit", 0), 2, "--time-limit"),
        (("--policy", "nowhere.toml"), 1, "nowhere.toml: No such file"),
        (("--dask", "nonsense"), 1, "no Dask scheduler answers at nonsense"),
    ],
)
def test_batch_refuses_wrong_options(
    run, weeks: Path, tmp_path: Path, *, options, code, message
):
    if "--dask" in options:
        pytest.importorskip("distributed", reason="distributed is of the extra dask")
    done = run("batch", weeks, "--out", tmp_path / "run", *options)
    assert done.code == code
    assert message in done.err
    assert not (tmp_path / "run").exists()


def test_interrupted_batch_says_that_it_goes_on(
    run, weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sharematch.batch.run_folder", interrupt)
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert done.code == 130
    assert "the same command goes on from here" in done.err


def test_batch_shows_how_far_it_is(
    run, weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = run("batch", weeks, "--out", tmp_path / "run", "--workers", "1")
    assert "100%" in done.err


def test_register_shows_what_there_is_and_what_is_missing(run: Any, town: Path):
    done = run("register", town)
    assert done.code == 0
    assert "lianqiao   0 / 2" in done.out
    document = run("register", town, "--json").document
    (row,) = (r for r in document["supply"] if r["community"] == "lianqiao")
    assert (row["asked"], row["own"], row["lend"]) == (2, 0, 3)
    assert "自有名额" in run("register", town, "--lang", "zh").out


def test_explain_answers_in_both_languages(run: Any, town: Path, tmp_path: Path):
    plan = tmp_path / "plan.json"
    run("solve", town, "--out", plan)
    done = run("explain", town, plan, "--need", "l")
    assert done.code == 0
    assert done.out.startswith("lianqiao asked for 2 places for health (l) and got 1.")
    chinese = run("explain", town, plan, "--community", "lianqiao", "--lang", "zh")
    assert chinese.out.startswith("lianqiao 申请 2 个名额，获得 1 个（50%）。")
    document = run("explain", town, plan, "--slot", "mon", "--json").document
    assert (document["about"], document["facts"]["used"]) == ("slot", 3)
    assert run("explain", town, plan).code == 2
    assert run("explain", town, plan, "--need", "l", "--rule", 1).code == 2
    wrong = run("explain", town, plan, "--need", "x")
    assert (wrong.code, wrong.out) == (1, "")
    assert 'need "x": is not in the instance' in wrong.err


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
