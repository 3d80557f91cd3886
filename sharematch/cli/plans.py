"""One plan: demo, validate, solve, verify; and what it is made from."""

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.cli.app import (
    EXIT_CODES,
    NOT_VALID,
    Command,
    InstancePath,
    Json,
    Language,
    PolicyPath,
    Quiet,
    ReportPath,
    ResultPath,
    Seed,
    SuppressBelow,
    app,
    read_policy,
)
from sharematch.cli.output import Output, error_document
from sharematch.cli.words import Lang
from sharematch.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharematch.result import Result

__all__: list[str] = []

INTERRUPTED = 130


@app.command(cls=Command)
def demo(
    report: ReportPath = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Solve the built-in old town: who gets what, what sharing and fairness change."""
    from sharematch import engine, scenario
    from sharematch.io import atomic

    out = Output(lang, as_json=as_json, quiet=quiet)
    if report is not None:
        atomic.check_target(report)
    story = scenario.tell()
    out.document(story.to_dict())
    out.text(story.text(lang))
    if report is not None:
        from sharematch.report import write_report

        town = scenario.old_town()
        write_report(town, engine.solve(town), report, lang=lang)
        out.note(out.word("written", report))


@app.command(cls=Command)
def validate(
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Check an instance, and a policy: all errors, counts, and what looks odd."""
    from sharematch import io
    from sharematch.checkup import check_up
    from sharematch.cli.views import show_checkup

    out = Output(lang, as_json=as_json, quiet=quiet)
    problems: list[Any] = []
    loaded: list[Any] = []
    for read in (lambda: io.read_instance(instance), lambda: read_policy(policy)):
        try:
            loaded.append(read())
        except InputError as error:
            problems += error.problems
    if problems:
        failure = InputError(problems)
        out.document({"valid": False, **error_document(failure)})
        out.error(failure)
        raise typer.Exit(NOT_VALID)
    checkup = check_up(*loaded)
    out.document({"valid": True, **checkup.to_dict()})
    show_checkup(out, checkup)
    for warning in checkup.warnings:
        out.warn(str(warning))


@app.command(cls=Command)
def solve(
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    out_path: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the result.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop after so long.")
    ] = None,
    seed: Seed = 0,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An earlier result, for the measure moved."),
    ] = None,
    assignments: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plan as CSV.")
    ] = None,
    report: ReportPath = None,
    suppress_below: SuppressBelow = 0,
    timings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write seconds by phase, JSON.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Decide who gets what under a policy, and prove it."""
    from sharematch import engine, io
    from sharematch.cli.views import show_result
    from sharematch.io import atomic, plans
    from sharematch.report import require_jinja, write_report

    if time_limit is not None and not 0 < time_limit < math.inf:
        raise typer.BadParameter("must be above 0", param_hint="--time-limit")
    out = Output(lang, as_json=as_json, quiet=quiet)
    written = _targets(out_path, assignments, report, timings)
    if report is not None:
        require_jinja()
    town = io.read_instance(instance)
    with out.progress() as tell:
        result = engine.solve(
            town,
            read_policy(policy),
            time_limit=time_limit,
            seed=seed,
            baseline=None if baseline is None else io.read_result(baseline),
            on_progress=tell,
        )
    writers: dict[Path | None, Callable[[Path], None]] = {
        out_path: lambda path: io.write_result(result, path),
        assignments: lambda path: atomic.write_text(
            path, plans.assignments_text(town, result.allocation)
        ),
        report: lambda path: write_report(
            town, result, path, lang=lang, suppress_below=suppress_below
        ),
        timings: lambda path: atomic.write_text(path, _timings_text(result)),
    }
    for path in written:
        writers[path](path)
    out.document(result.to_dict())
    show_result(out, result)
    for warning in result.warnings:
        out.warn(warning)
    for path in written:
        out.note(out.word("written", path))
    raise typer.Exit(_exit_code(out, result))


def _targets(*paths: Path | None) -> list[Path]:
    """Return the paths that are given; refuse one that cannot be written."""
    from sharematch.io import atomic

    given = [path for path in paths if path is not None]
    for path in given:
        atomic.check_target(path)
    return given


def _timings_text(result: "Result") -> str:
    return f"{json.dumps({'seconds': dict(result.timings)}, indent=1)}\n"


def _exit_code(out: Output, result: "Result") -> int:
    if out.was_interrupted:
        out.note(out.word("interrupted"))
        return INTERRUPTED
    return EXIT_CODES[result.status.value]


@app.command(cls=Command)
def verify(
    instance: InstancePath,
    result: ResultPath,
    *,
    policy: PolicyPath = None,
    token: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="Show the line of who holds this token."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Recompute a result from the records alone, or from what is published of them."""
    from sharematch import io
    from sharematch.claims import check_claims
    from sharematch.cli.publishing import own_line, show_line
    from sharematch.io.published import read_records

    out = Output(lang, as_json=as_json, quiet=quiet)
    town = read_records(instance)
    found = io.read_result(result, town)
    _check_policy(found, policy)
    line = None if token is None else own_line(town, found, token)
    findings = check_claims(town, found)
    out.document(
        {
            "valid": not findings,
            "status": found.status.value,
            "findings": [{"code": f.code, "message": f.message} for f in findings],
            **({} if line is None else {"own": line}),
        }
    )
    if findings:
        for finding in findings:
            text = out.say(str(finding))
            typer.echo(f"{out.word('not_valid')}: {text}", err=True)
        raise typer.Exit(NOT_VALID)
    has_plan = found.status.value in ("optimal", "feasible")
    out.text(out.word("valid_plan" if has_plan else "no_plan"))
    if line is not None:
        show_line(out, line)


