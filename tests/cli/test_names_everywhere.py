"""Records have names: no command, page, letter or figure shows people an id then.

Files keep to ids (results, tables of assignments, what is published), and so does what
speaks of files: errors, findings of `verify`, what a format could not carry.
"""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.cli import app

RUN = CliRunner()
MARK = "zq-"
"""What all ids begin with, and no name."""

NAMES = {
    "north": "North quarter",
    "south": "South quarter",
    "jm": "Junmiao",
    "lq": "Lianqiao",
    "tf": "Tianfeng",
    "parish": "The parish",
    "hall": "The great hall",
    "school": "The school",
    "gym": "The gym",
    "tue": "Tuesday evening",
    "wed": "Wednesday evening",
    "thu": "Thursday morning",
    "fri": "Friday in the gym",
    "quiet": "The quiet room",
    "choir": "Morning choir",
    "band": "Brass band",
    "dance": "Dance circle",
    "team": "Youth team",
    "second": "Second team",
    "odd": "Odd request",
}


def of(name: str) -> dict[str, Any]:
    return {"id": MARK + name, "name": NAMES[name]}


def town() -> sm.Instance:
    """Return a town with something to say about every kind of record."""
    tue, wed, thu, fri = (f"2026-12-0{day}" for day in (1, 2, 3, 4))
    north, jm, hall = MARK + "north", MARK + "jm", MARK + "hall"
    return sm.Instance(
        areas=[
            sm.Area(level="subdistrict", **of("north")),
            sm.Area(level="subdistrict", **of("south")),
        ],
        communities=[
            sm.Community(area=north, location=(121.5, 29.87), **of("jm")),
            sm.Community(area=north, location=(121.51, 29.86), **of("lq")),
            sm.Community(area=MARK + "south", location=(121.52, 29.85), **of("tf")),
        ],
        providers=[sm.Provider(sector="host", community=jm, **of("parish"))],
        facilities=[
            sm.Facility(
                community=jm,
                provider=MARK + "parish",
                max_units=9,
                closed=[{"start": f"{thu}T08:00", "end": f"{thu}T18:00"}],
                **of("hall"),
            ),
            sm.Facility(community=MARK + "lq", share="own", **of("school")),
            sm.Facility(community=jm, parts=["A", "B"], setup=30, **of("gym")),
        ],
        slots=[
            sm.Slot(
                facility=hall,
                kinds=["x"],
                capacity=3,
                start=f"{tue}T19:00",
                end=f"{tue}T21:00",
                fee=5,
                staff_fee=3,
                reserve=1,
                **of("tue"),
            ),
            sm.Slot(
                facility=MARK + "school",
                kinds=["x"],
                capacity=1,
                start=f"{wed}T19:00",
                end=f"{wed}T21:00",
                **of("wed"),
            ),
            sm.Slot(facility=hall, kinds=["y"], capacity=2, **of("quiet")),
            sm.Slot(
                facility=MARK + "gym",
                kinds=["z"],
                capacity=2,
                start=f"{fri}T17:00",
                end=f"{fri}T20:00",
                step=30,
                **of("fri"),
            ),
            sm.Slot(
                facility=hall,
                kinds=["x"],
                capacity=2,
                start=f"{thu}T09:00",
                end=f"{thu}T11:00",
                groups=["kids"],
                **of("thu"),
            ),
        ],
        needs=[
            sm.Need(community=MARK + "lq", kind="x", quantity=4, **of("choir")),
            sm.Need(community=jm, kind="x", quantity=2, max_fee=2, **of("band")),
            sm.Need(
                community=MARK + "tf",
                kind="x",
                quantity=2,
                whole=True,
                requires=["lift"],
                **of("dance"),
            ),
            sm.Need(
                community=MARK + "lq",
                kind="z",
                minutes=60,
                times=2,
                per_day=2,
                **of("team"),
            ),
            sm.Need(
                community=jm,
                kind="z",
                minutes=90,
                windows=["fri 17:00-18:00"],
                **of("second"),
            ),
            sm.Need(community=jm, kind="nothing", **of("odd")),
        ],
        past=[sm.Past(community=jm, served=2, demand=3)],
    )


