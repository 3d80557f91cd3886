"""Help: commands in the order of work, examples that run, both languages, hints."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sharematch.cli import app, main
from sharematch.cli.help import EXAMPLES, SECTIONS, locale_lang
from sharematch.cli.words import Lang

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
SPOKEN = sorted(
    name
    for name, command in COMMANDS.items()
    if "lang" in {parameter.name for parameter in command.params}
)
"""Those that are no group of further commands."""
RUN = (
    *("demo", "new", "validate", "register", "solve", "report", "verify", "generate"),
    *("convert", "schema", "explain", "advise", "draw", "publish", "simulate"),
)
"""Commands whose examples follow on each other and take no other files."""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_help_names_every_command_in_the_order_of_work(capsys: Any):
    _, out, _ = run(capsys, "--help")
    lines = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    shown = [name for name in lines if name in COMMANDS]
    assert sorted(shown) == sorted(COMMANDS)
    order = [name for names in SECTIONS.values() for name in names if name in COMMANDS]
    assert shown[: len(order)] == order
    assert out.index("Begin:") < out.index("Decide:") < out.index("Files:")


def test_steps_of_a_season_do_not_show_examples_of_other_commands(capsys: Any):
    _, out, _ = run(capsys, "season", "solve", "--help")
    assert "sharematch solve" not in out


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_has_help_with_its_examples(capsys: Any, name: str, lang: str):
    code, out, _ = run(capsys, name, "--lang", lang, "--help")
    assert code == 0
    assert ("选项:" if lang == "zh" else "Options:") in out
    for line in EXAMPLES.get(name, ()):
        assert line in out
        assert line.startswith(f"sharematch {name}")


def test_examples_run_one_after_the_other(
    capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for name in RUN:
        for line in EXAMPLES[name]:
            code, _, err = run(capsys, *shlex.split(line)[1:])
            assert code == 0, (line, err)
    assert (tmp_path / "plan.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")


def test_language_is_that_of_the_locale_unless_asked_for(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "按政策决定" in run(capsys, "--help")[1]
    assert "示例:" in run(capsys, "solve", "--help")[1]
    assert "Examples:" in run(capsys, "solve", "--lang", "en", "--help")[1]
    assert run(capsys, "register", "nowhere.json")[2].startswith("错误")
    assert run(capsys, "register", "nowhere.json", "--lang", "en")[2].startswith(
        "Error"
    )
    monkeypatch.setenv("LC_ALL", "C")
    assert "Decide who gets what" in run(capsys, "--help")[1]


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, Lang.EN),
        ({"LANG": "zh_TW.UTF-8"}, Lang.ZH),
        ({"LANG": "zh_CN", "LC_ALL": "de_DE"}, Lang.EN),
        ({"LANG": "en_US", "LC_MESSAGES": "zh_CN"}, Lang.ZH),
    ],
)
def test_locales(environment: dict[str, str], lang: Lang):
    assert locale_lang(environment) is lang


def test_wrong_names_are_answered_with_the_right_ones(capsys: Any, tmp_path: Path):
    code, _, err = run(capsys, "vallidate")
    assert code == 2
    assert "Did you mean 'validate'" in err
    code, _, err = run(capsys, "solve", "--polcy", "p.toml", "town.json")
    assert code == 2
    assert "--policy" in err
    (tmp_path / "town.json").write_text("{}")
    code, _, err = run(capsys, "solve", str(tmp_path / "twon.json"))
    assert code == 1
    assert f"Maybe {tmp_path / 'town.json'}" in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str):
    options = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sharematch", "--show-completion", shell],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, **options},
    )
    assert "_SHAREMATCH_COMPLETE" in done.stdout
    asked = {
        "_SHAREMATCH_COMPLETE": "complete_bash",
        "COMP_WORDS": "sharematch re",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "sharematch"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **asked},
    )
    assert {"register", "report", "resolve"} <= set(done.stdout.split())
