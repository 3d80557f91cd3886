"""What fields of one record must keep between them."""

from datetime import datetime
from decimal import Decimal

from sharematch.errors import InputError, Problem
from sharematch.model.base import RowRule
from sharematch.model.numbers import MOST_ASKED
from sharematch.text import Text

__all__ = ["FACILITY", "NEED", "PAST", "SLOT", "TRAVEL", "WINDOW"]


def _wrong(field: str, value: object, message: str, hint: str = "") -> InputError:
    """Return an error about one field; `problems_of` adds the record and its id."""
    return InputError([Problem(message, field=field, value=str(value), hint=hint)])


def _within_capacity(field: str) -> RowRule:
    def check(value: int, capacity: int) -> None:
        if value > capacity:
            message = Text("field.must_not_be_above_capacity", capacity=capacity)
            raise _wrong(field, value, message, f"{field}={capacity}")

    return RowRule((field, "capacity"), check)


def _least(min_quantity: int, quantity: int) -> None:
    if min_quantity > quantity:
        message = Text("field.must_not_be_above_quantity", quantity=quantity)
        hint = f"min_quantity={quantity}"
        raise _wrong("min_quantity", min_quantity, message, hint)


def _span(start: datetime | None, end: datetime | None) -> None:
    if start is None and end is None:
        return
    if end is None:
        assert start is not None
        raise _wrong("end", None, Text("value.is_missing"), f"end={start.isoformat()}")
    if start is None:
        raise _wrong(
            "start", None, Text("value.is_missing"), f"start={end.isoformat()}"
        )
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise _wrong("end", end, Text("field.start_and_end_must_both_have"))
    if end < start:
        raise _wrong(
            "end",
            end.isoformat(),
            Text("field.must_not_be_before_start", start=start.isoformat()),
            Text("field.swap_start_and_end"),
        )


def _asked(quantity: int, sessions: int, times: int) -> None:
    if quantity * sessions * times > MOST_ASKED:
        field, value = ("sessions", sessions) if sessions > 1 else ("times", times)
        message = Text(
            "field.times_quantity_must_not_be_beyond",
            quantity=quantity * (times if sessions > 1 else 1),
            limit=MOST_ASKED,
        )
        raise _wrong(field, value, message)


def _several(every: int | None, sessions: int) -> None:
    if every is not None and sessions == 1:
        raise _wrong(
            "every",
            every,
            Text("field.needs_sessions_above_1"),
            Text("field.leave_every_out"),
        )


def _held(min_sessions: int | None, sessions: int, every: int | None) -> None:
    if min_sessions is None:
        return
    if every is None:
        message, hint = Text("booking.needs_every"), Text("booking.every_week")
        raise _wrong("min_sessions", min_sessions, message, hint)
    if min_sessions > sessions:
        message = Text("booking.must_not_be_above_sessions", sessions=sessions)
        raise _wrong("min_sessions", min_sessions, message, f"min_sessions={sessions}")


def _apart(every: int | None, minutes: int | None) -> None:
    if every is not None and minutes is not None and every < minutes:
        message = Text("booking.would_overlap", minutes=minutes)
        raise _wrong("every", every, message, f"every={minutes}")


def _booked(minutes: int | None, times: int, per_day: int) -> None:
    if times > 1 and minutes is None:
        message, hint = Text("booking.needs_minutes"), Text("booking.add_minutes")
        raise _wrong("times", times, message, hint)
    if per_day > 1 and times == 1:
        message, hint = Text("booking.needs_times"), Text("booking.leave_per_day_out")
        raise _wrong("per_day", per_day, message, hint)


def _is_whole(minutes: int | None, min_quantity: int, whole: bool) -> None:  # noqa: FBT001 (as in the record)
    if minutes is None:
        return
    message = Text("booking.is_of_all_units")
    if whole:
        raise _wrong("whole", "true", message)
    if min_quantity:
        raise _wrong("min_quantity", min_quantity, message)


def _raster(step: int | None, start: datetime | None) -> None:
    if step is not None and start is None:
        message, hint = Text("booking.needs_a_time"), Text("booking.leave_step_out")
        raise _wrong("step", step, message, hint)


def _parts(parts: tuple[str, ...]) -> None:
    if len(set(parts)) < len(parts):
        twice = next(name for name in parts if parts.count(name) > 1)
        message, hint = Text("field.stands_there_twice"), Text("field.list_it_once")
        raise _wrong("parts", twice, message, hint)


def _once(choices: tuple[str, ...]) -> None:
    if len(set(choices)) < len(choices):
        twice = next(c for c in choices if choices.count(c) > 1)
        raise _wrong(
            "choices",
            twice,
            Text("field.stands_there_twice"),
            Text("field.list_it_once"),
        )


def _either(community: str | None, person: str | None) -> None:
    if (community is None) == (person is None):
        raise _wrong("community", community, Text("field.give_either_a_community_or_a"))


def _served(served: int, demand: int) -> None:
    if served > demand:
        message = Text("field.must_not_be_above_demand", demand=demand)
        raise _wrong("served", served, message, f"demand={served}")


def _moving(speed: Decimal | None) -> None:
    if speed is not None and speed <= 0:
        raise _wrong("speed", speed, Text("value.must_be_above_0"))


WINDOW = (RowRule(("start", "end"), _span),)
FACILITY = (RowRule(("parts",), _parts),)
SLOT = (
    RowRule(("start", "end"), _span),
    RowRule(("step", "start"), _raster),
    _within_capacity("reserve"),
    _within_capacity("min_units"),
)
NEED = (
    RowRule(("min_quantity", "quantity"), _least),
    RowRule(("quantity", "sessions", "times"), _asked),
    RowRule(("every", "sessions"), _several),
    RowRule(("min_sessions", "sessions", "every"), _held),
    RowRule(("every", "minutes"), _apart),
    RowRule(("minutes", "times", "per_day"), _booked),
    RowRule(("minutes", "min_quantity", "whole"), _is_whole),
    RowRule(("choices",), _once),
)
PAST = (
    RowRule(("community", "person"), _either),
    RowRule(("served", "demand"), _served),
)
TRAVEL = (RowRule(("speed",), _moving),)
