"""Whether decisions and parts of halls fit the openings that they are about."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sharematch.errors import Problem
from sharematch.model.frames import Frame
from sharematch.text import Text

__all__ = ["bad_parts", "bad_starts"]

_MINUTE = timedelta(minutes=1)


def bad_parts(frames: Mapping[str, Frame]) -> Iterator[Problem]:
    """Yield facilities whose parts are not as many as the places of their openings."""
    facilities, slots = frames["facilities"], frames["slots"]
    divided = facilities.rows_where("parts", bool)
    if not divided:
        return
    most: dict[str, int] = {}
    for row in slots.rows_where("step", lambda step: step is not None):
        facility = slots.value("facility", row)
        most[facility] = max(most.get(facility, 0), slots.value("capacity", row))
    for row in divided:
        id_, parts = facilities.value("id", row), facilities.value("parts", row)
        if len(parts) != most.get(id_, len(parts)):
            yield Problem(
                "booking.must_be_as_many_names",
                "facility",
                id_,
                "parts",
                ";".join(parts),
                count=most[id_],
            )


def bad_starts(frames: Mapping[str, Frame]) -> Iterator[Problem]:
    """Yield decisions whose start is missing, or none that their slot has."""
    decisions, slots = frames["decisions"], frames["slots"]
    rows = decisions.rows_where("start", lambda start: start is not None)
    openings = slots.rows_where("step", lambda step: step is not None)
    if not rows and not (openings and decisions.count):
        return
    row_of_slot = {slots.value("id", row): row for row in range(slots.count)}
    for row in range(decisions.count):
        slot = row_of_slot.get(decisions.value("slot", row))
        if slot is None:
            continue  # said by what looks for such ids
        names = ("start", "end", "step")
        start, status = (decisions.value(name, row) for name in ("start", "status"))
        begin, *raster = (slots.value(name, slot) for name in names)
        if start is not None:
            message, hint = _off(start, begin, *raster), ""
        elif raster[1] is not None and status in ("pinned", "accepted"):
            message = Text("booking.is_missing_in_an_opening")
            hint = f"start={begin.isoformat()}"
        else:
            continue
        if message:
            ends = [decisions.value(name, row) for name in ("need", "slot")]
            value = "" if start is None else start.isoformat()
            about = ("decision", " → ".join(ends), "start", value)
            yield Problem(message, *about, hint)


def _off(start: datetime, begin: Any, end: Any, step: int | None) -> str:
    """Return what is wrong with the start of a booking, "" if nothing."""
    if begin is None:
        return Text("booking.must_be_left_out")
    if (start.tzinfo is None) != (begin.tzinfo is None):
        return ""  # said of all times at once
    if step is None:
        slot_start = begin.isoformat()
        off = Text("booking.must_be_the_own", start=slot_start)
        return "" if start == begin else off
    if begin <= start < end and (start - begin) // _MINUTE % step == 0:
        return ""
    return Text("booking.is_no_start", step=step, start=begin.isoformat())
