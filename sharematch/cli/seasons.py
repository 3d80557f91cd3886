"""A season in a database, from opening a round to closing it; and simulate."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sharematch.cli.app import (
    EXIT_CODES,
    NOT_VALID,
    Command,
    InstancePath,
    Json,
    Language,
    MaxMoved,
    PolicyPath,
    Quiet,
    Seed,
    app,
    read_policy,
)
from sharematch.cli.help import Group
from sharematch.cli.output import Output
from sharematch.cli.words import Lang
from sharematch.errors import InputError, Problem

if TYPE_CHECKING:
    from sharematch.season import Rule, Season

__all__: list[str] = []

season = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Rounds of one allocation in a database, with a log that shows every change.",
)
app.add_typer(season, name="season")

Store = Annotated[
    str, typer.Argument(metavar="STORE", help="An SQLite file, or postgresql://….")
]
Name = Annotated[str, typer.Argument(metavar="ROUND", help="The round's name.")]
Window = Annotated[
    int | None, typer.Option(min=1, help="So many earlier rounds count; else all.")
]
Decay = Annotated[
    str, typer.Option(metavar="SHARE", help="What a round counts less each time.")
]
Cap = Annotated[
    int | None, typer.Option(min=1, help="So many units asked for count at most.")
]
Newcomers = Annotated[
    Literal["none", "average"], typer.Option(help="The history newcomers start with.")
]
Unused = Annotated[
    Literal["served", "returned"], typer.Option(help="What places not used count as.")
]


def _open(store: str) -> "Season":
    from sharematch.season import Season

    return Season(store)


def _rule(
    window: int | None, decay: str, cap: int | None, newcomers: Any, unused: Any
) -> "Rule":
    from sharematch.season import Rule

    return Rule(window, decay, cap, newcomers, unused)


def _tell(out: Output, store: "Season", name: str) -> None:
    """Print how a round stands now."""
    (stands,) = (r for r in store.rounds() if r.name == name)
    out.document(asdict(stands))
    possible = ", ".join(stands.possible) or "-"
    out.text(out.word("round_stands", name, stands.state, possible))


@season.command(cls=Command)
def init(
    store: Store,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Make the tables of a season, or bring them up to date."""
    from sharematch.season import Season

    out = Output(lang, as_json=as_json, quiet=quiet)
    Season.create(store)
    out.document({"written": store})
    out.text(out.word("written", store))


@season.command("open", cls=Command)
def open_(
    store: Store,
    name: Name,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    ledger: Annotated[
        bool, typer.Option(help="Let what happened in closed rounds count.")
    ] = True,
    window: Window = None,
    decay: Decay = "1",
    cap: Cap = None,
    newcomers: Newcomers = "none",
    unused: Unused = "served",
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Begin a round with its records and its policy."""
    from sharematch import io

    out = Output(lang, as_json=as_json, quiet=quiet)
    town, terms = io.read_instance(instance), read_policy(policy)
    rule = _rule(window, decay, cap, newcomers, unused) if ledger else None
    opened = _open(store)
    opened.open(name, town, terms, ledger=rule)
    _tell(out, opened, name)


@season.command(cls=Command)
def add(
    store: Store,
    name: Name,
    records: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Tables of more records.")
    ],
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Hand in more needs, slots or other records."""
    from sharematch import io

    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    opened.add(name, **io.read_records(records))
    _tell(out, opened, name)


@season.command("solve", cls=Command)
def solve_(
    store: Store,
    name: Name,
    *,
    max_moved: MaxMoved = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.001, help="Stop after.")
    ] = None,
    seed: Seed = 0,
    out_path: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the result.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Make the draft, or make it anew with all answers and little change."""
    from sharematch import io
    from sharematch.cli.views import show_result
    from sharematch.io import atomic

    out = Output(lang, as_json=as_json, quiet=quiet)
    if out_path is not None:
        atomic.check_target(out_path)
    opened = _open(store)
    with out.progress() as report:
        result = opened.solve(
            name,
            max_moved=max_moved,
            time_limit=time_limit,
            seed=seed,
            on_progress=report,
        )
    if out_path is not None:
        io.write_result(result, out_path)
        out.note(out.word("written", out_path))
    out.document(result.to_dict())
    show_result(out, result)
    for warning in result.warnings:
        out.warn(warning)
    raise typer.Exit(EXIT_CODES[result.status.value])


@season.command(cls=Command)
def decide(
    store: Store,
    name: Name,
    decisions: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: need, slot, status, quantity.")
    ],
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Hand in what hosts and residents say to the draft."""
    from sharematch import io

    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    opened.decide(name, io.read_answers(decisions))
    _tell(out, opened, name)


