"""What people read: register, report."""

from pathlib import Path
from typing import Annotated

import typer

from sharematch.cli.app import (
    InstancePath,
    ResultPath,
    SuppressBelow,
    app,
    command,
)
from sharematch.cli.output import Output

__all__: list[str] = []


@command(app)
def register(out: Output, instance: InstancePath) -> None:
    """Show the resource archive: what each community has, lacks, and on which terms."""
    from sharematch import io
    from sharematch.analysis.inventory.registering import register

    found = register(io.read_instance(instance))
    out.document(found.to_dict())
    out.text(found.text(out.lang))


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
    suppress_below: SuppressBelow = 0,
) -> None:
    """Write a result as one HTML page: who is served, lending, gains, proof, tables."""
    from sharematch import io
    from sharematch.cli.standards import sentence
    from sharematch.io.native import atomic
    from sharematch.report import write_report

    atomic.check_target(out_path, ".html", ".htm")
    town = io.read_instance(instance)
    found = io.read_result(result, town)
    notes: tuple[io.Note, ...] = ()
    if calendars is not None:
        notes = io.write_calendars(town, found.allocation, calendars)
    write_report(town, found, out_path, lang=out.lang, suppress_below=suppress_below)
    out.document({"written": str(out_path)})
    out.text(out.say("cli.written", path=out_path))
    if calendars is not None:
        out.text(out.say("cli.written", path=calendars))
        for note in notes:
            out.note(sentence(out, note))
