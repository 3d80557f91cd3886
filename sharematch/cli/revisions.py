"""A plan made anew after answers: resolve."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharematch.cli.app import (
    EXIT_CODES,
    InstancePath,
    KeptPolicy,
    MaxMoved,
    OutPath,
    Seed,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output

if TYPE_CHECKING:
    from sharematch.model.instance import Instance
    from sharematch.plans.allocation import Allocation
    from sharematch.plans.results.result import Result
    from sharematch.season import Revision
    from sharematch.season.changes import Change

__all__: list[str] = []


@command(app)
def resolve(
    out: Output,
    instance: InstancePath,
    draft: Annotated[
        Path,
        typer.Argument(metavar="RESULT", help="help.the_draft_a_results_json_or"),
    ],
    *,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.csv_need_slot_status_quantity"),
    ] = None,
    policy: KeptPolicy = None,
    max_moved: MaxMoved = None,
    seed: Seed = 0,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.001, help="help.stop_after")
    ] = None,
    out_path: OutPath = None,
    letters: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.write_a_letter_for_everybody_affected"),
    ] = None,
) -> None:
    """Make a plan anew after answers; change as little as may be."""
    from sharematch import io, season
    from sharematch.cli.views import show_result
    from sharematch.io.native import atomic

    written = [path for path in (out_path, letters) if path is not None]
    for path, suffix in ((out_path, ".json"), (letters, ".txt")):
        if path is not None:
            atomic.check_target(path, suffix)
    town = io.read_instance(instance)
    previous = _read_draft(draft, town)
    answers = () if decisions is None else io.read_answers(decisions, town)
    with out.progress() as report:
        revision = season.resolve(
            previous,
            answers,
            instance=None if _holds_records(previous) else town,
            policy=None if policy is None else read_policy(policy),
            max_moved=max_moved,
            time_limit=time_limit,
            seed=seed,
            on_progress=report,
        )
    result = revision.result
    if out_path is not None:
        io.write_result(result, out_path)
    if letters is not None:
        texts = [letter.text(out.lang.value) for letter in revision.letters]
        atomic.write_text(letters, "\n\n".join((*texts, "")))
    out.document(
        {
            "result": result.to_dict(),
            "changes": [change.to_dict() for change in revision.changes],
            "letters": [letter.to_dict() for letter in revision.letters],
            "forced": revision.forced,
        }
    )
    show_result(out, result)
    _show(out, revision)
    for warning in result.warnings:
        out.warn(warning)
    for path in written:
        out.note(out.say("cli.written", path=path))
    if out.was_interrupted:
        out.note(out.say("cli.interrupted"))
        raise typer.Exit(130)
    raise typer.Exit(EXIT_CODES[result.status.value])


def _read_draft(path: Path, town: "Instance") -> "Result | Allocation":
    """Return a plan made by hand, or a result with the records as answered so far."""
    from sharematch import io
    from sharematch.plans.results.result import as_answered

    if path.suffix.lower() == ".csv":
        return io.read_plan(path, town)
    draft = io.read_result(path)
    there = {need.id for need in town.needs} | {""}
    slots = {slot.id for slot in town.slots} | {""}
    # The instance may have changed since; answers on what is gone say nothing now.
    answers = tuple(a for a in draft.answers if a.need in there and a.slot in slots)
    now = as_answered(town, answers, draft.provenance.get("instance"))
    return replace(draft, answers=answers, instance=now)


def _holds_records(previous: "Result | Allocation") -> bool:
    return getattr(previous, "instance", None) is not None


def _show(out: Output, revision: "Revision") -> None:
    """Print what changes, and why."""
    if not revision.result.allocation and not revision.changes:
        return
    out.text("", out.say("cli.moved_of", n=revision.moved, forced=revision.forced))
    rows = [
        (
            revision.label("need", c.need),
            out.told(_place(revision, c)),
            c.before,
            c.after,
            out.say(f"cli.cause_{c.cause}"),
        )
        for c in revision.changes
    ]
    if rows:
        has_bookings = any(c.start is not None for c in revision.changes)
        place = "booking" if has_bookings else "slot"
        out.table(("need", place, "before", "after", "cause"), rows)


def _place(revision: "Revision", change: "Change") -> str:
    """Return the slot of a change; of a booking when and where it is."""
    from sharematch.plans.bookings import Booking

    records = revision.records or revision.instance
    slot = next((slot for slot in records.slots if slot.id == change.slot), None)
    is_booked = any(n.id == change.need and n.minutes for n in records.needs)
    if slot is None or not is_booked:
        return revision.label("slot", change.slot)
    start, end = change.start or slot.start, change.end or slot.end
    if start is None or end is None:
        return revision.label("slot", change.slot)
    units = max(change.before, change.after)
    about = change.need, change.slot, slot.facility, units
    booking = Booking(*about, start, end, change.parts)
    return booking.text(revision.label("facility", slot.facility))
