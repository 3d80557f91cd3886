"""Other standards: convert."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharematch.cli.app import Command, Json, Language, Quiet, app
from sharematch.cli.output import Output
from sharematch.cli.words import Lang

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharematch.io.carry import Note, Reading
    from sharematch.model.instance import Instance

__all__: list[str] = []


class Format(StrEnum):
    """The formats that can be converted; not all in both directions."""

    CSV = "csv"
    GEOJSON = "geojson"
    JSON = "json"
    PARQUET = "parquet"
    TOML = "toml"


@app.command(cls=Command)
def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM")],
    target: Annotated[Path, typer.Argument(metavar="TO")],
    *,
    source_format: Annotated[
        Format | None,
        typer.Option("--from", help="Format of FROM; else told by its name."),
    ] = None,
    target_format: Annotated[
        Format | None,
        typer.Option("--to", help="Format of TO; else told by its name."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Read a file or folder of one format, write it in another, say what got lost."""
    out = Output(lang, as_json=as_json, quiet=quiet)
    reading = _read(source, source_format or _format_of(source))
    written = _write(reading.instance, target, target_format or _format_of(target))
    notes = [*reading.notes, *written]
    out.document(
        {"written": str(target), "notes": [asdict(note) for note in notes]},
    )
    out.text(out.word("written", target))
    for note in notes:
        out.note(_sentence(out, note))


def _format_of(path: Path) -> Format:
    """Return the format that a name, or what stands in a folder, tells."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in ("json", "toml", "geojson"):
        return Format(suffix)
    return Format.CSV


def _read(path: Path, kind: Format) -> "Reading":
    from sharematch import io

    if kind is Format.GEOJSON:
        return io.read_geojson(path)
    return io.Reading(io.read_instance(path), ())


def _write(instance: "Instance", path: Path, kind: Format) -> "Sequence[Note]":
    from sharematch import io

    match kind:
        case Format.GEOJSON:
            return io.write_geojson(instance, path)
        case Format.PARQUET:
            io.write_parquet(instance, path)
        case _:
            io.write_instance(instance, path)
    return ()


def _sentence(out: Output, note: "Note") -> str:
    """Return a note as a line for people."""
    record = out.word(note.record)
    what = " ".join(filter(None, (record, out.word(note.field))))
    detail = f": {note.detail}" if note.detail else ""
    lead = out.word(f"note_{note.code}")
    return f"{lead}: {what} × {note.count:,}{detail} ({note.example})"
