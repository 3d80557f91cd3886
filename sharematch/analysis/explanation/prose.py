"""Explanations in words, as an office would write to residents."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sharematch.analysis.explanation.facts import (
    Bound,
    CommunityFacts,
    Facts,
    NeedFacts,
    NoPlanFacts,
    RuleFacts,
    SlotFacts,
    Units,
)
from sharematch.analysis.explanation.need_prose import NeedProse
from sharematch.analysis.explanation.phrases import Phrases, Reader
from sharematch.analysis.explanation.shown import labelled
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.core.eligibility.moments import time_in
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.wording import rule_text
from sharematch.plans.bookings import hours_text, when_text, where_text
from sharematch.text import Text, told

__all__ = ["prose"]


def prose(facts: Facts, reader: Reader, lang: str = "en") -> str:
    """Return facts in words, English (`en`) or Chinese (`zh`)."""
    label = _with_times(labels(reader.columns), reader.columns, lang)
    others = _OtherProse(reader, lang, label)
    slot_id = facts.slot if isinstance(facts, SlotFacts) else ""
    facts = facts if label is as_ids else labelled(facts, label)
    match facts:
        case NeedFacts():
            lines = NeedProse(reader, lang, label).need(facts)
        case SlotFacts():
            lines = others.slot(facts, slot_id)
        case CommunityFacts():
            lines = others.community(facts)
        case RuleFacts():
            lines = others.rule(facts)
        case NoPlanFacts():
            lines = others.no_plan(facts)
    return "\n".join(line for line in lines if line)


def _with_times(label: Label, columns: Columns | None, lang: str) -> Label:
    """Return labels in which openings without a name say when and where they are."""
    if columns is None or not (columns.slot_step != NONE).any():
        return label

    return _Timed(label, columns, lang)


@dataclass(frozen=True)
class _Timed:
    """Labels in which openings without a name say when and where they are."""

    label: Label
    columns: Columns
    lang: str

    def __call__(self, kind: str, id_: str) -> str:
        columns = self.columns
        slot = columns.position["slot"].get(id_, NONE) if kind == "slot" else NONE
        if slot == NONE or not _says_where(columns, slot):
            return self.label(kind, id_)
        times = (
            int(minutes[slot]) for minutes in (columns.slot_start, columns.slot_end)
        )
        when = when_text(*(time_in(columns, slot, minutes) for minutes in times))
        facility = columns.facility_ids[columns.slot_facility[slot]]
        where = Text(
            "booking_shown.at", when=when, facility=self.label("facility", facility)
        )
        return str(told(where, self.lang))

    @property
    def amount(self) -> Any:
        """What tells bounds with their units, where labels do."""
        return getattr(self.label, "amount", None)


def _says_where(columns: Columns, slot: int) -> bool:
    """Return whether a slot is shown by time and place: an opening without a name."""
    is_named = columns.slot_ids[slot] in columns.names.get("slot", ())
    return bool(columns.slot_step[slot] != NONE) and not is_named


class _OtherProse(Phrases):
    """Paragraphs about slots, communities, rules, and what has no plan."""

    def slot(self, facts: SlotFacts, slot_id: str) -> Iterable[str]:
        """Yield the paragraphs about a slot."""
        columns = self.columns
        is_opening = columns is not None and _says_where(
            columns, columns.position["slot"][slot_id]
        )
        places = self.count("explain.places", facts.capacity)
        about = {"slot": facts.slot, "community": facts.community, "places": places}
        if not is_opening:
            about |= {"facility": facts.facility}
            yield self.say("explain.slot", **about, n=facts.used)
        elif facts.bookings:
            yield self.say("explain.opening", **about, n=len(facts.bookings))
            yield from self.bookings(facts)
        else:
            yield self.say("explain.opening_empty", **about)
        if facts.reserve:
            yield self.say(
                "explain.slot_reserve", n=facts.reserve, community=facts.community
            )
        if facts.users:
            yield self.say("explain.used_by", users=self.shares(facts.users, 8))
        elif facts.could_use:
            yield self.say("explain.unused", n=facts.could_use)
        else:
            yield self.say("explain.useless")
        if facts.turned_away:
            users = [Units(t.community, t.units) for t in facts.turned_away]
            key = "explain.turned_away" if facts.full_by else "explain.not_taken"
            yield self.say(key, users=self.shares(users, 8))
        elif facts.could_use:
            yield self.say("explain.nobody_turned_away")

    def bookings(self, facts: SlotFacts) -> Iterable[str]:
        """Yield who is in an opening when, one a line."""
        for held in facts.bookings:
            booking = held.booking
            need = where_text(held.need, booking.parts)
            if not booking.parts and facts.capacity > 1:
                need = f"{held.need} × {held.units:,}"
            hours = hours_text(booking.start, booking.end)
            text = self.say("explain.holds", hours=hours, need=need)
            yield self.say("explain.item", text=text)

    def community(self, facts: CommunityFacts) -> Iterable[str]:
        """Yield the paragraphs about a community."""
        rate = Fraction(facts.served, facts.asked) if facts.asked else Fraction(0)
        yield self.say(
            "explain.community",
            community=facts.community,
            asked=self.count("explain.places", facts.asked),
            served=facts.served,
            rate=self.ratio("fill_rate", rate),
        )
        if facts.standing is not None:
            value = self.ratio(facts.standing.measure, facts.standing.value)
            if value != self.ratio("fill_rate", rate):
                yield self.standing(facts.standing, value)
        yield self.missing(facts)
        if facts.bottleneck is not None:
            yield self.bottleneck(facts.bottleneck)
        for bound in facts.rules:
            yield self.say("explain.bound_here", rule=self.rule_words(bound.rule))
        yield from self.sharing(facts)
        if facts.served < facts.asked:
            yield from self.changes(facts.changes, searched=facts.searched)

    def missing(self, facts: CommunityFacts) -> str:
        if not facts.unmet:
            return ""
        parts = [
            self.say(f"explain.unmet_{reason}", n=self.count("explain.places", units))
            for reason, units in facts.unmet
        ]
        return self.say(
            "explain.unmet", parts=self.say("explain.semicolon").join(parts)
        )

    def sharing(self, facts: CommunityFacts) -> Iterable[str]:
        for key, users in (
            ("explain.borrowed", facts.borrowed),
            ("explain.lent", facts.lent),
        ):
            if users:
                places = self.count("explain.places", sum(each.units for each in users))
                yield self.say(key, places=places, users=self.shares(users, 5))

    def rule_words(self, position: int) -> str:
        return rule_text(self.policy.rules[position - 1], self.lang, self.bound)

    def rule(self, facts: RuleFacts) -> Iterable[str]:
        """Yield the paragraphs about a rule."""
        yield self.say("explain.rule", n=facts.rule, rule=self.rule_words(facts.rule))
        if facts.by == "assignment":
            yield from self.excluding(facts)
            return
        binding = [bound for bound in facts.bounds if bound.binds]
        if binding:
            if facts.by:
                names = self.listed((b.group for b in binding), 8)
                yield self.say("explain.binds_for", names=names)
            else:
                yield self.say("explain.binds")
        if facts.short:
            names = self.listed(facts.short, 8)
            key = "explain.short_for" if facts.by else "explain.short"
            yield self.say(key, names=names)
        if not binding and not facts.short:
            yield self.say("explain.binds_not")
        told = {*facts.short, *(bound.group for bound in binding)}
        loose = [bound for bound in facts.bounds if bound.group not in told]
        if loose:
            yield self.left(loose[0], is_grouped=bool(facts.by))

    def left(self, bound: Bound, *, is_grouped: bool) -> str:
        rule = self.policy.rules[bound.rule - 1]
        key = "explain.left_group" if is_grouped else "explain.left"
        slack = self.quantity(rule.measure, bound.slack)
        return self.say(key, group=bound.group, slack=slack)

    def excluding(self, facts: RuleFacts) -> Iterable[str]:
        if not facts.pairs:
            yield self.say("explain.excludes_nothing")
            return
        yield self.say(
            "explain.excludes", needs=self.count("explain.requests", facts.needs)
        )
        if facts.stranded is not None:
            yield self.say(
                "explain.stranded",
                needs=self.count("explain.requests", facts.stranded.needs),
                places=self.count("explain.places", facts.stranded.units),
            )
        elif facts.binds:
            yield self.say("explain.excludes_some")
        else:
            yield self.say("explain.excludes_none_unmet")

    def no_plan(self, facts: NoPlanFacts) -> Iterable[str]:
        """Yield why there is no plan."""
        if facts.status != "infeasible":
            yield self.say("explain.unsolved")
            return
        yield self.say("explain.no_plan_named" if facts.named else "explain.no_plan")
        for term in facts.conflict:
            text = conflict_text(term, self.rules, self.lang, self.label)
            yield self.say("explain.item", text=text)
        yield from conflict_notes(facts.conflict, self.lang)