@season.command(cls=Command)
def finalize(
    store: Store,
    name: Name,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Make the newest plan final."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    opened.finalize(name)
    _tell(out, opened, name)


@season.command(cls=Command)
def usage(
    store: Store,
    name: Name,
    used: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: need, slot, used.")
    ],
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Hand in how many units were really used."""
    from sharematch import io

    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    opened.usage(name, io.read_usage(used))
    _tell(out, opened, name)


@season.command(cls=Command)
def close(
    store: Store,
    name: Name,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """End a round: what everybody asked for, got and used goes into the ledger."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    opened.close(name)
    _tell(out, opened, name)


@season.command(cls=Command)
def status(
    store: Store,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Show how each round stands, and what may be done next."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    rounds = _open(store).rounds()
    out.document({"rounds": [asdict(each) for each in rounds]})
    rows = [
        (r.name, r.state, r.status, r.served, r.demand, ", ".join(r.possible))
        for r in rounds
    ]
    out.table(("round", "state", "status", "served", "demand", "possible"), rows)


@season.command(cls=Command)
def log(
    store: Store,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ROUND]", help="The round's name; else all."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Show what was done, of one round or of all."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    entries = _open(store).log(name)
    out.document({"log": [asdict(entry) for entry in entries]})
    rows = [
        (e.position, e.at[:19], e.round, e.action, e.state, e.hash[7:19])
        for e in entries
    ]
    out.table(("position", "at", "round", "action", "state", "hash"), rows)


@season.command(cls=Command)
def audit(
    store: Store,
    *,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Of an entry, as once written down."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Compute all hashes, states and plans again: a changed past shows."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    findings = opened.audit(head)
    entries = opened.log()
    newest = entries[-1].hash if entries else ""
    rows = [{"code": f.code, "message": f.message} for f in findings]
    out.document({"valid": not findings, "findings": rows, "head": newest})
    if findings:
        for finding in findings:
            text = out.say(str(finding))
            typer.echo(f"{out.word('not_valid')}: {text}", err=True)
        raise typer.Exit(NOT_VALID)
    out.text(out.word("log_holds", len(entries), newest or "-"))


@season.command(cls=Command)
def export(
    store: Store,
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder to make.")],
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Write a round's instance, policy and newest plan, to verify or explain them."""
    from sharematch import io
    from sharematch.io.atomic import new_folder

    out = Output(lang, as_json=as_json, quiet=quiet)
    opened = _open(store)
    town, policy = opened.instance(name), opened.policy(name)
    plan = opened.result(name)
    if folder.exists():
        raise InputError(
            [Problem("is there already", str(folder), hint="a new folder")]
        )
    with new_folder(folder) as place:
        io.write_instance(town, place / "instance.json")
        io.write_policy(policy, place / "policy.toml")
        io.write_result(plan, place / "result.json")
    out.document({"written": str(folder)})
    out.text(out.word("written", folder))


@app.command(cls=Command)
def simulate(
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    rounds: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    window: Window = None,
    decay: Decay = "1",
    cap: Cap = None,
    newcomers: Newcomers = "none",
    seed: Annotated[int, typer.Option(min=0, help="Demand follows from it.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Play many rounds of drawn demand, with a ledger and without."""
    from sharematch import io
    from sharematch import season as seasons

    out = Output(lang, as_json=as_json, quiet=quiet)
    played = seasons.simulate(
        io.read_instance(instance),
        read_policy(policy),
        rounds=rounds,
        seed=seed,
        rule=_rule(window, decay, cap, newcomers, "served"),
    )
    out.document(played.to_dict())
    rows = [
        (name, f"{float(rates[-1]):.1%}", f"{float(played.without[name][-1]):.1%}")
        for name, rates in sorted(played.with_ledger.items())
    ]
    out.table(("id", "with_ledger", "without_ledger"), rows)
    spreads = (f"{float(played.spread(ledger=side)):.1%}" for side in (True, False))
    out.text("", out.word("spread", rounds, *spreads))
