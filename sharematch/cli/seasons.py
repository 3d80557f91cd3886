"""A season in a database, from opening a round to closing it; and simulate."""

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sharematch.cli.app import (
    EXIT_CODES,
    NOT_VALID,
    InstancePath,
    MaxMoved,
    OutPath,
    PolicyPath,
    Seed,
    app,
    command,
    read_policy,
)
from sharematch.cli.help import Group
from sharematch.cli.output import Output
from sharematch.errors import InputError, Problem
from sharematch.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharematch.season import Rule, Season

__all__: list[str] = []

season = typer.Typer(
    name="season",
    cls=Group,
    no_args_is_help=True,
    help="command.season",
)
app.add_typer(season)

Store = Annotated[
    str, typer.Argument(metavar="STORE", help="help.an_sqlite_file_or_postgresql")
]
Name = Annotated[str, typer.Argument(metavar="ROUND", help="help.the_rounds_name")]
Window = Annotated[
    int | None, typer.Option(min=1, help="help.so_many_earlier_rounds_count_else")
]
Decay = Annotated[
    str, typer.Option(metavar="SHARE", help="help.what_a_round_counts_less_each")
]
Cap = Annotated[
    int | None, typer.Option(min=1, help="help.so_many_units_asked_for_count")
]
Newcomers = Annotated[
    Literal["none", "average"],
    typer.Option(help="help.the_history_newcomers_start_with"),
]
Unused = Annotated[
    Literal["served", "returned"],
    typer.Option(help="help.what_places_not_used_count_as"),
]


def _open(store: str) -> "Season":
    from sharematch.season import Season

    return Season(store)


def _rule(
    window: int | None, decay: str, cap: int | None, newcomers: Any, unused: Any
) -> "Rule":
    from sharematch.season import Rule

    return Rule(window, decay, cap, newcomers, unused)


@contextmanager
def _round(out: Output, store: str, name: str) -> "Iterator[Season]":
    """Open a season for one step of a round; then print how the round stands."""
    opened = _open(store)
    yield opened
    (stands,) = (r for r in opened.rounds() if r.name == name)
    out.document(asdict(stands))
    possible = out.say("list.items").join(stands.possible) or "-"
    state = out.say(f"state.{stands.state}")
    out.text(out.say("cli.round_stands", round=name, state=state, possible=possible))


@command(season)
def init(out: Output, store: Store) -> None:
    """Make the tables of a season, or bring them up to date."""
    from sharematch.season import Season

    Season.create(store)
    out.document({"written": store})
    out.text(out.say("cli.written", path=store))


@command(season, "open")
def open_(
    out: Output,
    store: Store,
    name: Name,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    ledger: Annotated[
        bool, typer.Option(help="help.let_what_happened_in_closed_rounds")
    ] = True,
    window: Window = None,
    decay: Decay = "1",
    cap: Cap = None,
    newcomers: Newcomers = "none",
    unused: Unused = "served",
) -> None:
    """Begin a round with its records and its policy."""
    from sharematch import io

    town, terms = io.read_instance(instance), read_policy(policy)
    rule = _rule(window, decay, cap, newcomers, unused) if ledger else None
    with _round(out, store, name) as opened:
        opened.open(name, town, terms, ledger=rule)


@command(season)
def add(
    out: Output,
    store: Store,
    name: Name,
    records: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="help.tables_of_more_records")
    ],
) -> None:
    """Hand in more needs, slots or other records."""
    from sharematch import io

    with _round(out, store, name) as opened:
        opened.add(name, **io.read_records(records))


@command(season, "solve")
def solve_(
    out: Output,
    store: Store,
    name: Name,
    *,
    max_moved: MaxMoved = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.001, help="help.stop_after")
    ] = None,
    seed: Seed = 0,
    out_path: OutPath = None,
) -> None:
    """Make the draft, or make it anew with all answers and little change."""
    from sharematch import io
    from sharematch.cli.views import show_result
    from sharematch.io.native import atomic

    if out_path is not None:
        atomic.check_target(out_path, ".json")
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
        out.note(out.say("cli.written", path=out_path))
    out.document(result.to_dict())
    show_result(out, result)
    for warning in result.warnings:
        out.warn(warning)
    raise typer.Exit(EXIT_CODES[result.status.value])


