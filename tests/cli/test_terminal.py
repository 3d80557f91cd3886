"""In a terminal: bars that fit, words, units, examples, and what is missing."""

import json
import re
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io, scenario
from sharematch.cli import main
from sharematch.cli.help import EXAMPLES
from sharematch.model.extras import install
from sharematch.text import say
from sharematch.text.bars import bar
from sharematch.text.catalog import section, sections
from sharematch.text.tables import cells_of

BLOCKS = re.compile("[█-▏]")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch):
    """Make standard output a terminal of so many cells."""

    def become(cells: int, **environment: str) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        names = {"TERM": "xterm-256color", "COLUMNS": str(cells), "LINES": "40"}
        for name, value in {**names, **environment}.items():
            monkeypatch.setenv(name, value)

    for name in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return become


@pytest.fixture
def town(tmp_path: Path) -> Path:
    instance = sm.Instance(
        communities=[
            sm.Community(id="tianfeng", name="天封", location=(0, 0)),
            sm.Community(id="lianqiao", name="莲桥", location=(0, 1)),
        ],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
        ],
        travel={"metric": "plane"},
    )
    path = tmp_path / "town.json"
    io.write_instance(instance, path)
    return path


def plain(text: str) -> list[str]:
    """Return the lines of a terminal without its escapes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


def bars_of(text: str) -> list[str]:
    return re.findall("[█-▏]+·*|·{3,}", text)


@pytest.mark.parametrize("cells", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_bars_of_communities_fit_the_terminal(
    capsys: Any, terminal: Any, town: Path, cells: int, lang: str
):
    terminal(cells)
    code, out, _ = run(capsys, "solve", town, "--lang", lang)
    assert code == 0
    table = [line for line in plain(out) if BLOCKS.search(line)]
    if cells <= 60:
        assert table == []
    else:
        assert [len(bars_of(line)) for line in table] == [1, 1]
        assert max(map(cells_of, table)) <= cells
        heads = section(lang, "cli")
        for word in ("天封", "莲桥", heads["demand"], heads["fees"]):
            assert str(word) in out
        assert "…" not in out
        assert {len(found) for line in table for found in bars_of(line)} <= {
            *range(8, 31)
        }


def test_a_bar_is_as_long_as_the_share(capsys: Any, terminal: Any, town: Path):
    terminal(120)
    _, out, _ = run(capsys, "solve", town)
    rows = [line for line in plain(out) if BLOCKS.search(line)]
    for row in rows:
        percent = Fraction(re.search(r"(\d+)%", row).group(1)) / 100  # type: ignore[union-attr]
        (drawn,) = bars_of(row)
        assert drawn == bar(percent, len(drawn))


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {"TERM": "unknown"}]
)
def test_a_plain_terminal_gets_no_colors(
    capsys: Any, terminal: Any, town: Path, environment: dict[str, str]
):
    terminal(100, **environment)
    _, out, _ = run(capsys, "solve", town)
    assert not re.search(r"\x1b\[(?:\d+;)*[349]\d[;m]", out)
    if "TERM" in environment:
        assert "\x1b" not in out
        assert not BLOCKS.search(out)
        assert "─" not in out


def test_without_a_terminal_there_are_no_bars(capsys: Any, town: Path):
    _, out, _ = run(capsys, "solve", town)
    assert "\x1b" not in out
    assert not BLOCKS.search(out)


def test_a_terminal_that_cannot_show_blocks_gets_none(town: Path):
    code = (
        "import sys\nfrom sharematch.cli import main\n"
        "sys.stdout.isatty = lambda: True\n"
        f"main(['solve', {str(town)!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={
            "PYTHONIOENCODING": "ascii",
            "COLUMNS": "120",
            "PATH": "",
            "TERM": "xterm",
        },
    )
    assert b"\\u2588" not in done.stdout


@pytest.fixture(scope="module")
def story() -> scenario.Story:
    return scenario.tell()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_demo_draws_each_community_alone_and_shared(
    story: scenario.Story, lang: str
):
    assert not BLOCKS.search(story.text(lang))
    assert not BLOCKS.search(story.text(lang, cells=40))
    for cells in (46, 80, 132):
        text = story.text(lang, cells=cells)
        drawn = [line for line in text.splitlines() if bars_of(line)]
        assert len(drawn) == len(story.demand)
        assert max(map(cells_of, drawn)) <= cells
        for name, line in zip(story.demand, drawn, strict=True):
            assert line.startswith(name)
            width = {len(found) for found in bars_of(line)}
            assert len(width) == 1
            rates = [story.fill_rate(p, name) for p in (story.alone, story.district)]
            assert bars_of(line) == [bar(rate, *width) for rate in rates]


# ── words ────────────────────────────────────────────────────────────────────────────

NOUNS = "units|needs|slots|places|communities|facilities|bookings|goals|names|results"
NOUNS += "|owners|minutes|times|pairs|dates|flows|decisions|providers|areas|links"


MANY = {
    "instance.stands_there_times",  # twice at least
    "large.may_grow_beyond_64_bit_integers_per",
    "report.map_most",
    "story.opening",
}
"""Entries whose numbers are never 1."""


def test_what_is_counted_has_a_singular():
    """A number before a plural is one of a list of forms, or has both words."""
    number = r"\{(?!most|limit|least|asked|shown)\w+(?::,)?\}"
    counted = re.compile(rf"{number} (?!needs (?:a|the) |names \{{)({NOUNS})\b")
    wrong = {
        f"{name}.{key}"
        for name in sections("en")
        for key, entry in section("en", name).items()
        if isinstance(entry, str) and counted.search(entry)
    }
    assert wrong == MANY


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        ("violation.above_capacity", "1 unit in use", "3 units in use"),
        ("cli.count_communities", "1 community", "3 communities"),
        ("cli.count_past", "1 record of the past", "3 records of the past"),
        ("term.below_alone", "at most 1 unit less", "at most 3 units less"),
    ],
)
def test_one_and_many(code: str, one: str, many: str):
    for n, text in ((1, one), (3, many)):
        assert text in say(code, units=n, n=n, limit=0)


def test_travel_has_its_unit(capsys: Any, town: Path):
    _, out, _ = run(capsys, "solve", town)
    assert "travel (m)" in out
    assert re.search(r"minimize travel +[\d,]+ m ", out)
    document = json.loads(town.read_text(encoding="utf-8"))
    document["travel"] |= {"unit": "min", "speed": 4}
    town.write_text(json.dumps(document), encoding="utf-8")
    _, out, _ = run(capsys, "solve", town)
    assert "travel (min)" in out
    assert re.search(r"minimize travel +[\d.,]+ minutes? ", out)


# ── help ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "text"),
    [("resolve", "the policy of the draft"), ("verify", "the policy of the result")],
)
def test_help_says_which_policy_is_kept(capsys: Any, command: str, text: str):
    _, out, _ = run(capsys, command, "--help")
    assert text in " ".join(out.split())


@pytest.mark.parametrize("name", ["fair", "efficient", "own_only", "first_come"])
def test_policies_of_the_library_go_by_their_names(
    capsys: Any, town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.chdir(tmp_path)
    known: sm.Policy = getattr(sm.Policy, name)()
    code, out, _ = run(capsys, "solve", town, "--policy", name, "--json")
    assert code in (0, 3)
    assert (
        json.loads(out)["policy"]
        == sm.solve(io.read_instance(town), known).to_dict()["policy"]
    )
    io.write_policy(sm.Policy(name="own", goals=[sm.Maximize("served")]), "own.toml")
    Path("own.toml").rename(name)  # a file is meant before a name
    code, _, err = run(capsys, "solve", town, "--policy", name)
    assert (code, name in err) == (1, True)


def test_examples_of_a_season_run_one_after_the_other(
    capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "new", "starter")[0] == 0
    assert run(capsys, "new", "next_spring")[0] == 0
    (tmp_path / "more_needs").mkdir()
    (tmp_path / "more_needs" / "needs.csv").write_text(
        "id,community,kind\nlate,lianqiao,health\n"
    )
    steps = "init open add solve export decide solve finalize usage close status log"
    for step in f"{steps} audit carry commit seal draw".split():
        for line in EXAMPLES[f"season {step}"]:
            if step == "decide":
                _answer(tmp_path / "plan.json", tmp_path)
            said = run(capsys, "draw", "starter", *_COMMIT)[1] if "HASH" in line else ""
            seed = re.search(r"sha256:[0-9a-f]{64}", said)
            made = line.replace("HASH", seed.group() if seed else "")
            code, _, err = run(capsys, *shlex.split(made)[1:])
            assert code == 0, (line, err)
    assert {name for name in EXAMPLES if name.startswith("season ")} == {
        f"season {step}" for step in f"{steps} audit carry commit seal draw".split()
    }


_COMMIT = ("--commit", "--seed", "first frost 2026", "--round", "lots")


def _answer(plan: Path, folder: Path) -> None:
    """Write an answer to the first assignment of a plan, and what was used of it."""
    first = json.loads(plan.read_text())["assignments"][0]
    pair = f"{first['need']},{first['slot']}"
    (folder / "answers.csv").write_text(f"need,slot,status\n{pair},accepted\n")
    (folder / "used.csv").write_text(f"need,slot,used\n{pair},{first['quantity']}\n")


def test_types_in_help_are_words(capsys: Any):
    for command in (["generate"], ["advise"], ["season", "open"], ["solve"]):
        _, out, _ = run(capsys, *command, "--help")
        assert not re.search(r"<|>|\{|INTEGER|list\[|x>=", out), command
        assert re.search(r"--seed NUMBER|--window NUMBER", out)


# ── wrong commands, and what is missing ──────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["solve"],
        ["solve", "x", "--tea"],
        ["solve", "x", "--time-limit", "0"],
        ["season", "opne"],
        ["season", "open", "x"],
        ["schema", "plan"],
        ["explain", "t", "r"],
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_commands_are_json_where_json_is_asked_for(
    capsys: Any, arguments: list[str], lang: str
):
    code, out, err = run(capsys, *arguments, "--lang", lang, "--json")
    assert code == 2
    document = json.loads(out)
    assert document["error"] == "UsageError"
    assert document["message"].isascii()  # English, as of all errors in documents
    assert document["problems"] == []
    assert err  # and said to people


def test_the_demo_says_at_once_what_a_report_needs(
    capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("sharematch.report.find_spec", lambda _name: None)
    monkeypatch.setattr(scenario, "tell", lambda: pytest.fail("solved before it said"))
    code, out, err = run(capsys, "demo", "--report", tmp_path / "r.html")
    assert (code, out) == (1, "")
    assert "jinja2 is not installed" in err
    assert install("report") in err


def test_what_to_install_is_named_by_itself():
    command = shlex.split(install("season"))
    assert command[1:4] == ["-m", "pip", "install"]
    assert Path(command[0]).name.startswith("python")
    assert [name.split(">")[0] for name in command[4:]] == ["alembic", "sqlalchemy"]
