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
    InstancePath,
    OutPath,
    PolicyPath,
    ReportPath,
    ResultPath,
    SamePolicy,
    Seed,
    SuppressBelow,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output, error_document
from sharematch.cli.pages import (
    Issued,
    Issuer,
    Outlines,
    check_together,
    day_of_issue,
    read_rings,
)
from sharematch.errors import InputError, Problem
from sharematch.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from sharematch.model.instance import Instance
    from sharematch.plans.allocation import Allocation
    from sharematch.plans.results.result import Result

__all__: list[str] = []

INTERRUPTED = 130


@command(app)
def demo(
    out: Output,
    report: ReportPath = None,
    issuer: Issuer = "",
    issued: Issued = None,
) -> None:
    """Solve the built-in old town: who gets what, what sharing and fairness change."""
    from sharematch import scenario
    from sharematch.engine import solving as engine
    from sharematch.io.native import atomic

    day = _day_on_page(report, issuer, issued)
    if report is not None:
        from sharematch.report import require_jinja

        atomic.check_target(report, ".html", ".htm")
        require_jinja()
    story = scenario.tell()
    out.document(story.to_dict())
    out.text(story.text(out.lang, cells=out.cells if out.can_draw else 0))
    if report is not None:
        from sharematch.report import write_report

        town = scenario.old_town()
        write_report(
            town,
            engine.solve(town),
            report,
            lang=out.lang,
            issuer=issuer,
            issued=day,
        )
        out.note(out.say("cli.written", path=report))


@command(app)
def validate(out: Output, instance: InstancePath, *, policy: PolicyPath = None) -> None:
    """Check an instance, and a policy: all errors, counts, and what looks odd."""
    from sharematch import io
    from sharematch.analysis.checkup import check_up
    from sharematch.cli.views import show_checkup

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


@command(app)
def solve(
    out: Output,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    out_path: OutPath = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="help.stop_after_so_long")
    ] = None,
    effort: Annotated[
        float | None,
        typer.Option(metavar="WORK", help="help.stop_after_so_much_work_on"),
    ] = None,
    seed: Seed = 0,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.an_earlier_result_for_the_measure"),
    ] = None,
    assignments: Annotated[
        Path | None, typer.Option(metavar="FILE", help="help.write_the_plan_as_csv")
    ] = None,
    report: ReportPath = None,
    suppress_below: SuppressBelow = 0,
    issuer: Issuer = "",
    issued: Issued = None,
    outlines: Outlines = None,
    timings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.write_seconds_by_phase_json"),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="help.tell_on_stderr_how_it_is")
    ] = False,
) -> None:
    """Decide who gets what under a policy, and prove it."""
    from sharematch import io
    from sharematch.cli.views import show_result
    from sharematch.engine import solving as engine
    from sharematch.io.native import atomic, plans
    from sharematch.io.native.encodings import write_table_text
    from sharematch.report import require_jinja, write_report

    if time_limit is not None and not 0 < time_limit < math.inf:
        raise typer.BadParameter(
            Text("value.must_be_above_0"), param_hint="--time-limit"
        )
    if effort is not None and not 0 < effort < math.inf:
        raise typer.BadParameter(Text("value.must_be_above_0"), param_hint="--effort")
    day = _day_on_page(report, issuer, issued)
    check_together({"--report": report, "--outlines": outlines})
    written = _targets(
        {
            out_path: (".json",),
            assignments: (".csv",),
            report: (".html", ".htm"),
            timings: (".json",),
        }
    )
    if report is not None:
        require_jinja()
    town = io.read_instance(instance)
    rings = read_rings(outlines, town)
    with out.logging(is_on=verbose), out.progress() as tell:
        result = engine.solve(
            town,
            read_policy(policy),
            time_limit=time_limit,
            effort=effort,
            seed=seed,
            baseline=None if baseline is None else _baseline(baseline, town),
            on_progress=tell,
        )
    writers: dict[Path | None, Callable[[Path], None]] = {
        out_path: lambda path: io.write_result(result, path),
        assignments: lambda path: write_table_text(
            path, plans.assignments_text(town, result.allocation)
        ),
        report: lambda path: write_report(
            town,
            result,
            path,
            lang=out.lang,
            suppress_below=suppress_below,
            issuer=issuer,
            issued=day,
            outlines=rings,
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
        out.note(out.say("cli.written", path=path))
    raise typer.Exit(_exit_code(out, result))


def _day_on_page(report: Path | None, issuer: str, issued: str | None) -> "date | None":
    """Return the day of issue; refuse what belongs on a page where none is written."""
    check_together(
        {"--report": report, "--issuer": issuer},
        {"--report": report, "--issued": issued},
    )
    return day_of_issue(issued, issuer)


def _targets(suffixes: "Mapping[Path | None, tuple[str, ...]]") -> list[Path]:
    """Return the paths that are given; refuse one that cannot be written."""
    from sharematch.io.native import atomic

    given = [path for path in suffixes if path is not None]
    for path in given:
        atomic.check_target(path, *suffixes[path])
    return given


def _timings_text(result: "Result") -> str:
    return f"{json.dumps({'seconds': dict(result.timings)}, indent=1)}\n"


def _exit_code(out: Output, result: "Result") -> int:
    if out.was_interrupted:
        out.note(out.say("cli.interrupted"))
        return INTERRUPTED
    return EXIT_CODES[result.status.value]


def _baseline(path: Path, town: "Instance") -> "Result | Allocation":
    """Return an earlier result, or a plan as a table, such as one carried over."""
    from sharematch import io

    is_table = path.suffix.lower() == ".csv"
    return io.read_plan(path, town) if is_table else io.read_result(path)


@command(app)
def verify(
    out: Output,
    instance: InstancePath,
    result: ResultPath,
    *,
    policy: SamePolicy = None,
    token: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="help.show_the_line_of_who_holds"),
    ] = None,
) -> None:
    """Recompute a result from the records alone, or from what is published of them."""
    from sharematch import io
    from sharematch.cli.publishing import own_line, show_line
    from sharematch.cli.views import show_verdict
    from sharematch.io.publishing.files import read_records
    from sharematch.plans.auditing.judging import judge

    town = read_records(instance)
    claimed = io.read_result(result, town)
    _check_policy(claimed, policy)
    line = None if token is None else own_line(town, claimed, token)
    verdict = judge(town, claimed)
    out.document({**verdict.to_dict(), **({} if line is None else {"own": line})})
    show_verdict(out, verdict)
    if not verdict.is_valid:
        raise typer.Exit(NOT_VALID)
    if line is not None:
        show_line(out, line)


