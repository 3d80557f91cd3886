"""Help: commands in the order of work, examples that run, both languages, hints."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sharematch.cli import app, main
from sharematch.cli.help import EXAMPLES, SECTIONS, locale_lang
from sharematch.text import Lang

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
SPOKEN = sorted(
    name
    for name, command in COMMANDS.items()
    if "lang" in {parameter.name for parameter in command.params}
)
"""Those that are no group of further commands."""
RUN = (
    *("demo", "new", "validate", "register", "solve", "report", "verify", "generate"),
    *(
        "convert",
        "schema",
        "explain",
        "advise",
        "draw",
        "publish",
        "simulate",
        "compare",
    ),
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
    assert ("选项：" if lang == "zh" else "Options:") in out
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
    assert "示例：" in run(capsys, "solve", "--help")[1]
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


def every_command(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, part in getattr(command, "commands", {}).items():
        yield from every_command(part, *path, name)


def test_all_of_help_is_in_chinese(capsys: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    for path, command in every_command(typer.main.get_command(app)):
        _, out, _ = run(capsys, *path, "--help")
        assert out.startswith("用法：")
        texts = [command.help, *(part.help for part in command.params)]
        assert [text for text in texts if not text or text in out] == [], path
        assert not re.search(r"default:|required|Options|Arguments|Commands", out)


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["vallidate"], "No such command", "没有命令 'vallidate'"),
        (["season", "opne", "x"], "No such command 'opne'", "没有命令 'opne'"),
        (["solve"], "Missing argument 'INSTANCE'", "缺少参数 'INSTANCE'"),
        (["report", "a", "b"], "Missing option '--out'", "缺少选项 '--out'"),
        (["solve", "--polcy", "p", "t"], "No such option: --polcy", "没有选项 --polcy"),
        (["solve", "t", "--policy"], "Option '--policy' requires", "需要一个值"),
        (["solve", "t", "u"], "unexpected extra argument", "多余的参数"),
        (["solve", "t", "--seed", "x"], "Invalid value for '--seed'", "整数"),
        (["solve", "t", "--time-limit", "0"], "must be above 0", "必须大于 0"),
        (
            ["schema", "town"],
            "Invalid value for 'KIND'",
            "'KIND' 的值无效：'town' 不是",
        ),
        (["explain", "t", "r"], "name one of --need", "请指定 --need"),
        (
            ["generate", "--needs", "-1", "--out", "t"],
            "Invalid value for '--needs'",
            "'--needs' 的值无效",
        ),
    ],
)
def test_wrong_commands_are_answered_in_both_languages(
    capsys: Any, arguments: list[str], english: str, chinese: str
):
    for lang, text in (("en", english), ("zh", chinese)):
        end = len(arguments) - (arguments[-1] == "--policy")  # which takes the next
        spoken = [*arguments[:end], "--lang", lang, *arguments[end:]]
        code, out, err = run(capsys, *spoken)
        assert (code, out) == (2, "")
        assert text in err
        assert bool(re.search("Usage|for help|Error", err)) == (lang == "en")


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