@command(season)
def commit(
    out: Output,
    store: Store,
    name: Name,
    seed_hash: Annotated[
        str, typer.Argument(metavar="HASH", help="help.of_seed_and_round_draw_commit")
    ],
) -> None:
    """Keep the hash of the seed to draw with, while needs still come in."""
    with _round(out, store, name) as opened:
        opened.commit(name, seed_hash)


@command(season)
def seal(out: Output, store: Store, name: Name) -> None:
    """Close the list of needs, and tell the commitment to it, to be published."""
    made = _open(store).seal(name)
    out.document(made.to_dict())
    out.text(
        out.say("cli.hash_of_needs", hash=made.needs),
        out.say("cli.commitment", hash=made),
    )


@command(season, "draw")
def draw_(
    out: Output,
    store: Store,
    name: Name,
    *,
    seed: Annotated[str, typer.Option(metavar="TEXT", help="help.as_committed_to")],
    out_path: OutPath = None,
) -> None:
    """Make the draft by lots, with the seed that was committed to."""
    from sharematch import io
    from sharematch.cli.views import show_result
    from sharematch.io.native import atomic

    if out_path is not None:
        atomic.check_target(out_path, ".json")
    opened = _open(store)
    with out.progress() as report:
        drawn = opened.draw(name, seed=seed, on_progress=report)
    if out_path is not None:
        io.write_result(drawn.result, out_path)
        out.note(out.say("cli.written", path=out_path))
    out.document(drawn.result.to_dict())
    out.text(out.say("cli.commitment", hash=drawn.commitment))
    show_result(out, drawn.result)
    raise typer.Exit(EXIT_CODES[drawn.result.status.value])


@command(season)
def decide(
    out: Output,
    store: Store,
    name: Name,
    decisions: Annotated[
        Path, typer.Argument(metavar="FILE", help="help.csv_need_slot_status_quantity")
    ],
) -> None:
    """Hand in what hosts and residents say to the draft."""
    from sharematch import io

    with _round(out, store, name) as opened:
        opened.decide(name, io.read_answers(decisions))


@command(season)
def finalize(out: Output, store: Store, name: Name) -> None:
    """Make the newest plan final."""
    with _round(out, store, name) as opened:
        opened.finalize(name)


@command(season)
def usage(
    out: Output,
    store: Store,
    name: Name,
    used: Annotated[
        Path, typer.Argument(metavar="FILE", help="help.csv_need_slot_used")
    ],
) -> None:
    """Hand in how many units were really used."""
    from sharematch import io

    with _round(out, store, name) as opened:
        opened.usage(name, io.read_usage(used))


@command(season)
def close(out: Output, store: Store, name: Name) -> None:
    """End a round: what everybody asked for, got and used goes into the ledger."""
    with _round(out, store, name) as opened:
        opened.close(name)


@command(season)
def status(out: Output, store: Store) -> None:
    """Show how each round stands, and what may be done next."""
    rounds = _open(store).rounds()
    out.document({"rounds": [asdict(round_) for round_ in rounds]})
    rows = [
        (
            r.name,
            out.say(f"state.{r.state}"),
            out.say(f"audit.{r.status}") if r.status else "",
            r.served,
            r.demand,
            out.say("list.items").join(r.possible),
        )
        for r in rounds
    ]
    out.table(("round", "state", "status", "served", "demand", "possible"), rows)


@command(season)
def log(
    out: Output,
    store: Store,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ROUND]", help="help.the_rounds_name_else_all"),
    ] = None,
) -> None:
    """Show what was done, of one round or of all."""
    entries = _open(store).log(name)
    out.document({"log": [asdict(entry) for entry in entries]})
    rows = [
        (
            e.position,
            e.at[:19],
            e.round,
            e.action,
            out.say(f"state.{e.state}"),
            e.hash[7:19],
        )
        for e in entries
    ]
    out.table(("position", "at", "round", "action", "state", "hash"), rows)


@command(season)
def audit(
    out: Output,
    store: Store,
    *,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="help.of_an_entry_as_once_written"),
    ] = None,
) -> None:
    """Compute all hashes, states and plans again: a changed past shows."""
    opened = _open(store)
    findings = opened.audit(head)
    entries = opened.log()
    newest = entries[-1].hash if entries else ""
    rows = [{"code": f.code, "message": f.message} for f in findings]
    out.document({"valid": not findings, "findings": rows, "head": newest})
    if findings:
        for finding in findings:
            out.finding(str(finding))
        raise typer.Exit(NOT_VALID)
    out.text(out.say("cli.log_holds", n=len(entries), hash=newest or "-"))