SERVED = sm.Maximize("served")
POLICIES = {
    "fair": sm.Policy.fair(),
    "rules": sm.Policy(
        rules=[
            sm.AtMost("served", {MARK + "lq": 2, MARK + "jm": 1}, by="community"),
            sm.AtMost("served", 3, where={"slot": MARK + "tue"}),
            sm.AtMost("served", 1, by=("community", "facility")),
        ],
        goals=[
            sm.Leximin("fill_rate", by="community"),
            sm.Maximize("served", where={"facility": MARK + "hall"}),
            sm.Maximize("served", by="need", upto={MARK + "choir": 1}),
            SERVED,
        ],
    ),
    "loads": sm.Policy(
        rules=[
            sm.AtMost("served", 2, by="facility"),
            sm.AtMost("travel", 300, by="assignment", where={"need": MARK + "choir"}),
        ],
        goals=[sm.Leximax("used", by="facility"), SERVED],
    ),
    "conflict": sm.Policy(
        rules=[
            sm.AtLeast("served", 4, by="need", where={"need": MARK + "choir"}),
            sm.AtMost("served", 1, by="facility", where={"facility": MARK + "hall"}),
            sm.AtLeast("served", {MARK + "tf": 3}, by="community"),
        ],
        goals=[SERVED],
    ),
}
ANSWERS = f"""need,slot,status,quantity,start
{MARK}choir,{MARK}tue,declined,,
{MARK}team,{MARK}fri,accepted,,2026-12-04T17:00
{MARK}odd,,withdrawn,,
,{MARK}wed,gone,,
"""
IMPOSSIBLE = f"""need,slot,status
{MARK}dance,{MARK}fri,accepted
{MARK}odd,{MARK}wed,pinned
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the town, policies, answers and a plan of each policy."""
    folder = tmp_path_factory.mktemp("named")
    io.write_instance(town(), folder / "town.json")
    flows = town().replace(
        slots=[slot for slot in town().slots if slot.step is None],
        needs=[need for need in town().needs if need.minutes is None],
    )
    io.write_instance(flows, folder / "flows.json")
    (folder / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (folder / "impossible.csv").write_text(
        IMPOSSIBLE.replace(f"{MARK}dance,{MARK}fri,accepted\n", ""), encoding="utf-8"
    )
    for name, policy in POLICIES.items():
        io.write_policy(policy, folder / f"{name}.toml")
        io.write_result(sm.solve(town(), policy), folder / f"{name}.json")
    return folder


def said(folder: Path, lang: str, *arguments: str) -> str:
    """Return what a command says on both streams."""
    paths = [
        str(folder / word) if re.search(r"\.\w+$", word) else word for word in arguments
    ]
    run = RUN.invoke(app, [*paths, "--lang", lang])
    assert run.exit_code in (0, 3), (arguments, run.output, run.exception)
    return run.stdout + run.stderr


def questions() -> list[list[str]]:
    instance = town()
    return [
        *(["--need", need.id] for need in instance.needs),
        *(["--slot", slot.id] for slot in instance.slots),
        *(["--community", community.id] for community in instance.communities),
    ]


COMMANDS: dict[str, list[list[str]]] = {
    "validate": [["validate", "town.json", "--policy", f"{p}.toml"] for p in POLICIES],
    "register": [["register", "town.json"]],
    "solve": [["solve", "town.json", "--policy", f"{p}.toml"] for p in POLICIES],
    "explain": [
        ["explain", "town.json", f"{p}.json", *question]
        for p, policy in POLICIES.items()
        for question in (
            *questions(),
            *(["--rule", str(i + 1)] for i in range(len(policy.rules))),
        )
    ],
    "advise": [
        *(
            ["advise", "town.json", "--add", add]
            for add in ("capacity", "slot", "hours", "feature", "reach")
        ),
        ["advise", "flows.json", "--by", "facility"],
        ["advise", "town.json", "--budget", "10"],
        ["advise", "flows.json", "--by", "area"],
    ],
    "compare": [
        ["compare", "town.json", "--policy", "fair.toml", "--policy", f"{p}.toml"]
        for p in ("rules", "loads")
    ],
    "draw": [["draw", "town.json", "--seed", "first frost", "--chances", "5"]],
    "simulate": [["simulate", "town.json", "--rounds", "2"]],
    "verify": [["verify", "town.json", "fair.json"]],
    "resolve": [
        ["resolve", "town.json", "fair.json", "--decisions", f"{answers}.csv"]
        for answers in ("answers", "impossible")
    ],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_show_names(folder: Path, command: str, lang: str):
    texts = [said(folder, lang, *arguments) for arguments in COMMANDS[command]]
    for arguments, text in zip(COMMANDS[command], texts, strict=True):
        assert MARK not in text, (arguments, text)
    shown = "".join(texts)
    if command not in ("validate", "verify"):
        assert any(name in shown for name in NAMES.values())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("policy", POLICIES)
def test_pages_show_names(folder: Path, policy: str, lang: str):
    said(folder, lang, "report", "town.json", f"{policy}.json", "--out", "page.html")
    page = (folder / "page.html").read_text(encoding="utf-8")
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', page)
    words = html.unescape(" ".join([re.sub(r"<[^>]+>", " ", page), *spoken]))
    assert MARK not in words


def test_letters_and_calendars_show_names(folder: Path):
    out = ["--decisions", "answers.csv", "--letters", "letters.txt"]
    said(folder, "en", "resolve", "town.json", "fair.json", *out)
    assert MARK not in (folder / "letters.txt").read_text(encoding="utf-8")
    result = io.read_result(folder / "fair.json", town())
    io.write_calendars(town(), result.allocation, folder / "calendars")
    read = ("SUMMARY", "DESCRIPTION", "LOCATION", "X-WR-CALNAME")
    for path in (folder / "calendars").iterdir():
        text = path.read_text(encoding="utf-8").replace("\r\n ", "")
        lines = [line for line in text.splitlines() if line.startswith(read)]
        assert lines
        assert not [line for line in lines if MARK in line]


@pytest.mark.parametrize("policy", POLICIES)
def test_values_in_notebooks_show_names(policy: str):
    result = sm.solve(town(), POLICIES[policy])
    shown = [str(result), result._repr_html_(), sm.register.register(town()).text()]
    if result.status.has_plan:
        shown.append(str(sm.advise(result)))
    assert MARK not in "".join(shown)


def test_figures_show_names():
    result = sm.solve(town())
    for axes in (
        sm.plots.fill_rates(result),
        sm.plots.fill_rates(result, by="need"),
        sm.plots.lending_matrix(town(), result),
    ):
        ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
        assert not [tick for tick in ticks if MARK in tick.get_text()]


def test_maps_carry_names(folder: Path):
    said(folder, "en", "convert", "town.json", "town.geojson")
    places = json.loads((folder / "town.geojson").read_text(encoding="utf-8"))
    found = {row["properties"].get("name") for row in places["features"]}
    assert {"The great hall", "Junmiao"} <= found


def test_seasons_show_names(folder: Path):
    pytest.importorskip("sqlalchemy")
    store, policy = "season.db", ["--policy", "rules.toml"]
    for arguments in (
        ["season", "init", store],
        ["season", "open", store, "spring", "town.json", *policy, "--no-ledger"],
        ["season", "solve", store, "spring"],
        ["season", "decide", store, "spring", "answers.csv"],
        ["season", "solve", store, "spring"],
        ["season", "status", store],
        ["season", "log", store],
        ["season", "carry", store, "spring", "town.json"],
    ):
        text = said(folder, "en", *arguments)
        assert MARK not in text, (arguments, text)
