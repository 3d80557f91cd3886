"""Explanations in words, as an office would write to residents.

Sentences stand in the catalog, in `explain`; here they are put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.analysis.explanation.facts import (
    Bottleneck,
    Bound,
    Ceiling,
    Change,
    CommunityFacts,
    Facts,
    NeedFacts,
    NoPlanFacts,
    Place,
    Refused,
    RuleFacts,
    SlotFacts,
    Standing,
    Units,
)
from sharematch.analysis.explanation.shown import labelled
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.core.eligibility.moments import time_of
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.wording import goal_text, policy_shown, rule_text, subject_text
from sharematch.plans.bookings import hours_text, when_text, where_text
from sharematch.text import Text, has, joined, length, month_text, percent, say, told

__all__ = ["Reader", "prose"]

SOME = 3
"""Names listed before the rest is only counted."""
OWN = ("need", "person")
"""Groups that are a need's own."""


@dataclass(frozen=True)
class Reader:
    """What sentences need beside facts: units of length and money, and the policy."""

    columns: Columns | None
    policy: Policy


def prose(facts: Facts, reader: Reader, lang: str = "en") -> str:
    """Return facts in words, English (`en`) or Chinese (`zh`)."""
    label = _with_times(labels(reader.columns), reader.columns, lang)
    writer = _Writer(reader, lang, label)
    slot_id = facts.slot if isinstance(facts, SlotFacts) else ""
    facts = facts if label is as_ids else labelled(facts, label)
    match facts:
        case NeedFacts():
            lines = writer.need(facts)
        case SlotFacts():
            lines = writer.slot(facts, slot_id)
        case CommunityFacts():
            lines = writer.community(facts)
        case RuleFacts():
            lines = writer.rule(facts)
        case NoPlanFacts():
            lines = writer.no_plan(facts)
    return "\n".join(line for line in lines if line)


def _with_times(label: Label, columns: Columns | None, lang: str) -> Label:
    """Return labels in which openings without a name say when and where they are."""
    if columns is None or not (columns.slot_step != NONE).any():
        return label

    def shown(kind: str, id_: str) -> str:
        slot = columns.position["slot"].get(id_, NONE) if kind == "slot" else NONE
        if slot == NONE or not _says_where(columns, slot):
            return label(kind, id_)
        cell = int(columns.cells.first[slot])
        times = (
            int(minutes[slot]) for minutes in (columns.slot_start, columns.slot_end)
        )
        when = when_text(*(time_of(columns, cell, minutes) for minutes in times))
        facility = columns.facility_ids[columns.slot_facility[slot]]
        where = label("facility", facility)
        return str(told(Text("booking_shown.at", when=when, facility=where), lang))

    return shown


def _says_where(columns: Columns, slot: int) -> bool:
    """Return whether a slot is shown by time and place: an opening without a name."""
    is_named = columns.slot_ids[slot] in columns.names.get("slot", ())
    return bool(columns.slot_step[slot] != NONE) and not is_named


