"""A lottery that anyone can replay: draw."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.cli.app import (
    EXIT_CODES,
    NOT_VALID,
    InstancePath,
    OutPath,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output
from sharematch.errors import InputError
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.model.policy import Policy
    from sharematch.season import Commitment, Draw

__all__: list[str] = []


@command(app)
def draw(
    out: Output,
    instance: InstancePath,
    *,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.its_goals_come_first_else_lots"),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="TEXT", help="help.one_line_of_text")
    ] = None,
    round_: Annotated[
        str | None,
        typer.Option("--round", metavar="TEXT", help="help.which_draw_this_is"),
    ] = None,
    commit: Annotated[
        bool,
        typer.Option("--commit", help="help.draw_nothing_tell_what_to_publish"),
    ] = False,
    commitment: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help="help.refuse_another_seed_round_or_list",
        ),
    ] = None,
    out_path: OutPath = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.replay_the_draw_of_a_results"),
    ] = None,
    chances: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="help.show_chances_from_n_replays"),
    ] = None,
) -> None:
    """Draw lots by a seed told beforehand; without a policy, lots decide alone."""
    from sharematch import io, season
    from sharematch.cli.views import show_result
    from sharematch.io.native import atomic

    if out_path is not None:
        atomic.check_target(out_path, ".json")
    town = io.read_instance(instance)
    wanted = None if policy is None else read_policy(policy)
    if check is not None:
        wanted, seed, round_ = _told(check, wanted, seed, round_)
    if seed is None:
        raise typer.BadParameter(Text("option.is_needed"), param_hint="--seed")
    if commit:
        ids = [need.id for need in town.needs]
        _tell_commitment(out, season.commitment(seed, round_ or "", ids), out_path)
        return
    with out.progress() as report:
        drawn = season.draw(
            town,
            wanted,
            seed=seed,
            round=round_ or "",
            committed=None if commitment is None else _committed(commitment),
            on_progress=report,
        )
    if check is not None:
        _compare(out, drawn, check)
    if out_path is not None:
        io.write_result(drawn.result, out_path)
        out.note(out.say("cli.written", path=out_path))
    known = () if chances is None else season.chances(town, wanted, draws=chances)
    out.document(
        {
            "commitment": drawn.commitment.hash,
            "numbers": drawn.numbers,
            "chances": [
                {"need": c.need, "share": float(c.share), "error": c.error}
                for c in known
            ],
            "result": drawn.result.to_dict(),
        }
    )
    out.text(out.say("cli.commitment", hash=drawn.commitment))
    show_result(out, drawn.result)
    out.text("")
    served = {row["id"]: row["served"] for row in _by_need(drawn)}
    from sharematch.core.columns.labels import labels

    label = labels(drawn.result.columns)
    rows = [
        (number[:16], label("need", need), served.get(need, 0))
        for need, number in drawn.numbers.items()
    ]
    out.table(("number", "need", "served"), rows)
    if known:
        out.text("")
        shown = [
            (label("need", c.need), f"{float(c.share):.3f}", f"{c.error:.3f}")
            for c in known
        ]
        out.table(("need", "share", "error_of"), shown)
    raise typer.Exit(EXIT_CODES[drawn.result.status.value])


def _tell_commitment(out: Output, made: "Commitment", path: Path | None) -> None:
    """Print what is to be published before a draw, and write it to a file."""
    from sharematch.io.native import atomic, documents

    if path is not None:
        atomic.write_text(path, documents.json_text(made.to_dict()))
        out.note(out.say("cli.written", path=path))
    out.document(made.to_dict())
    out.text(
        out.say("cli.hash_of_seed", hash=made.seed),
        out.say("cli.hash_of_needs", hash=made.needs),
        out.say("cli.commitment", hash=made),
    )


def _committed(told: str) -> "Commitment | str":
    """Return the commitment of a file, or the hash that is told itself."""
    from sharematch.io.native import documents
    from sharematch.season import Commitment

    if told.startswith("sha256:"):
        return told
    return Commitment.from_dict(documents.read(Path(told)))


def _by_need(drawn: "Draw") -> Any:
    result = drawn.result
    return result.by("need") if result.status.has_plan else ()


def _told(
    path: Path, policy: "Policy | None", seed: str | None, round_: str | None
) -> tuple["Policy", str, str]:
    """Return what a draw's file says it was drawn with, unless it was said here."""
    from sharematch import io

    drawn = io.read_result(path)
    told = drawn.provenance.get("draw")
    if not isinstance(told, dict):
        raise InputError("draw.is_not_the_result_of_a", record=str(path))
    return (
        drawn.policy if policy is None else policy,
        str(told.get("seed", "")) if seed is None else seed,
        str(told.get("round", "")) if round_ is None else round_,
    )


def _compare(out: Output, drawn: "Draw", path: Path) -> None:
    """Say whether a replay equals a file byte for byte; exit 1 if it does not."""
    from sharematch.io.native import documents

    replayed = documents.json_text(drawn.result.to_dict())
    stored = documents.read_text(path)
    if replayed == stored:
        out.note(out.say("cli.same_draw"))
        return
    lines = zip(f"{replayed}\n".split("\n"), f"{stored}\n".split("\n"), strict=False)
    line = next((i for i, (a, b) in enumerate(lines, 1) if a != b), 1)
    typer.echo(out.say("cli.other_draw", line=line), err=True)
    raise typer.Exit(NOT_VALID)
