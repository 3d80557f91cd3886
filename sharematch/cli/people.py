"""What people read: register, report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharematch.cli.app import (
    InstancePath,
    ResultPath,
    SuppressBelow,
    app,
    command,
)
from sharematch.cli.output import Output
from sharematch.cli.pages import (
    Issued,
    Issuer,
    Outlines,
    check_together,
    day_of_issue,
    read_rings,
)
from sharematch.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sharematch.plans.repeating import DayOff, NotHeld, Repeated

__all__: list[str] = []


@command(app)
def register(out: Output, instance: InstancePath) -> None:
    """Show the resource archive: what each community has, lacks, and on which terms."""
    from sharematch import io
    from sharematch.analysis.inventory.registering import register

    archive = register(io.read_instance(instance))
    out.document(archive.to_dict())
    out.text(archive.text(out.lang))


@command(app)
def report(
    out: Output,
    instance: InstancePath,
    result: ResultPath,
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="help.where_the_page_goes")
    ],
    calendars: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="help.calendars_of_the_plan"),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="help.the_plan_holds_every_week_until"),
    ] = None,
    first: Annotated[
        str | None, typer.Option(metavar="DAY", help="help.from_this_day_on_else_the")
    ] = None,
    except_: Annotated[
        list[str] | None,
        typer.Option(
            "--except", metavar="DAY|DAY/DAY|FILE", help="help.days_off_of_a_season"
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="NAME", help="help.such_as_asia_shanghai")
    ] = None,
    suppress_below: SuppressBelow = 0,
    issuer: Issuer = "",
    issued: Issued = None,
    outlines: Outlines = None,
) -> None:
    """Write a result as one HTML page: who is served, lending, gains, proof, tables."""
    from sharematch import io
    from sharematch.cli.standards import sentence
    from sharematch.io.native import atomic
    from sharematch.plans.repeating import repeat
    from sharematch.report import write_report

    atomic.check_target(out_path, ".html", ".htm")
    check_together(
        {"--calendars": calendars, "--last": last},
        {"--last": last, "--first": first},
        {"--last": last, "--except": except_},
        {"--last": last, "--zone": zone},
    )
    day = day_of_issue(issued, issuer)
    town = io.read_instance(instance)
    solved = io.read_result(result, town)
    rings = read_rings(outlines, town)
    season = None
    if last is not None:
        off = [day for text in except_ or () for day in _days_off(text)]
        season = repeat(
            solved.allocation, last, first=first, off=off, zone=zone, instance=town
        )
    notes: tuple[io.Note, ...] = ()
    if calendars is not None:
        notes = io.write_calendars(town, solved.allocation, calendars, season=season)
    write_report(
        town,
        solved,
        out_path,
        lang=out.lang,
        suppress_below=suppress_below,
        issuer=issuer,
        issued=day,
        outlines=rings,
    )
    document: dict[str, object] = {"written": str(out_path)}
    out.text(out.say("cli.written", path=out_path))
    if calendars is not None:
        document["calendars"] = str(calendars)
        out.text(out.say("cli.written", path=calendars))
        for note in notes:
            out.note(sentence(out, note))
    if season is not None:
        document["season"] = _season(out, season)
    out.document(document)


def _days_off(text: str) -> "tuple[DayOff, ...]":
    """Return days off: a day, two of them, or a table."""
    from sharematch import io
    from sharematch.io.native.days_off import days_between, is_table
    from sharematch.plans.repeating import DayOff

    if is_table(text):
        return io.read_days_off(text)
    try:
        return (DayOff(*days_between(text)),)
    except ValueError as error:
        problem = Problem(error.args[0], field="--except", value=text[:60])
        raise InputError([problem]) from None


def _season(out: Output, season: "Repeated") -> dict[str, object]:
    """Print how many bookings a season holds, and what falls out; return it as data."""
    from sharematch.io.ical.plans import NOT_HELD
    from sharematch.model.canonical import time_text

    held, missing = season.bookings, season.missing
    span = {"first": season.first, "last": season.last}
    out.text(out.say("cli.season", n=season.weeks, held=len(held), **span))
    if missing:
        out.text(out.say("cli.not_held", n=len(missing), table=NOT_HELD))
        rows = [(days, out.told(reason), n) for days, reason, n in _runs(missing)]
        out.table(("days_off", "reason", "bookings"), rows)
    return {
        **{name: str(day) for name, day in span.items()},
        "weeks": season.weeks,
        "bookings": len(held),
        "not_held": [
            {
                "need": fallen.booking.need,
                "facility": fallen.booking.facility,
                "quantity": fallen.booking.quantity,
                "start": time_text(fallen.booking.start),
                "end": time_text(fallen.booking.end),
                "code": fallen.code,
                "reason": out.told(fallen.reason),
            }
            for fallen in missing
        ],
    }


def _runs(missing: "Sequence[NotHeld]") -> list[tuple[str, str, int]]:
    """Return what falls out for one reason, within a week from one to the next."""
    runs: list[tuple[date, date, str, int]] = []
    for fallen in missing:
        day = fallen.booking.start.date()
        first, last, reason, n = runs[-1] if runs else (day, day, "", 0)
        if reason == fallen.reason and (day - last).days <= 7:
            runs[-1] = first, day, reason, n + 1
        else:
            runs.append((day, day, fallen.reason, 1))
    return [
        (str(first) if first == last else f"{first}/{last}", reason, n)
        for first, last, reason, n in runs
    ]
