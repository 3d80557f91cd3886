"""The events of a calendar, as openings and busy times."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sharematch.errors import Problem
from sharematch.io.carry import Ledger, in_one_line, plain_kind
from sharematch.io.ical.series import Occurrence, Series, is_cancelled, newest
from sharematch.io.ical.times import PROPERTIES, Times
from sharematch.io.openings import Span, merged, without
from sharematch.text import Text

__all__ = ["CAPACITY", "NAME", "Events", "Opening", "name_of", "text_of"]

CAPACITY = "X-SHAREMATCH-CAPACITY"
"""The property in which openings written by this library carry their places."""

NAME = "X-SHAREMATCH-NAME"
"""The property that names a part of a calendar, all of which are parsed as events."""

_READ = PROPERTIES | {
    *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "CLASS"),
    *("TRANSP", "STATUS", "CATEGORIES", "PRIORITY", "BUSYTYPE"),
    *(CAPACITY, NAME),
}
_FOLLOWED = ("VEVENT", "VFREEBUSY", "VAVAILABILITY", "VTIMEZONE")
_ANSWERS = ("COUNTER", "DECLINECOUNTER", "REFRESH", "REPLY")
"""Methods of what somebody else proposes or asks."""


@dataclass(frozen=True)
class Opening:
    """Time that is offered; with `is_own` one that this library has written."""

    spans: tuple[Span, ...]
    kinds: tuple[str, ...]
    capacity: int | None
    name: str
    is_own: bool = False


def text_of(component: Any, name: str) -> str:
    """Return a property as text in one line, of several the first."""
    value = component.get(name, "")
    value = value[0] if isinstance(value, list) and value else value
    return in_one_line(str(value)).strip()


def name_of(component: Any) -> str:
    """Return what a part of a calendar is, such as VEVENT."""
    return text_of(component, NAME)


@dataclass
class Events:
    """Reads the events of one calendar into openings and busy times."""

    name: str
    times: Times
    kind: str
    ledger: Ledger
    openings: list[Opening] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, calendar: Any) -> None:
        """Read all events; those that cannot be followed are told."""
        method = text_of(calendar, "METHOD").upper()
        if method == "CANCEL":
            self.ledger.lost(
                "calendar", "METHOD", self.name, Text("ical.is_a_cancellation")
            )
            return
        parts: dict[str, list[Any]] = defaultdict(list)
        for component in calendar.subcomponents:
            parts[name_of(component)].append(component)
            if name_of(component) not in _FOLLOWED:
                self.ledger.lost("calendar", name_of(component)[:20], self.name)
        for component in parts["VFREEBUSY"]:
            self._free_busy(component)
        for group in _by_uid(parts["VEVENT"]):
            self.openings += self._series(group, _is_busy)
        self._add_available(parts["VAVAILABILITY"])
        if method in _ANSWERS and self.openings:
            self.ledger.lost(
                "calendar", "METHOD", self.name, Text("ical.proposes_or_asks")
            )
            self.openings = []

    def _series(
        self, events: list[Any], is_busy: Callable[[Any], bool]
    ) -> Iterator[Opening]:
        """Yield the openings of the events of one UID; add its busy times."""
        label = _label(events[0])
        free: dict[int, tuple[Any, list[Span]]] = {}
        for occurrence in self._occurrences(events, label, is_busy):
            event = occurrence.event
            spans = [span for span in occurrence.spans if self._is_asked_for(span)]
            if is_busy(event):
                self.busy += spans
            elif spans and occurrence.doubt:
                self.ledger.lost("event", "", label, occurrence.doubt)
            elif spans:
                free.setdefault(id(event), (event, []))[1].extend(spans)
        for event, spans in free.values():
            yield self._opening(event, label, spans)

    def _occurrences(
        self, events: list[Any], label: str, is_busy: Callable[[Any], bool]
    ) -> list[Occurrence]:
        """Return when events take place; what cannot be followed is told."""
        for event in events:
            self._tell_rest(event, label)

        def tell(field: str, detail: str) -> None:
            self.ledger.lost("event", field, label, detail)

        try:
            return [*Series(events, self.times, is_busy, tell).occurrences()]
        except (ValueError, OverflowError) as error:
            if any(map(is_busy, events)):
                about = ("event", label[:60])
                self.problems.append(Problem(str(error), *about, source=self.name))
            else:
                self.ledger.lost("event", "", label, str(error)[:120])
        return []

    def _opening(self, event: Any, label: str, spans: Iterable[Span]) -> Opening:
        capacity = text_of(event, CAPACITY)
        is_own = re.fullmatch(r"\d{1,13}", capacity, re.ASCII) is not None
        number = int(capacity) if is_own else None
        return Opening(tuple(spans), self._kinds(event, label), number, label, is_own)

    def _is_asked_for(self, span: Span) -> bool:
        low, high = self.times.cutting.horizon
        return span[0] < high and low < span[1]

    def _tell_rest(self, event: Any, label: str) -> None:
        """Note what an event says beside when it is and of what kind."""
        for name in event:
            if str(name).upper() not in _READ:
                self.ledger.lost("event", str(name)[:40], label)
        for part in event.subcomponents:
            if name_of(part) != "AVAILABLE":
                self.ledger.lost("event", name_of(part)[:40], label)

    def _kinds(self, event: Any, label: str) -> tuple[str, ...]:
        """Return the CATEGORIES of an event as kinds."""
        lists = event.get("CATEGORIES", ())
        kinds: set[str] = set()
        for part in lists if isinstance(lists, list) else [lists]:
            named = map(plain_kind, map(str, getattr(part, "cats", ())))
            kinds.update(filter(None, named))
        if not kinds:
            self.ledger.assumed("slot", "kinds", label, self.kind)
        return tuple(sorted(kinds)) or (self.kind,)

    def _free_busy(self, component: Any) -> None:
        periods = component.get("FREEBUSY", ())
        try:
            for period in periods if isinstance(periods, list) else [periods]:
                spans = self.times.period(period)
                if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                    self.busy += spans
                elif len(spans) == 1:
                    self.openings.append(
                        Opening(tuple(spans), (self.kind,), None, self.name)
                    )
        except (ValueError, AttributeError, OverflowError):
            message = Text("ical.cannot_be_read", field="FREEBUSY")
            self.problems.append(Problem(message, "calendar", self.name))

    # ── VAVAILABILITY ────────────────────────────────────────────────────────────

    def _add_available(self, components: list[Any]) -> None:
        """Add the available time, and take the time that is not out of all else.

        A component speaks of all time within its limits; where several do, those of
        the highest priority count (RFC 7953, 4).
        """
        levels: dict[int, list[Any]] = defaultdict(list)
        for group in _by_uid(components):
            for component in newest(group, _is_never_busy):
                if not is_cancelled(component):
                    self._tell_rest(component, _label(component))
                    levels[_rank(component)].append(component)
        available: list[Opening] = []
        unavailable: list[Span] = []
        for rank in sorted(levels, reverse=True):
            limits, opened = self._level(levels[rank])
            available = [*(_cut(opening, limits) for opening in available), *opened]
            spans = [span for opening in opened for span in opening.spans]
            unavailable = without(merged([*unavailable, *limits]), spans)
        for opening in self.openings:
            available.append(_cut(opening, unavailable))
            if available[-1] is not opening:
                message = Text("ical.in_time_that_is_not_available")
                self.ledger.lost("event", "", opening.name, message)
        self.openings = [opening for opening in available if opening.spans]

    def _level(self, components: list[Any]) -> tuple[list[Span], list[Opening]]:
        """Return what components of one priority speak of, and what they open of it.

        What one opens the others leave open, unless they open nothing at all.
        """
        available = [(each, *self._available(each)) for each in components]
        closed = [limits for each, limits, _ in available if not each.subcomponents]
        opened = [opening for _, _, openings in available for opening in openings]
        limits = [limits for _, limits, _ in available]
        return limits, [_cut(opening, closed) for opening in opened]

    def _available(self, component: Any) -> tuple[Span, list[Opening]]:
        """Return the limits of a VAVAILABILITY and what it opens within them."""
        label = _label(component)
        try:
            limits = self.times.limits(component)
        except (ValueError, OverflowError) as error:
            self.ledger.lost("event", "", label, str(error)[:120])
            return self.times.cutting.horizon, []
        parts = [p for p in component.subcomponents if name_of(p) == "AVAILABLE"]
        for part in parts:
            if not part.keys() & {"DTEND", "DURATION"}:
                self.ledger.lost(
                    "event", "DTEND", _label(part), Text("ical.has_no_end")
                )
        openings = [
            _within(opening, limits)
            for group in _by_uid(parts)
            for opening in self._series(group, _is_never_busy)
        ]
        return limits, openings


def _is_busy(event: Any) -> bool:
    return text_of(event, "TRANSP").upper() != "TRANSPARENT" and not is_cancelled(event)


def _is_never_busy(_event: Any) -> bool:
    return False


def _by_uid(events: Iterable[Any]) -> list[list[Any]]:
    """Return events by their UID, in order; one without a UID stands by itself."""
    groups: dict[object, list[Any]] = {}
    for event in events:
        groups.setdefault(text_of(event, "UID") or id(event), []).append(event)
    return list(groups.values())


def _label(event: Any) -> str:
    return text_of(event, "UID") or text_of(event, "SUMMARY") or "event"


def _rank(component: Any) -> int:
    """Return the priority of a VAVAILABILITY: 1 is the highest, none the lowest."""
    text = text_of(component, "PRIORITY")
    return int(text) if re.fullmatch("[1-9]", text, re.ASCII) else 10


def _within(opening: Opening, limits: Span) -> Opening:
    low, high = limits
    spans = ((max(start, low), min(end, high)) for start, end in opening.spans)
    return replace(opening, spans=tuple(merged(spans)))


def _cut(opening: Opening, closed: list[Span]) -> Opening:
    """Return an opening less some time; as it is where that does not touch it."""
    spans = merged(opening.spans)
    open_spans = without(spans, closed)
    return opening if open_spans == spans else replace(opening, spans=tuple(open_spans))