class _Writer:
    def __init__(self, reader: Reader, lang: str, label: Label) -> None:
        self.columns, self.lang, self.label = reader.columns, lang, label
        self.policy = policy_shown(reader.policy, label)
        self.rules = reader.policy.rules

    # ---- parts of sentences

    def say(self, code: str, **values: object) -> str:
        return say(code, self.lang, **values)

    def count(self, code: str, number: int) -> str:
        return self.say(code, n=number)

    def listed(self, parts: Iterable[str], most: int = SOME) -> str:
        """Return the first parts, and how many more there are."""
        named = list(parts)
        comma = self.say("explain.comma")
        if len(named) > most + 1:
            more = self.say("explain.more", n=len(named) - most)
            return comma.join(named[:most]) + more
        if len(named) > 1:
            return comma.join(named[:-1]) + self.say("explain.and") + named[-1]
        return comma.join(named)

    def join(self, sentences: Iterable[str]) -> str:
        return joined("term.sentences", sentences, self.lang)

    def shares(self, users: Sequence[Units], most: int = SOME) -> str:
        parts = (
            self.say("list.counted", name=u.community, n=f"{u.units:,}") for u in users
        )
        return self.listed(parts, most)

    def length(self, value: int) -> str:
        unit = "km" if self.columns is None else self.columns.unit
        return length(value, unit, self.lang)

    def money(self, value: Decimal) -> str:
        currency = self.columns.currency if self.columns is not None else ""
        return f"{value:,.2f} {currency}".strip()

    def day(self, text: str) -> str:
        when = date.fromisoformat(text)
        return say("date.day", self.lang, day=when, month=month_text(when, self.lang))

    def ratio(self, measure: str, value: Fraction) -> str:
        if MEASURES[measure].unit == "ratio":
            return percent(value, 1 if (value * 100).denominator > 1 else 0)
        return f"{float(value):,.6g}"

    def goal(self, position: int) -> str:
        return goal_text(self.policy.goals[position - 1], self.lang)

    # ---- needs

    def need(self, facts: NeedFacts) -> Iterable[str]:
        """Yield the paragraphs about a need."""
        yield self.asked(facts)
        if facts.served:
            yield self.join(self.got(facts))
        if facts.served < facts.asked:
            yield self.join(self.places(facts))
            yield self.join(self.decided(facts))
            yield self.refused(facts.refused, has_places=bool(facts.places))
            yield from self.changes(facts.changes, searched=facts.searched)

    def asked(self, facts: NeedFacts) -> str:
        key = "explain.got_some" if facts.served else "explain.got_none"
        key = "explain.got_all" if facts.served == facts.asked else key
        return self.say(
            key,
            community=facts.community,
            kind=facts.kind,
            need=facts.need,
            asked=self.count("explain.places", facts.asked),
            **(
                {"served": facts.served}
                if key == "explain.got_some"
                else {"n": facts.asked}
            ),
        )

    def got(self, facts: NeedFacts) -> Iterable[str]:
        for one in facts.got[:SOME]:
            if one.booking is None:
                where = self.say("explain.got_at", slot=one.slot, facility=one.facility)
            else:
                where = told(one.booking.text(one.facility), self.lang)
            parts = [where]
            if one.community != facts.community:
                parts.append(self.say("explain.lent_by", community=one.community))
            if one.day is not None and one.booking is None:
                parts.append(self.say("explain.on_day", day=self.day(one.day)))
            if one.travel:
                parts.append(self.say("explain.away", length=self.length(one.travel)))
            fee = self.say("explain.for_fee", money=self.money(one.fee))
            parts.append(fee if one.fee else self.say("explain.free"))
            text = self.say("explain.comma").join(parts)
            yield self.say(
                "explain.got",
                places=self.count("explain.places", one.units),
                where=text,
            )
        if len(facts.got) > SOME:
            yield self.say("explain.got_more", n=len(facts.got) - SOME)

    def places(self, facts: NeedFacts) -> Iterable[str]:
        places = facts.places
        if not places:
            yield self.say("explain.no_place")
            return
        names = self.listed(place.slot for place in places)
        full = [place for place in places if place.full_by]
        slots = self.count("explain.slots", len(places))
        if len(full) == len(places):
            key = "explain.all_full_1" if len(places) == 1 else "explain.all_full"
            yield self.say(key, slots=slots, names=names, why=self.full(places))
        else:
            free = len(places) - len(full)
            key = "explain.has_room_1" if len(places) == 1 else "explain.has_room"
            yield self.say(key, slots=slots, n=free)
            yield from self.stopped(facts)
        if facts.holders:
            users = [Units(h.community, h.units) for h in facts.holders]
            yield self.say("explain.held_by", users=self.shares(users, 5))

    def stopped(self, facts: NeedFacts) -> Iterable[str]:
        """Yield why a need cannot have the places that are left."""
        if facts.reason == "coupled":
            yield self.say("explain.by_coupling")
        elif facts.reason == "rule" and not facts.ceilings:
            yield self.say("explain.by_rule")
        for ceiling in facts.ceilings[:SOME]:
            yield self.ceiling(ceiling)
        if len(facts.ceilings) > SOME:
            yield self.say("explain.ceilings_more", n=len(facts.ceilings) - SOME)

    def ceiling(self, ceiling: Ceiling) -> str:
        """Return whose ceiling it is, how high, and what of it is used."""
        ending, group = "", ceiling.group
        if ceiling.is_own:  # persons are not named; of two keys the other is told
            ending = "_own"
            keys = zip(ceiling.by.split(" and "), group.split(" | "), strict=False)
            group = ", ".join(name for key, name in keys if key not in OWN)
        whose = f"{ending}_of" if group else f"{ending}_all"
        rule = self.policy.rules[ceiling.rule - 1]
        bound, used, more = (
            self.quantity(ceiling.measure, amount)
            for amount in (ceiling.bound, ceiling.used, ceiling.more)
        )
        rest_text = self.say("explain.ceiling_left", used=used, more=more)
        if ceiling.used == ceiling.bound:
            rest_text = self.say("explain.ceiling_gone")
        return self.say(
            f"explain.ceiling{whose}",
            what=subject_text(rule, self.lang),
            bound=bound,
            left=rest_text,
            **({"group": group} if group else {}),
        )

    def quantity(self, measure: str, value: Fraction) -> str:
        """Return an amount of a measure in its unit."""
        unit = MEASURES[measure].unit
        if unit == "money":
            return self.money(Decimal(value.numerator) / value.denominator)
        if unit == "ratio" or value.denominator > 1:
            return self.ratio(measure, value)
        if measure == "travel":
            return self.length(int(value))
        return f"{int(value):,}"

    def full(self, places: Sequence[Place]) -> str:
        """Return what holds places full where it is not their number alone."""
        codes = {place.full_by for place in places}
        if codes == {"reserve"}:
            return self.say("explain.reserved")
        return self.say("explain.worn") if codes == {"max_units"} else ""

    def decided(self, facts: NeedFacts) -> Iterable[str]:
        """Yield why those who have the places keep them."""
        is_fair = self.is_fair(facts)
        mine = facts.standing
        if mine is not None and facts.holders:
            stands = self.ratio(mine.measure, mine.value)
            yield self.standing(mine, stands)
            others = [h for h in facts.holders if h.community != facts.community]
            if is_fair and others:
                yield self.say("explain.no_better", group=mine.group)
            elif is_fair:
                yield self.say("explain.own_people", community=facts.community)
        if facts.decided_by == "draw":
            yield self.say("explain.by_draw")
        elif facts.decided_by == "limits":
            yield self.say("explain.by_limits")
        elif facts.goal is not None and (mine is None or facts.goal != mine.goal):
            is_later = is_fair and mine is not None and facts.goal > mine.goal
            key = "explain.by_later_goal" if is_later else "explain.by_goal"
            yield self.say(key, goal=self.goal(facts.goal))
        if facts.bottleneck is not None and facts.bottleneck.slots > 1:
            yield self.bottleneck(facts.bottleneck)

    @staticmethod
    def is_fair(facts: NeedFacts) -> bool:
        """Return whether every holder stands no better with one unit fewer."""
        return bool(facts.holders) and all(h.stands_no_better for h in facts.holders)

    def standing(self, standing: Standing, value: str) -> str:
        key = (
            "explain.stands_fill"
            if standing.measure == "fill_rate"
            else "explain.stands"
        )
        return self.say(key, group=standing.group, value=value)

    def bottleneck(self, shortage: Bottleneck) -> str:
        key = (
            "explain.hall" if shortage.used >= shortage.places else "explain.hall_kept"
        )
        return self.say(
            key,
            n=shortage.needs,
            needs=self.count("explain.requests", shortage.needs),
            communities=self.count("explain.communities", len(shortage.communities)),
            asked=self.count("explain.places", shortage.asked),
            slots=self.count("explain.slots", shortage.slots),
            places=self.count("explain.places", shortage.places),
            **(
                {}
                if key == "explain.hall"
                else {"used": self.count("explain.used", shortage.used)}
            ),
        )

    def refused(self, refused: Sequence[Refused], *, has_places: bool) -> str:
        parts = []
        beside_kind = [refusal for refusal in refused if refusal.code != "kind"]
        for refusal in beside_kind or (() if has_places else refused):
            text = self.say(f"explain.out_{refusal.code}", n=refusal.slots)
            near = next(iter(refusal.nearest), None)
            if near is not None:
                off = self.off(refusal.code, near.off, near.missing, near.rule)
                key = "explain.nearest" if refusal.slots > 1 else "explain.named"
                text += self.say(key, slot=near.slot, off=off)
            parts.append(text)
        if not parts:
            return ""
        key = "explain.others_out" if has_places else "explain.all_out"
        return self.say(key, parts=self.say("explain.semicolon").join(parts))

    def off(
        self, code: str, off: Any, missing: Sequence[str], rule: int | None = None
    ) -> str:
        """Return by how much a slot is missed, led in by a comma; or nothing."""
        if code in ("feature", "group") and missing:
            return self.say(f"explain.miss_{code}", what=self.listed(missing))
        if rule is not None:
            term = self.policy.rules[rule - 1]
            return self.say("explain.miss_rule", rule=rule_text(term, self.lang))
        if off is None:
            return ""
        return self.say("explain.miss_by", how=self.amount(code, off))

    def amount(self, code: str, off: Any) -> str:
        if code in ("travel", "radius"):
            return self.length(int(off))
        if code == "fee":
            return self.money(off)
        if code == "share":
            return self.count("explain.tiers", int(off))
        if code == "time":
            return self.duration(int(off))
        return f"{off}"

    def duration(self, minutes: int) -> str:
        if minutes < 120:
            return self.count("explain.minutes", minutes)
        if minutes < 48 * 60:
            return self.count("explain.hours", -(-minutes // 60))
        return self.count("explain.days", -(-minutes // 1440))

    # ---- what would have helped

    def changes(self, changes: Sequence[Change], *, searched: bool) -> Iterable[str]:
        if not searched:
            return
        if not changes:
            yield self.say("explain.no_change")
            return
        yield self.say(
            "explain.would_help_1" if len(changes) == 1 else "explain.would_help"
        )
        for change in changes:
            yield self.say("explain.item", text=self.change(change))

    def change(self, change: Change) -> str:
        values: dict[str, object] = {
            "slot": change.slot,
            "id": change.id,
            "need": change.need,
        }
        if change.code == "rule":
            rule = self.policy.rules[int(change.id) - 1]
            rule = rule.model_copy(update={change.field: change.after})
            values["rule"] = rule_text(rule, self.lang)
        if change.code == "ceiling":
            rule = self.policy.rules[int(change.id) - 1]
            values["rule"] = subject_text(rule, self.lang)
            values["how"] = self.quantity(rule.measure, Fraction(change.off or 0))
        elif change.off is not None:
            values["how"] = self.amount(change.code, change.off)
        if change.code == "feature":
            values["what"] = self.listed(sorted({*change.before} ^ {*change.after}))
        key = f"explain.do_{change.code}"
        if change.code == "time" and not change.before:
            key = "explain.do_time_day"
        if has(f"{key}_{change.field}"):
            key = f"{key}_{change.field}"
        text = self.say(key, **values)
        if change.paid_by:
            return text + self.say("explain.paid_by", users=self.shares(change.paid_by))
        return text + self.say("explain.paid_by_none")

    # ---- slots, communities, rules

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
            one = held.booking
            need = where_text(held.need, one.parts)
            if not one.parts and facts.capacity > 1:
                need = f"{held.need} × {held.units:,}"
            hours = hours_text(one.start, one.end)
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
        return rule_text(self.policy.rules[position - 1], self.lang)

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

    # ---- without a plan

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