def _check_policy(result: "Result", path: Path | None) -> None:
    """Refuse a policy that is not the one inside the result."""
    from sharematch import io

    if path is None:
        return
    policy = io.read_policy(path)
    if result.baseline is not None:
        policy = policy.with_moves_in_units(result.baseline.units)
    given, held = io.policy_hash(policy), io.policy_hash(result.policy)
    if given != held:
        message = Text(
            "claim.is_another_policy_than_the_results", given=given, held=held
        )
        hint = Text("claim.solve_anew_with_it")
        raise InputError([Problem(message, source=str(path), hint=hint)])


@command(app)
def generate(
    out: Output,
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="PATH", help="help.a_folder_or_a_json_file")
    ],
    communities: Annotated[int, typer.Option(min=1, help="help.how_many")] = 10,
    needs: Annotated[int, typer.Option(min=0, help="help.how_many")] = 1_000,
    slots: Annotated[int, typer.Option(min=0, help="help.how_many")] = 200,
    seed: Annotated[int, typer.Option(help="help.another_seed_another_district")] = 0,
) -> None:
    """Write a synthetic district; the same for the same numbers and seed."""
    from sharematch import io
    from sharematch.datasets.generate import make_instance

    made = make_instance(communities=communities, needs=needs, slots=slots, seed=seed)
    io.write_instance(made, out_path)
    out.document({"written": str(out_path), "instance": io.instance_hash(made)})
    out.text(out.say("cli.written", path=out_path))


class Starter(StrEnum):
    """What there is to start from."""

    SERVICES = "services"
    HALLS = "halls"


@command(app)
def new(
    out: Output,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="help.a_folder_to_make")
    ],
    *,
    like: Annotated[
        Starter, typer.Option(help="help.services_or_halls")
    ] = Starter.SERVICES,
) -> None:
    """Make a folder with a small commented instance and policy to start from."""
    from sharematch.cli.starter import write_starter

    names = write_starter(folder, like)
    next_one = f"sharematch solve {folder} --policy {folder / 'policy.toml'}"
    out.document({"written": str(folder), "files": names})
    out.text(out.say("cli.written", path=folder), out.say("cli.next", command=next_one))


class SchemaKind(StrEnum):
    """The file formats that have a schema."""

    INSTANCE = "instance"
    POLICY = "policy"
    RESULT = "result"
    PUBLISHED = "published"


@command(app)
def schema(
    out: Output,
    kind: Annotated[
        SchemaKind, typer.Argument(metavar="KIND", help="help.which_format")
    ],
) -> None:
    """Print the JSON Schema of a file format."""
    from sharematch import io

    out.as_json = True  # whether asked for or not
    out.document(io.schema(kind.value))
