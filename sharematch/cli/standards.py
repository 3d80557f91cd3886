"""Other standards: convert."""

import re
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharematch.cli.app import app, command
from sharematch.cli.output import Output
from sharematch.errors import InputError, Problem
from sharematch.text import Text, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharematch.io.carry import Note, Reading
    from sharematch.io.openings import Cutting
    from sharematch.model.instance import Instance

__all__: list[str] = []


class Format(StrEnum):
    """The formats that can be converted; `osm` is only read."""

    CSV = "csv"
    GEOJSON = "geojson"
    HSDS = "hsds"
    ICAL = "ical"
    JSON = "json"
    OSM = "osm"
    PARQUET = "parquet"
    TOML = "toml"


SUFFIXES = {
    ".json": Format.JSON,
    ".toml": Format.TOML,
    ".geojson": Format.GEOJSON,
    ".ics": Format.ICAL,
}
WITH_HOURS = (Format.HSDS, Format.ICAL, Format.OSM)


@command(app)
def convert(
    out: Output,
    source: Annotated[
        Path, typer.Argument(metavar="FROM", help="help.a_file_or_a_folder")
    ],
    target: Annotated[Path, typer.Argument(metavar="TO", help="help.what_to_make")],
    *,
    source_format: Annotated[
        Format | None,
        typer.Option("--from", help="help.format_of_from_else_told_by"),
    ] = None,
    target_format: Annotated[
        Format | None,
        typer.Option("--to", help="help.format_of_to_else_told_by"),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="help.first_day_of_slots_hsds_ical"),
    ] = None,
    last: Annotated[
        str | None, typer.Option(metavar="DAY", help="help.last_day")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="NAME", help="help.such_as_asia_shanghai")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(help="help.length_of_slots_else_as_long")
    ] = None,
    pause: Annotated[int, typer.Option(help="help.minutes_between_slots")] = 0,
    capacity: Annotated[
        int, typer.Option(help="help.places_where_nothing_is_said")
    ] = 1,
    breaks: Annotated[
        list[str] | None,
        typer.Option(
            "--break", metavar="12:00-13:00", help="help.closed_between_these_times"
        ),
    ] = None,
    holidays: Annotated[
        list[str] | None,
        typer.Option(
            "--holiday",
            metavar="DAY",
            help="help.a_day_without_slots_may_be",
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(metavar="FI|DE-BE", help="help.for_public_holidays_osm"),
    ] = None,
    school_holidays: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY/DAY",
            help="help.school_holidays_first_and_last_or",
        ),
    ] = None,
    assume_open_end: Annotated[
        str | None,
        typer.Option(metavar="22:00", help="help.when_18_00_ends_else_not"),
    ] = None,
    assume_fee: Annotated[
        str | None,
        typer.Option(
            metavar="AMOUNT",
            help="help.what_costs_an_unknown_fee_else",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="help.refuse_the_whole_for_one_bad"),
    ] = False,
) -> None:
    """Read a file or folder of one format, write it in another, say what got lost."""
    kind, wanted = source_format or _format_of(source), target_format
    _check_name(target, wanted or _format_of(target))
    cutting = None
    if kind in WITH_HOURS:
        if first is None or last is None:
            raise typer.BadParameter(
                Text("option.needed_for", format=kind), param_hint="--first, --last"
            )
        from sharematch.io.openings import Cutting

        cutting = Cutting(
            first=_day(first, "--first"),
            last=_day(last, "--last"),
            zone=zone,
            minutes=minutes,
            pause=pause,
            capacity=capacity,
            breaks=[_break(text) for text in breaks or ()],
            holidays=frozenset(_day(text, "--holiday") for text in holidays or ()),
        )
    asked = _Asked(
        country=country,
        school_holidays=_ranges(school_holidays),
        open_end=None if assume_open_end is None else _clock(assume_open_end),
        fee=None if assume_fee is None else _amount(assume_fee),
        strict=strict,
    )
    reading = _read(source, kind, cutting, asked)
    written = _write(reading.instance, target, wanted or _format_of(target))
    notes = [*reading.notes, *written]
    document = {"written": str(target), "notes": [asdict(note) for note in notes]}
    out.document(document)
    out.text(out.say("cli.written", path=target))
    for note in notes:
        out.note(sentence(out, note))


