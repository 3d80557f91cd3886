"""The command line: exit codes, what goes where, and nothing half-written."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.io.native.schemas import KINDS
from sharematch.text.catalog import section
from tests.cli.commands import shell


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