def _check_policy(result: "Result", path: Path | None) -> None:
    """Refuse a policy that is not the one inside the result."""
    from sharematch import io

    if path is None:
        return
    given, held = io.policy_hash(io.read_policy(path)), io.policy_hash(result.policy)
    if given != held:
        message = f"is another policy than the result's ({given}, not {held})"
        hint = "solve anew with it"
        raise InputError([Problem(message, source=str(path), hint=hint)])


@app.command(cls=Command)
def generate(
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="PATH", help="A folder, or a .json file.")
    ],
    communities: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    needs: Annotated[int, typer.Option(min=0, help="How many.")] = 1_000,
    slots: Annotated[int, typer.Option(min=0, help="How many.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed, another district.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Write a synthetic district; the same for the same numbers and seed."""
    from sharematch import io
    from sharematch.generate import make_instance

    out = Output(lang, as_json=as_json, quiet=quiet)
    made = make_instance(communities=communities, needs=needs, slots=slots, seed=seed)
    io.write_instance(made, out_path)
    out.document({"written": str(out_path), "instance": io.instance_hash(made)})
    out.text(out.word("written", out_path))


@app.command(cls=Command)
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder to make.")],
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Make a folder with a small commented instance and policy to start from."""
    from sharematch.cli.starter import write_starter

    out = Output(lang, as_json=as_json, quiet=quiet)
    names = write_starter(folder)
    command = f"sharematch solve {folder} --policy {folder / 'policy.toml'}"
    out.document({"written": str(folder), "files": names})
    out.text(out.word("written", folder), out.word("next", command))


class SchemaKind(StrEnum):
    """The file formats that have a schema."""

    INSTANCE = "instance"
    POLICY = "policy"
    RESULT = "result"
    PUBLISHED = "published"


@app.command(cls=Command)
def schema(
    kind: Annotated[SchemaKind, typer.Argument(metavar="KIND", help="Which format.")],
    as_json: Json = False,  # noqa: ARG001 (it is JSON in any case)
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Print the JSON Schema of a file format."""
    from sharematch import io

    out = Output(lang, as_json=True, quiet=quiet)
    out.document(io.schema(kind.value))
