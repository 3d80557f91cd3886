"""One short letter's worth of facts for everybody whom a new plan affects.

A letter is facts; `Letter.text` puts them into English or Chinese sentences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.season.changes import Change

__all__ = ["Letter", "Line", "letters_of"]

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Line:
    """One change as its reader sees it: what, where, when."""

    change: Change
    facility: str
    start: datetime | None

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
        words = _WORDS[lang]
        community = self.label("community", self.community)
        party = self.label(self.party, self.id)
        head = words[self.party].format(id=party, community=community)
        between = " " if lang == "en" else ""
        return f"{head}\n{between.join(self._sentence(x, words) for x in self.lines)}"

    def _sentence(self, line: Line, words: dict[str, str]) -> str:
        units, cause = line.units, line.change.cause
        kind = "lost" if line.has_left else "gained"
        count = words["one" if units == 1 else "many"].format(units)
        where = words["where" if self.party == "need" else "whose"]
        slot = self.label("slot", line.change.slot)
        when = words["untimed"].format(slot)
        if line.start is not None:
            day = words["days"].split()[line.start.weekday()]
            months = words["months"].split()
            when = words["when"].format(
                day=day, month=months[line.start.month - 1], t=line.start
            )
        need = self.label("need", line.change.need)
        facility = self.label("facility", line.facility)
        place = where.format(facility=facility, need=need, when=when)
        reason = words.get(f"{kind}_{cause}", "")
        sentence = words[f"{self.party}_{kind}"].format(count=count, place=place)
        return f"{sentence}{reason}{words['stop']}"

    def __str__(self) -> str:
        return self.text()


_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "need": "To {id}, {community}:",
        "facility": "To {id}, {community}:",
        "one": "1 place",
        "many": "{} places",
        "days": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "months": "January February March April May June July August September "
        "October November December",
        "when": "on {day}, {t.day} {month} {t.year}, {t:%H:%M}",
        "untimed": "({})",
        "where": "at {facility} {when}",
        "whose": "for {need} {when}",
        "need_lost": "You no longer have {count} {place}",
        "need_gained": "You now have {count} {place}",
        "facility_lost": "You need no longer keep {count} {place}",
        "facility_gained": "Please keep {count} {place}",
        "lost_declined": ": it was declined",
        "lost_forbidden": ": it is not allowed there",
        "lost_withdrawn": ": less is asked for now",
        "lost_gone": ": the time is no longer offered",
        "lost_capacity": ": there is less room than before",
        "lost_not_possible": ": its conditions no longer fit",
        "lost_made_way": ": others with fewer choices now come there",
        "lost_better": ": the agreed rules are kept better this way",
        "gained_instead": " instead",
        "gained_room": ": a place has become free",
        "gained_decided": ", as confirmed",
        "stop": ".",
    },
    "zh": {
        "need": "致{community}的{id}：",
        "facility": "致{community}的{id}：",
        "one": "1 个名额",
        "many": "{} 个名额",
        "days": "周一 周二 周三 周四 周五 周六 周日",
        "months": "1 2 3 4 5 6 7 8 9 10 11 12",
        "when": "{t.year}年{month}月{t.day}日（{day}）{t:%H:%M}",
        "untimed": "（{}）",
        "where": "{when}在{facility}的",
        "whose": "{when}为{need}保留的",
        "need_lost": "您不再使用{place} {count}",
        "need_gained": "您现在有{place} {count}",
        "facility_lost": "您不必再提供{place} {count}",
        "facility_gained": "请提供{place} {count}",
        "lost_declined": "：该安排未被接受",
        "lost_forbidden": "：该处不允许此安排",
        "lost_withdrawn": "：需求已减少或撤回",
        "lost_gone": "：该时段不再提供",
        "lost_capacity": "：该时段名额减少",
        "lost_not_possible": "：该时段的条件不再符合",
        "lost_made_way": "：名额改由选择更少的居民使用",
        "lost_better": "：这样更符合已公布的规则",
        "gained_instead": "，作为替代",
        "gained_room": "：有名额空出",
        "gained_decided": "，已确认",
        "stop": "。",
    },
}


def letters_of(instance: Instance, changes: Iterable[Change]) -> tuple[Letter, ...]:
    """Return a letter for each need and each facility that changes affect.

    Records that are no longer there get none; needs come first, each kind by id.
    """
    given = tuple(changes)
    named = {change.slot for change in given}
    asked = {change.need for change in given}
    slots = {slot.id: slot for slot in instance.slots if slot.id in named}
    homes = {n.id: n.community for n in instance.needs if n.id in asked}
    hosts = {f.id: f.community for f in instance.facilities}
    lines: dict[tuple[str, str], list[Line]] = {}
    for change in given:
        slot = slots.get(change.slot)
        facility = "" if slot is None else slot.facility
        start = None if slot is None else slot.start
        line = Line(change, facility or change.slot, start)
        if change.need in homes:
            lines.setdefault(("need", change.need), []).append(line)
        if facility:
            lines.setdefault(("facility", facility), []).append(line)
    label = labels(encode(instance))
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