@command(season)
def export(
    out: Output,
    store: Store,
    name: Name,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="help.a_folder_to_make")
    ],
) -> None:
    """Write a round's instance, policy, newest plan, and what hosts are to be asked."""
    from sharematch import io
    from sharematch.io.native.atomic import new_folder
    from sharematch.io.native.encodings import write_table_text
    from sharematch.io.native.plans import questions_text
    from sharematch.season import questions

    opened = _open(store)
    town, policy = opened.instance(name), opened.policy(name)
    plan = opened.result(name)
    asked = questions(town, plan.allocation, opened.answers(name))
    if folder.exists():
        raise InputError(
            [Problem("file.is_there_already", str(folder), hint="file.a_new_folder")]
        )
    with new_folder(folder) as place:
        io.write_instance(town, place / "instance.json")
        io.write_policy(policy, place / "policy.toml")
        io.write_result(plan, place / "result.json")
        write_table_text(place / "questions.csv", questions_text(town, asked))
    out.document({"written": str(folder)})
    out.text(out.say("cli.written", path=folder))


@command(season, "carry")
def carry_(
    out: Output,
    store: Store,
    name: Name,
    instance: InstancePath,
    *,
    weeks: Annotated[int, typer.Option(help="help.weeks_from_then_to_now")] = 52,
    assignments: Annotated[
        Path | None, typer.Option(metavar="FILE", help="help.write_the_plan_as_csv")
    ] = None,
) -> None:
    """Carry a round's plan to new records, as a baseline: same place, day and time."""
    from sharematch import io
    from sharematch.io.native import atomic, plans
    from sharematch.io.native.encodings import write_table_text
    from sharematch.season import carry

    if assignments is not None:
        atomic.check_target(assignments, ".csv")
    opened, town = _open(store), io.read_instance(instance)
    plan, earlier = opened.result(name), opened.instance(name)
    carried = carry(plan, weeks, instance=town, earlier=earlier)
    if assignments is not None:
        text = plans.assignments_text(town, carried.plan)
        write_table_text(assignments, text)
        out.note(out.say("cli.written", path=assignments))
    missing = [
        {**m.assignment.to_dict(), "code": m.code, "reason": out.told(m.reason)}
        for m in carried.missing
    ]
    out.document({"assignments": carried.plan.to_rows(), "missing": missing})
    out.text(out.say("cli.carried", n=len(carried.plan), total=len(plan.allocation)))
    if missing:
        from sharematch.core.columns.encoding import encode
        from sharematch.core.columns.labels import labels

        label = labels(encode(earlier))
        names = ("need", "slot", "start", "reason")
        rows = [[label(key, str(row.get(key, ""))) for key in names] for row in missing]
        out.table(names, rows)


@command(app)
def simulate(
    out: Output,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    rounds: Annotated[int, typer.Option(min=1, help="help.how_many")] = 20,
    window: Window = None,
    decay: Decay = "1",
    cap: Cap = None,
    newcomers: Newcomers = "none",
    seed: Annotated[int, typer.Option(min=0, help="help.demand_follows_from_it")] = 0,
) -> None:
    """Play many rounds of drawn demand, with a ledger and without."""
    from sharematch import io
    from sharematch import season as seasons
    from sharematch.core.columns.encoding import encode
    from sharematch.core.columns.labels import labels

    town = io.read_instance(instance)
    label = labels(encode(town))
    played = seasons.simulate(
        town,
        read_policy(policy),
        rounds=rounds,
        seed=seed,
        rule=_rule(window, decay, cap, newcomers, "served"),
    )
    out.document(played.to_dict())
    rows = [
        (
            label("community", name),
            percent(rates[-1], 1),
            percent(played.without[name][-1], 1),
        )
        for name, rates in sorted(played.with_ledger.items())
    ]
    out.table(("id", "with_ledger", "without_ledger"), rows)
    spreads = {
        "ledger": percent(played.spread(ledger=True), 1),
        "without": percent(played.spread(ledger=False), 1),
    }
    out.text("", out.say("cli.spread", n=rounds, **spreads))