def _format_of(path: Path) -> Format:
    """Return the format that a name tells, or what stands in a folder."""
    if path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()]
    if path.is_dir():
        names = {item.name.lower() for item in path.iterdir()}
        if names & {"datapackage.json", "services.csv", "organizations.csv"}:
            return Format.HSDS
        if any(name.endswith(".ics") for name in names):
            return Format.ICAL
    return Format.CSV


def _check_name(path: Path, kind: Format) -> None:
    """Refuse a name that promises another format than is written."""
    from sharematch.io.native.atomic import check_suffix

    suffixes = {
        Format.GEOJSON: (".geojson", ".json"),
        Format.HSDS: (".json",),
        Format.JSON: (".json",),
        Format.TOML: (".toml",),
    }.get(kind, ())
    if path.suffix.lower() in SUFFIXES and path.suffix.lower() not in suffixes:
        message = Text("file.does_not_go_with_the_format", format=kind.value)
        raise InputError([Problem(message, str(path), hint="file.leave_out_to")])
    if kind in (Format.JSON, Format.TOML):
        check_suffix(path, *suffixes)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """How places are read, where they leave something open."""

    country: str | None
    school_holidays: list[date] | None
    open_end: time | None
    fee: Decimal | None
    strict: bool


def _read(
    path: Path, kind: Format, cutting: "Cutting | None", asked: _Asked
) -> "Reading":
    from sharematch import io

    if kind is Format.GEOJSON:
        return io.read_geojson(path)
    if cutting is None:
        return io.Reading(io.read_instance(path), ())
    match kind:
        case Format.HSDS:
            return io.read_hsds(path, cutting, fee=asked.fee, strict=asked.strict)
        case Format.ICAL:
            return io.read_ical(path, cutting)
        case _:
            return io.read_osm(
                path,
                cutting,
                country=asked.country,
                open_end=asked.open_end,
                school_holidays=asked.school_holidays,
                fee=asked.fee,
            )


def _write(instance: "Instance", path: Path, kind: Format) -> "Sequence[Note]":
    from sharematch import io

    match kind:
        case Format.GEOJSON:
            return io.write_geojson(instance, path)
        case Format.HSDS:
            return io.write_hsds(instance, path)
        case Format.ICAL:
            return io.write_ical(instance, path)
        case Format.PARQUET:
            io.write_parquet(instance, path)
        case Format.OSM:
            raise typer.BadParameter(Text("option.osm_is_only_read"), param_hint="--to")
        case _:
            io.write_instance(instance, path)
    return ()


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = Text("draw.must_be_a_day_such_as")
        raise InputError([Problem(message, field=option, value=text[:40])]) from None


def _break(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    try:
        if re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", text, re.ASCII):
            return time.fromisoformat(start), time.fromisoformat(end)
    except ValueError:
        pass
    message = Text("draw.must_be_two_times_such_as")
    raise InputError([Problem(message, field="--break", value=text[:40])])


def _clock(text: str) -> time:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        return time.fromisoformat(text)
    message = Text("option.must_be_a_time_such_as")
    about = ("--assume-open-end", text[:40])
    raise InputError([Problem(message, field=about[0], value=about[1])])


def _amount(text: str) -> Decimal:
    if re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text, re.ASCII):
        return Decimal(text)
    message = Text("option.must_be_an_amount_such_as")
    raise InputError([Problem(message, field="--assume-fee", value=text[:40])])


def _ranges(texts: list[str] | None) -> list[date] | None:
    """Return the days of ranges such as 2026-03-30/2026-04-10; of "none" none."""
    option = "--school-holidays"
    if texts is None:
        return None
    days: list[date] = []
    for text in texts:
        if text == "none":
            continue
        first, _, last = text.partition("/")
        begin, end = _day(first, option), _day(last or first, option)
        if not 0 <= (end - begin).days < 3_660:
            message = Text("option.must_be_a_first_day_and")
            raise InputError([Problem(message, field=option, value=text[:40])])
        days += [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    return days


def sentence(out: Output, note: "Note") -> str:
    """Return a note as a line for people."""
    record = say(f"record.{note.record}", out.lang)
    what = " ".join(filter(None, (record, note.field)))
    values = {
        "lead": out.say(f"cli.note_{note.code}"),
        "what": what,
        "n": note.count,
        "example": note.example,
    }
    if note.detail:
        return out.say("cli.note_line_more", more=note.detail, **values)
    return out.say("cli.note_line", **values)
