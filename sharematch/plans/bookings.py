"""Bookings as people read them: when, where, and in which parts of a hall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation
from sharematch.text import Text

__all__ = [
    "Booking",
    "apart_in",
    "bookings_of",
    "day_text",
    "hours_text",
    "parts_text",
    "when_text",
    "where_text",
]


@dataclass(frozen=True, slots=True)
class Booking:
    """Places of a facility for one need, for some time."""

    need: str
    slot: str
    facility: str
    quantity: int
    start: datetime
    end: datetime
    parts: tuple[str, ...] = ()
    """Names of the parts that it has, where they are named."""

    def text(self, facility: str) -> Text:
        """Return when and where it is, with what the facility is shown as.

        Examples
        --------
        >>> from sharematch.text import told
        >>> start, end = datetime(2027, 9, 7, 17, 30), datetime(2027, 9, 7, 19)
        >>> one = Booking("dance", "tue", "hall", 2, start, end, ("A", "B"))
        >>> print(one.text("School hall"))
        Tue 7 Sep 17:30–19:00, School hall, parts A and B
        >>> print(told(one.text("School hall"), "zh"))
        9月7日（周二）17:30–19:00，School hall，分区 A、B
        """
        when = when_text(self.start, self.end)
        return Text("booking_shown.at", when=when, facility=self.where(facility))

    def where(self, facility: str) -> str:
        """Return in which parts of a facility it is, with what that is shown as."""
        return where_text(facility, self.parts)


def day_text(day: date) -> Text:
    """Return a day as people read it: Tue 7 Sep."""
    weekday = Text(f"date.short_weekday_{day.weekday()}")
    month = Text(f"booking_shown.month_{day.month}")
    return Text("booking_shown.day", weekday=weekday, date=day, month=month)


def hours_text(start: datetime, end: datetime) -> Text:
    """Return from when to when by the clock: 17:30–19:00."""
    return Text("booking_shown.hours", start=start, end=end)


def when_text(start: datetime, end: datetime) -> Text:
    """Return from when to when, the day once: Tue 7 Sep 17:30–19:00."""
    hours = hours_text(start, end)
    return Text("booking_shown.when", day=day_text(start), hours=hours)


def parts_text(parts: Sequence[str]) -> Text:
    """Return parts as people read them: part A; parts A, B and C."""
    names, *others = parts
    for other in others:
        code = "booking_shown.and" if other is others[-1] else "booking_shown.comma"
        names = Text(code, one=names, other=other)
    return Text("booking_shown.parts", n=len(parts), names=names)


def where_text(facility: str, parts: Sequence[str]) -> str:
    """Return what is named, with parts of it if there are any: Hall, part A."""
    if not parts:
        return facility
    shown = parts_text(parts)
    return Text("booking_shown.where", facility=facility, parts=shown)


def bookings_of(instance: Instance, plan: Allocation) -> tuple[Booking, ...]:
    """Return the bookings of a plan, by facility and start.

    These are rows of openings, and of needs with a length in other timed slots.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="junmiao")],
    ...     facilities=[sm.Facility(id="hall", community="junmiao", parts=["A", "B"])],
    ...     slots=[
    ...         sm.Slot(
    ...             id="tue",
    ...             facility="hall",
    ...             kinds=["dance"],
    ...             capacity=2,
    ...             start="2027-09-07T17:00",
    ...             end="2027-09-07T18:30",
    ...             step=30,
    ...         )
    ...     ],
    ...     needs=[sm.Need(id="d", community="junmiao", kind="dance", minutes=90)],
    ... )
    >>> (one,) = bookings_of(town, sm.solve(town).allocation)
    >>> print(one.text("hall"))
    Tue 7 Sep 17:00–18:30, hall, part A
    """
    slots = {slot.id: slot for slot in instance.slots}
    with_length = {need.id for need in instance.needs if need.minutes is not None}
    bookings = []
    for assignment in plan:
        slot = slots[assignment.slot]
        start, end = assignment.start or slot.start, assignment.end or slot.end
        is_booking = assignment.start is not None or assignment.need in with_length
        if is_booking and start is not None and end is not None:
            where = assignment.need, assignment.slot, slot.facility
            bookings.append(
                Booking(*where, assignment.quantity, start, end, assignment.parts)
            )
    return tuple(sorted(bookings, key=lambda b: (b.facility, b.start, b.slot, b.need)))


def apart_in(instance: Instance, plan: Allocation) -> tuple[Booking, ...]:
    """Return the bookings whose parts of a hall do not lie together."""
    order = {
        f.id: {part: i for i, part in enumerate(f.parts)} for f in instance.facilities
    }
    apart = []
    for booking in bookings_of(instance, plan):
        rank = order[booking.facility]
        places = sorted(rank[part] for part in booking.parts if part in rank)
        if places and places[-1] - places[0] >= len(places):
            apart.append(booking)
    return tuple(apart)
