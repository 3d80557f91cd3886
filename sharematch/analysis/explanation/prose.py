"""Explanations in words, as an office would write to residents.

Sentences stand in `sharematch.analysis.explanation.sentences`; here they are put
together.
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
from sharematch.analysis.explanation.sentences import SENTENCES
from sharematch.analysis.explanation.shown import labelled
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.labels import as_ids, labels
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.wording import goal_text, rule_text
from sharematch.text import length, percent

__all__ = ["Reader", "prose"]

SOME = 3
"""Names listed before the rest is only counted."""


@dataclass(frozen=True)
class Reader:
    """What sentences need beside facts: units of length and money, and the policy."""

    columns: Columns | None
    policy: Policy


def prose(facts: Facts, reader: Reader, lang: str = "en") -> str:
    """Return facts in words, English (`en`) or Chinese (`zh`)."""
    writer = _Writer(reader, lang)
    label = labels(reader.columns)
    facts = facts if label is as_ids else labelled(facts, label)
    match facts:
        case NeedFacts():
            lines = writer.need(facts)
        case SlotFacts():
            lines = writer.slot(facts)
        case CommunityFacts():
            lines = writer.community(facts)
        case RuleFacts():
            lines = writer.rule(facts)
        case NoPlanFacts():
            lines = writer.no_plan(facts)
    return "\n".join(line for line in lines if line)


class _Writer:
    def __init__(self, reader: Reader, lang: str) -> None:
        self.columns, self.policy, self.lang = reader.columns, reader.policy, lang
        self.is_chinese = lang == "zh"

    # ---- parts of sentences

    def say(self, key: str, **values: object) -> str:
        return SENTENCES[key][self.is_chinese].format(**values)

    def count(self, key: str, number: int) -> str:
        return self.say(key if number != 1 else f"{key}_1", n=f"{number:,}")

    def listed(self, parts: Iterable[str], most: int = SOME) -> str:
        """Return the first parts, and how many more there are."""
        named = list(parts)
        comma = self.say("comma")
        if len(named) > most + 1:
            more = self.say("more", n=len(named) - most)
            return comma.join(named[:most]) + more
        if len(named) > 1:
            return comma.join(named[:-1]) + self.say("and") + named[-1]
        return comma.join(named)

    def join(self, sentences: Iterable[str]) -> str:
        return self.say("space").join(text for text in sentences if text)

    def shares(self, users: Sequence[Units], most: int = SOME) -> str:
        return self.listed((f"{u.community} ({u.units:,})" for u in users), most)

    def length(self, value: int) -> str:
        unit = "km" if self.columns is None else self.columns.unit
        return length(value, unit, self.lang)

    def money(self, value: Decimal) -> str:
        currency = self.columns.currency if self.columns is not None else ""
        return f"{value:,.2f} {currency}".strip()

    def day(self, text: str) -> str:
        when = date.fromisoformat(text)
        if self.is_chinese:
            return f"{when.year}年{when.month}月{when.day}日"
        return f"{when.day} {when:%B %Y}"

    def ratio(self, measure: str, value: Fraction) -> str:
        if measure in ("fill_rate", "utilization"):
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
        key = "got_some" if facts.served else "got_none"
        key = "got_all" if facts.served == facts.asked else key
        return self.say(
            key,
            community=facts.community,
            kind=facts.kind,
            need=facts.need,
            asked=self.count("places", facts.asked),
            served=f"{facts.served:,}",
        )

    def got(self, facts: NeedFacts) -> Iterable[str]:
        for one in facts.got[:SOME]:
            parts = [self.say("got_at", slot=one.slot, facility=one.facility)]
            if one.community != facts.community:
                parts.append(self.say("lent_by", community=one.community))
            if one.day is not None:
                parts.append(self.say("on_day", day=self.day(one.day)))
            if one.travel:
                parts.append(self.say("away", length=self.length(one.travel)))
            fee = self.say("for_fee", money=self.money(one.fee))
            parts.append(fee if one.fee else self.say("free"))
            text = self.say("comma").join(parts)
            yield self.say("got", places=self.count("places", one.units), where=text)
        if len(facts.got) > SOME:
            yield self.say("got_more", n=len(facts.got) - SOME)

    def places(self, facts: NeedFacts) -> Iterable[str]:
        places = facts.places
        if not places:
            yield self.say("no_place", community=facts.community)
            return
        names = self.listed(place.slot for place in places)
        full = [place for place in places if place.full_by]
        slots = self.count("slots", len(places))
        if len(full) == len(places):
            key = "all_full_1" if len(places) == 1 else "all_full"
            yield self.say(key, slots=slots, names=names, why=self.full(places))
        else:
            yield self.say("has_room", slots=slots, n=len(places) - len(full))
            why = {"rule": "by_rule", "coupled": "by_coupling"}.get(facts.reason)
            yield self.say(why) if why else ""
        if facts.holders:
            users = [Units(h.community, h.units) for h in facts.holders]
            yield self.say("held_by", users=self.shares(users, 5))

    def full(self, places: Sequence[Place]) -> str:
        """Return what holds places full where it is not their number alone."""
        codes = {place.full_by for place in places}
        if codes == {"reserve"}:
            return self.say("reserved")
        return self.say("worn") if codes == {"max_units"} else ""

    def decided(self, facts: NeedFacts) -> Iterable[str]:
        """Yield why those who have the places keep them."""
        is_fair = self.is_fair(facts)
        mine = facts.standing
        if mine is not None and facts.holders:
            stands = self.ratio(mine.measure, mine.value)
            yield self.standing(mine, stands)
            others = [h for h in facts.holders if h.community != facts.community]
            if is_fair and others:
                yield self.say("no_better", group=mine.group)
            elif is_fair:
                yield self.say("own_people", community=facts.community)
        if facts.decided_by == "draw":
            yield self.say("by_draw")
        elif facts.decided_by == "limits":
            yield self.say("by_limits")
        elif facts.goal is not None and (mine is None or facts.goal != mine.goal):
            is_later = is_fair and mine is not None and facts.goal > mine.goal
            key = "by_later_goal" if is_later else "by_goal"
            yield self.say(key, goal=self.goal(facts.goal))
        if facts.bottleneck is not None and facts.bottleneck.slots > 1:
            yield self.bottleneck(facts.bottleneck)

    @staticmethod
    def is_fair(facts: NeedFacts) -> bool:
        """Return whether every holder stands no better with one unit fewer."""
        return bool(facts.holders) and all(h.stands_no_better for h in facts.holders)

    def standing(self, standing: Standing, value: str) -> str:
        key = "stands_fill" if standing.measure == "fill_rate" else "stands"
        return self.say(key, group=standing.group, value=value)

    def bottleneck(self, found: Bottleneck) -> str:
        key = "hall" if found.used >= found.places else "hall_kept"
        return self.say(
            key,
            needs=self.count("requests", found.needs),
            communities=self.count("communities", len(found.communities)),
            asked=self.count("places", found.asked),
            slots=self.count("slots", found.slots),
            places=self.count("places", found.places),
            used=f"{found.used:,}",
        )

    def refused(self, refused: Sequence[Refused], *, has_places: bool) -> str:
        parts = []
        some = [found for found in refused if found.code != "kind"]
        for found in some or (() if has_places else refused):
            text = self.say(f"out_{found.code}", n=found.slots)
            near = next(iter(found.nearest), None)
            if near is not None:
                off = self.off(found.code, near.off, near.missing, near.rule)
                key = "nearest" if found.slots > 1 else "named"
                text += self.say(key, slot=near.slot, off=off)
            parts.append(text)
        if not parts:
            return ""
        key = "others_out" if has_places else "all_out"
        return self.say(key, parts=self.say("semicolon").join(parts))

    def off(
        self, code: str, off: Any, missing: Sequence[str], rule: int | None = None
    ) -> str:
        """Return by how much a slot is missed, led in by a comma; or nothing."""
        if code in ("feature", "group") and missing:
            return self.say(f"miss_{code}", what=self.listed(missing))
        if rule is not None:
            term = self.policy.rules[rule - 1]
            return self.say("miss_rule", rule=rule_text(term, self.lang))
        if off is None:
            return ""
        return self.say("miss_by", how=self.amount(code, off))

    def amount(self, code: str, off: Any) -> str:
        if code in ("travel", "radius"):
            return self.length(int(off))
        if code == "fee":
            return self.money(off)
        if code == "share":
            return self.count("tiers", int(off))
        if code == "time":
            return self.duration(int(off))
        return f"{off}"

    def duration(self, minutes: int) -> str:
        if minutes < 120:
            return self.count("minutes", minutes)
        if minutes < 48 * 60:
            return self.count("hours", -(-minutes // 60))
        return self.count("days", -(-minutes // 1440))

    # ---- what would have helped

    def changes(self, changes: Sequence[Change], *, searched: bool) -> Iterable[str]:
        if not searched:
            return
        if not changes:
            yield self.say("no_change")
            return
        yield self.say("would_help_1" if len(changes) == 1 else "would_help")
        for change in changes:
            yield self.say("item", text=self.change(change))

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
        if change.off is not None:
            values["how"] = self.amount(change.code, change.off)
        if change.code == "feature":
            values["what"] = self.listed(sorted({*change.before} ^ {*change.after}))
        key = f"do_{change.code}"
        if change.code == "time" and not change.before:
            key = "do_time_day"
        if f"{key}_{change.field}" in SENTENCES:
            key = f"{key}_{change.field}"
        text = self.say(key, **values)
        if change.paid_by:
            return text + self.say("paid_by", users=self.shares(change.paid_by))
        return text + self.say("paid_by_none")

    # ---- slots, communities, rules

    def slot(self, facts: SlotFacts) -> Iterable[str]:
        """Yield the paragraphs about a slot."""
        yield self.say(
            "slot",
            slot=facts.slot,
            facility=facts.facility,
            community=facts.community,
            places=self.count("places", facts.capacity),
            used=f"{facts.used:,}",
        )
        if facts.reserve:
            yield self.say(
                "slot_reserve", n=f"{facts.reserve:,}", community=facts.community
            )
        if facts.users:
            yield self.say("used_by", users=self.shares(facts.users, 8))
        elif facts.could_use:
            yield self.say("unused", n=f"{facts.could_use:,}")
        else:
            yield self.say("useless")
        if facts.turned_away:
            users = [Units(t.community, t.units) for t in facts.turned_away]
            key = "turned_away" if facts.full_by else "not_taken"
            yield self.say(key, users=self.shares(users, 8))
        elif facts.could_use:
            yield self.say("nobody_turned_away")

    def community(self, facts: CommunityFacts) -> Iterable[str]:
        """Yield the paragraphs about a community."""
        rate = Fraction(facts.served, facts.asked) if facts.asked else Fraction(0)
        yield self.say(
            "community",
            community=facts.community,
            asked=self.count("places", facts.asked),
            served=f"{facts.served:,}",
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
            yield self.say("bound_here", rule=self.rule_words(bound.rule))
        yield from self.sharing(facts)
        if facts.served < facts.asked:
            yield from self.changes(facts.changes, searched=facts.searched)

    def missing(self, facts: CommunityFacts) -> str:
        if not facts.unmet:
            return ""
        parts = [
            self.say(f"unmet_{reason}", n=self.count("places", units))
            for reason, units in facts.unmet
        ]
        return self.say("unmet", parts=self.say("semicolon").join(parts))

    def sharing(self, facts: CommunityFacts) -> Iterable[str]:
        for key, users in (("borrowed", facts.borrowed), ("lent", facts.lent)):
            if users:
                places = self.count("places", sum(each.units for each in users))
                yield self.say(key, places=places, users=self.shares(users, 5))

    def rule_words(self, position: int) -> str:
        return rule_text(self.policy.rules[position - 1], self.lang)

    def rule(self, facts: RuleFacts) -> Iterable[str]:
        """Yield the paragraphs about a rule."""
        yield self.say("rule", n=facts.rule, rule=self.rule_words(facts.rule))
        if facts.by == "assignment":
            yield from self.excluding(facts)
            return
        binding = [bound for bound in facts.bounds if bound.binds]
        if binding:
            if facts.by:
                names = self.listed((b.group for b in binding), 8)
                yield self.say("binds_for", names=names)
            else:
                yield self.say("binds")
        else:
            yield self.say("binds_not")
        loose = [bound for bound in facts.bounds if not bound.binds]
        if loose:
            yield self.left(loose[0], is_grouped=bool(facts.by))

    def left(self, bound: Bound, *, is_grouped: bool) -> str:
        rule = self.policy.rules[bound.rule - 1]
        key = "left_group" if is_grouped else "left"
        unit = MEASURES[rule.measure].unit
        if unit == "money":
            slack = self.money(Decimal(bound.slack.numerator) / bound.slack.denominator)
        else:
            slack = self.ratio(rule.measure, bound.slack)
        return self.say(key, group=bound.group, slack=slack)

    def excluding(self, facts: RuleFacts) -> Iterable[str]:
        if not facts.pairs:
            yield self.say("excludes_nothing")
            return
        yield self.say("excludes", needs=self.count("requests", facts.needs))
        if facts.stranded is not None:
            yield self.say(
                "stranded",
                needs=self.count("requests", facts.stranded.needs),
                places=self.count("places", facts.stranded.units),
            )
        elif facts.binds:
            yield self.say("excludes_some")
        else:
            yield self.say("excludes_none_unmet")

    # ---- without a plan

    def no_plan(self, facts: NoPlanFacts) -> Iterable[str]:
        """Yield why there is no plan."""
        if facts.status != "infeasible":
            yield self.say("unsolved")
            return
        yield self.say("no_plan_named" if facts.named else "no_plan")
        for term in facts.conflict:
            text = conflict_text(term, self.policy.rules, self.lang)
            yield self.say("item", text=text)
        yield from conflict_notes(facts.conflict, self.lang)
