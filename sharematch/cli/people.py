"""What people read: register, report."""

from pathlib import Path
from typing import Annotated

import typer

from sharematch.cli.app import (
    Command,
    InstancePath,
    Json,
    Language,
    Quiet,
    ResultPath,
    SuppressBelow,
    app,
)
from sharematch.cli.output import Output
from sharematch.cli.words import Lang

__all__: list[str] = []


@app.command(cls=Command)
def register(
    instance: InstancePath,
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Show the resource archive: what each community has, lacks, and on which terms."""
    from sharematch import io
    from sharematch.register import register

    out = Output(lang, as_json=as_json, quiet=quiet)
    found = register(io.read_instance(instance))
    out.document(found.to_dict())
    out.text(found.text(lang))


@app.command(cls=Command)
def report(
    instance: InstancePath,
    result: ResultPath,
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where the page goes.")
    ],
    suppress_below: SuppressBelow = 0,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Write a result as one HTML page: who is served, lending, gains, proof, tables."""
    from sharematch import io
    from sharematch.io import atomic
    from sharematch.report import write_report

    out = Output(lang, as_json=as_json, quiet=quiet)
    atomic.check_target(out_path)
    town = io.read_instance(instance)
    found = io.read_result(result, town)
    write_report(town, found, out_path, lang=lang, suppress_below=suppress_below)
    out.document({"written": str(out_path)})
    out.text(out.word("written", out_path))
