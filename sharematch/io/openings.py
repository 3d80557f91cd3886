"""Slots from opening hours: zones, holidays, breaks, the host's own hours.

Hours are said on the clock of the place: a room open from nine is open from nine in
summer and in winter. Slots are cut by time that really passes, so a night in which the
clock is put back holds one more. Where hours come from (files of many standards) is
not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.canonical import time_text
from sharematch.model.places import Slot
from sharematch.text import Text

__all__ = [
    "Cut",
    "Cutting",
    "Offer",
    "Span",
    "clipped",
    "cut",
    "merged",
    "without",
    "zone_named",
]

Span = tuple[datetime, datetime]
"""Start and end; all naive, or all with an offset."""

MOST_DAYS = 3_660
MOST_SLOTS = 1_000_000

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How hours become slots.

    Parameters
    ----------
    first, last
        The days to make slots for, both included.
    zone
        Name of the time zone of the places, such as "Asia/Shanghai"; without one,
        times are those of the town's clock and have no zone.
    minutes
        Length of a slot; without one, each opening is one slot.
    pause
        Minutes between the end of a slot and the start of the next.
    breaks
        Times of day, from and to, at which nothing is offered.
    holidays
        Days on which nothing is offered.
    capacity
        Places in each slot where the source says nothing.

    Raises
    ------
    InputError
        For an unknown zone, more than ten years, numbers out of range.

    Examples
    --------
    >>> week = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8), minutes=60)
    >>> hall = week.span(date(2026, 3, 2), time(9), time(11, 30))
    >>> offer = Offer("hall", [hall], {"facility": "hall", "kinds": ["culture"]})
    >>> [slot.id for slot in cut([offer], week).slots]
    ['hall 2026-03-02T09:00', 'hall 2026-03-02T10:00']
    """

    first: date
    last: date
    zone: str | None = None
    minutes: int | None = None
    pause: int = 0
    breaks: Sequence[tuple[time, time]] = ()
    holidays: frozenset[date] = frozenset()
    capacity: int = 1

    def __post_init__(self) -> None:
        problems = []
        if not (self.first <= self.last and (self.last - self.first).days < MOST_DAYS):
            message = Text("opening.must_be_a_day_from_on", first=self.first)
            problems.append(Problem(message, field="last", value=str(self.last)))
        if self.first.year < 1970 or self.last.year > 2999:
            message = Text("opening.must_lie_between_1970_and_2999")
            problems.append(Problem(message, field="first", value=str(self.first)))
        if self.minutes is not None and self.minutes < 1:
            message = Text("value.must_be_at_least", low=1)
            problems.append(Problem(message, field="minutes", value=str(self.minutes)))
        if self.pause < 0:
            message = Text("value.must_not_be_negative")
            problems.append(Problem(message, field="pause", value=str(self.pause)))
        if self.zone is not None and zone_named(self.zone) is None:
            hint = Text("opening.a_name_such_as_asia_shanghai")
            message = Text("opening.is_no_time_zone_known_here")
            problems.append(Problem(message, field="zone", value=self.zone, hint=hint))
        if problems:
            raise InputError(problems)

    @property
    def horizon(self) -> Span:
        """From the start of the first day to the end of the last."""
        return self.moment(self.first), self.moment(self.last + _DAY)

    def days(self) -> Iterator[date]:
        """Yield the days, in order."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def moment(self, day: date, clock: time = time()) -> datetime:
        """Return when the clock of the place shows a time, with its offset then.

        Of a time shown twice, the first; a time the clock leaves out counts from the
        hour before it (RFC 5545, 3.3.5).
        """
        return self.local(datetime.combine(day, clock.replace(tzinfo=None)))

    def local(self, when: datetime) -> datetime:
        """Return a time as the clock of the place shows it, with its offset then.

        A time without a zone is already on that clock; without a zone of the place,
        the clock of the time itself is kept and its offset left out.
        """
        zone = zone_named(self.zone) if self.zone is not None else None
        if zone is None:
            return when.replace(tzinfo=None)
        aware = when.replace(tzinfo=zone) if when.tzinfo is None else when
        shown = aware.astimezone(UTC).astimezone(zone)
        offset = shown.utcoffset()
        assert offset is not None
        return shown.replace(tzinfo=timezone(offset), fold=0)

    def span(self, day: date, opens: time, closes: time) -> Span:
        """Return an opening of one day; closing before opening, it ends the next."""
        after = day + _DAY if closes <= opens else day
        return self.moment(day, opens), self.moment(after, closes)

    def closures(self) -> list[Span]:
        """Return holidays and breaks."""
        closed = [(self.moment(day), self.moment(day + _DAY)) for day in self.holidays]
        for day in self.days() if self.breaks else ():
            closed += [self.span(day, start, end) for start, end in self.breaks]
        return closed


@typed
def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone of a name, None if none is known by it.

    Examples
    --------
    >>> zone_named("Asia/Shanghai"), zone_named("Nowhere")
    (zoneinfo.ZoneInfo(key='Asia/Shanghai'), None)
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # no such name, a folder, a bad path
        return None


@dataclass(frozen=True)
class Offer:
    """What is offered in some openings: the other fields of their slots.

    `name` begins the ids of the slots. With `is_single`, an offer that makes one slot
    gives it the name itself. `closed` are times cut out: the host's own hours, what is
    booked already. `price` says what a slot of a length costs, else `fields` do.

    Examples
    --------
    >>> from datetime import datetime
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> Offer("hall", [morning], {"facility": "hall", "kinds": ["sport"]}).name
    'hall'
    """

    name: str
    spans: Iterable[Span]
    fields: Mapping[str, Any] = field(default_factory=dict)
    closed: Iterable[Span] = ()
    is_single: bool = False
    price: Callable[[timedelta], Decimal] | None = None

    def fee(self, length: timedelta) -> Mapping[str, Any]:
        """Return the fee of a slot of a length, if it depends on that."""
        return {} if self.price is None else {"fee": self.price(length)}


class Cut(NamedTuple):
    """Slots, and the rests of openings that were too short for one.

    Examples
    --------
    >>> from datetime import date, datetime, time
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> cutting = Cutting(first=date(2026, 12, 7), last=date(2026, 12, 7), minutes=60)
    >>> offer = Offer("hall", [morning], {"facility": "hall", "kinds": ["sport"]})
    >>> [slot.start.hour for slot in cut([offer], cutting).slots]
    [9, 10, 11]
    """

    slots: list[Slot]
    rests: list[tuple[str, Span]]


@typed
def cut(offers: Iterable[Offer], cutting: Cutting) -> Cut:
    """Return the slots of offers, in order of time within each.

    No slot overlaps another of its offer, lies outside the horizon, or in a closure.

    Raises
    ------
    InputError
        When there would be more than a million slots, or a slot is not valid.

    Examples
    --------
    >>> from datetime import date, datetime
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> cutting = Cutting(first=date(2026, 12, 7), last=date(2026, 12, 7), minutes=120)
    >>> offer = Offer("hall", [morning], {"facility": "hall", "kinds": ["sport"]})
    >>> slots, rests = cut([offer], cutting)
    >>> len(slots), [name for name, span in rests]
    (1, ['hall'])
    """
    made = Cut([], [])
    closures = cutting.closures()
    for offer in offers:
        spans = clipped(offer.spans, cutting.horizon)
        spans = without(spans, [*closures, *offer.closed])
        pieces: list[Span] = []
        for span in spans:
            end = span[0]
            for piece in _pieces(span, cutting):
                pieces.append(piece)
                end = piece[1]
                if len(made.slots) + len(pieces) > MOST_SLOTS:
                    hint = Text("opening.longer_slots_or_fewer_days")
                    message = Text(
                        "opening.would_make_more_than_slots", most=MOST_SLOTS
                    )
                    raise InputError([Problem(message, hint=hint)])
            if span[1] - end > cutting.pause * _MINUTE:
                made.rests.append((offer.name, (end, span[1])))
        is_single = offer.is_single and len(pieces) == 1
        shown = [(cutting.local(start), cutting.local(end)) for start, end in pieces]
        made.slots.extend(
            Slot(
                id=offer.name if is_single else f"{offer.name} {time_text(start)}",
                start=start,
                end=end,
                **{
                    "capacity": cutting.capacity,
                    **offer.fields,
                    **offer.fee(end - start),
                },
            )
            for start, end in shown
        )
    return made


def _pieces(span: Span, cutting: Cutting) -> Iterator[Span]:
    if cutting.minutes is None:
        yield span
        return
    start, length = span[0], cutting.minutes * _MINUTE
    while span[1] - start >= length:
        yield start, start + length
        start += length + cutting.pause * _MINUTE


@typed
def clipped(spans: Iterable[Span], horizon: Span) -> list[Span]:
    """Return what lies in the horizon, in whole minutes, merged and in order.

    Examples
    --------
    >>> from datetime import datetime
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> [(start.hour, end.hour) for start, end in clipped([morning], noon)]
    [(11, 12)]
    """
    return merged(
        (_minute(max(start, horizon[0]), up=True), _minute(min(end, horizon[1])))
        for start, end in spans
    )


def _minute(when: datetime, *, up: bool = False) -> datetime:
    whole = when.replace(second=0, microsecond=0)
    return whole + _MINUTE if up and whole < when else whole


@typed
def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as spans in order that neither overlap nor touch.

    Examples
    --------
    >>> from datetime import datetime
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> [(start.hour, end.hour) for start, end in merged([noon, morning])]
    [(9, 13)]
    """
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


@typed
def without(spans: Sequence[Span], closed: Iterable[Span]) -> list[Span]:
    """Return the time of spans, in order and apart, that is in no closure.

    Examples
    --------
    >>> from datetime import datetime
    >>> morning = (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    >>> noon = (datetime(2026, 12, 7, 11), datetime(2026, 12, 7, 13))
    >>> [(start.hour, end.hour) for start, end in without([morning], [noon])]
    [(9, 11)]
    """
    closures = merged(closed)
    open_spans: list[Span] = []
    first = 0
    for start, end in spans:
        while first < len(closures) and closures[first][1] <= start:
            first += 1
        position = first
        begin = start
        while position < len(closures) and closures[position][0] < end:
            if closures[position][0] > begin:
                open_spans.append((begin, closures[position][0]))
            begin = max(begin, closures[position][1])
            position += 1
        if begin < end:
            open_spans.append((begin, end))
    return open_spans
