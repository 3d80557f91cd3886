"""One short letter's worth of facts for everybody whom a new plan affects.

A letter is facts; `Letter.text` puts them into sentences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.model.needs import Need
from sharematch.model.places import Slot
from sharematch.plans.bookings import parts_text
from sharematch.season.changes import Change
from sharematch.text import has, joined, month_text, say

__all__ = ["Letter", "Line", "letters_of"]

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Line:
    """One change as its reader sees it: what, where, when."""

    change: Change
    facility: str
    start: datetime | None
    end: datetime | None = None
    """When a booking ends; None of units of a slot, which ends for all alike."""

    @property
    def units(self) -> int:
        """How many units came or left."""
        return abs(self.change.after - self.change.before)

    @property
    def has_left(self) -> bool:
        """Whether units are no longer there."""
        return self.change.after < self.change.before


@dataclass(frozen=True, slots=True)
class Letter:
    """What one party is told.

    Parameters
    ----------
    party
        Whether it goes to who asked (`need`) or to the host (`facility`).
    id, community
        Of the need or the facility.
    lines
        What changes, losses first.
    label
        What is shown for a record, by type and id.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> first = next(iter(result.allocation))
    >>> no = sm.Decision(need=first.need, slot=first.slot, status="declined")
    >>> revision = sm.season.resolve(result, [no])
    >>> revision.letters[0].text().splitlines()[0] != ""
    True
    """

    party: Literal["need", "facility"]
    id: str
    community: str
    lines: tuple[Line, ...]
    label: Label = as_ids

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain values."""
        return {
            "party": self.party,
            "id": self.id,
            "community": self.community,
            "changes": [
                {
                    "need": line.change.need,
                    "slot": line.change.slot,
                    "facility": line.facility,
                    "start": None if line.start is None else time_text(line.start),
                    **({"end": time_text(line.end)} if line.end else {}),
                    **({"parts": [*line.change.parts]} if line.change.parts else {}),
                    "before": line.change.before,
                    "after": line.change.after,
                    "cause": line.change.cause,
                    **({"code": line.change.code} if line.change.code else {}),
                }
                for line in self.lines
            ],
        }

    def text(self, lang: Language = "en") -> str:
        """Return the letter as text."""
        community = self.label("community", self.community)
        party = self.label(self.party, self.id)
        head = say("letter.head", lang, id=party, community=community)
        parts = [self._sentence(line, lang) for line in self.lines]
        return f"{head}\n{joined('term.sentences', parts, lang)}"

    def _sentence(self, line: Line, lang: Language) -> str:
        kind = "lost" if line.has_left else "gained"
        slot = self.label("slot", line.change.slot)
        when = say("letter.untimed", lang, slot=slot)
        if line.start is not None:
            day = say(f"date.weekday_{line.start.weekday()}", lang)
            month = month_text(line.start, lang)
            when = say("date.moment", lang, weekday=day, month=month, time=line.start)
            if line.end is not None:
                when = say("booking_shown.until", lang, start=when, end=line.end)
        if self.party == "need":
            facility = self.label("facility", line.facility)
            place = say("letter.where", lang, facility=facility, when=when)
        else:
            whose = self.label("need", line.change.need)
            place = say("letter.whose", lang, need=whose, when=when)
        count = say("letter.places", lang, n=line.units)
        if line.change.parts:
            parts = parts_text(line.change.parts)
            count = say("letter.in_parts", lang, count=count, parts=parts)
        what = say(f"letter.{self.party}_{kind}", lang, count=count, place=place)
        reason = f"letter.{kind}_{line.change.cause}"
        if has(reason):
            what = say(reason, lang, what=what)
        return say("term.sentence", lang, text=what)

    def __str__(self) -> str:
        return self.text()


def letters_of(
    instance: Instance, changes: Iterable[Change], label: Label | None = None
) -> tuple[Letter, ...]:
    """Return a letter for each need and each facility that changes affect.

    Records that are no longer there get none; needs come first, each kind by id.
    """
    given = tuple(changes)
    named = {change.slot for change in given}
    asked = {change.need for change in given}
    slots = {slot.id: slot for slot in instance.slots if slot.id in named}
    needs = {need.id: need for need in instance.needs if need.id in asked}
    homes = {need.id: need.community for need in needs.values()}
    hosts = {f.id: f.community for f in instance.facilities}
    lines: dict[tuple[str, str], list[Line]] = {}
    for change in given:
        slot = slots.get(change.slot)
        facility = "" if slot is None else slot.facility
        start = change.start or (None if slot is None else slot.start)
        end = _end_of(change, needs.get(change.need), slot)
        line = Line(change, facility or change.slot, start, end)
        if change.need in homes:
            lines.setdefault(("need", change.need), []).append(line)
        if facility:
            lines.setdefault(("facility", facility), []).append(line)
    label = labels(encode(instance)) if label is None else label
    order = sorted(lines, key=lambda key: (key[0] != "need", key[1]))
    return tuple(
        Letter(
            "need" if party == "need" else "facility",
            id_,
            (homes if party == "need" else hosts)[id_],
            tuple(sorted(lines[party, id_], key=lambda line: not line.has_left)),
            label,
        )
        for party, id_ in order
    )


def _end_of(change: Change, need: Need | None, slot: Slot | None) -> datetime | None:
    """Return when a booking ends; where a plan does not say, as need or slot do."""
    if change.end is not None or need is None or need.minutes is None:
        return change.end
    if change.start is None:
        return None if slot is None else slot.end
    return change.start + timedelta(minutes=need.minutes)
