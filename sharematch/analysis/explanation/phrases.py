"""Parts of sentences that explanations of all kinds have in common.

Sentences stand in the catalog, in `explain`; here they are put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.analysis.explanation.facts import Bottleneck, Change, Standing, Units
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.labels import Label
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.wording import (
    amount_of,
    goal_text,
    policy_shown,
    rule_text,
    subject_text,
)
from sharematch.text import has, joined, length, month_text, percent, say

__all__ = ["SOME", "Phrases", "Reader"]

SOME = 3
"""Names listed before the rest is only counted."""


@dataclass(frozen=True)
class Reader:
    """What sentences need beside facts: units of length and money, and the policy."""

    columns: Columns | None
    policy: Policy


class Phrases:
    """Puts facts into parts of sentences, for one reader in one language."""

    def __init__(self, reader: Reader, lang: str, label: Label) -> None:
        self.columns, self.lang, self.label = reader.columns, lang, label
        self.policy, self.bound = policy_shown(reader.policy, label), amount_of(label)
        self.rules = reader.policy.rules

    def say(self, code: str, **values: object) -> str:
        """Return a sentence of the catalog in the reader's language."""
        return say(code, self.lang, **values)

    def count(self, code: str, number: int) -> str:
        """Return a number with its noun."""
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
        """Return sentences as one paragraph."""
        return joined("term.sentences", sentences, self.lang)

    def shares(self, users: Sequence[Units], most: int = SOME) -> str:
        """Return who has how many units, the first of them by name."""
        parts = (
            self.say("list.counted", name=u.community, n=f"{u.units:,}") for u in users
        )
        return self.listed(parts, most)

    def length(self, value: int) -> str:
        """Return a distance in the unit of the instance."""
        unit = "km" if self.columns is None else self.columns.unit
        return length(value, unit, self.lang)

    def money(self, value: Decimal) -> str:
        """Return an amount of money with its currency."""
        currency = self.columns.currency if self.columns is not None else ""
        return f"{value:,.2f} {currency}".strip()

    def day(self, text: str) -> str:
        """Return a date (ISO 8601) as people write it."""
        when = date.fromisoformat(text)
        return say("date.day", self.lang, day=when, month=month_text(when, self.lang))

    def ratio(self, measure: str, value: Fraction) -> str:
        """Return a share in percent, any other ratio as a number."""
        if MEASURES[measure].unit == "ratio":
            return percent(value, 1 if (value * 100).denominator > 1 else 0)
        return f"{float(value):,.6g}"

    def goal(self, position: int) -> str:
        """Return a goal of the policy, counted from 1."""
        return goal_text(self.policy.goals[position - 1], self.lang, self.bound)

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

    def standing(self, standing: Standing, value: str) -> str:
        """Return how well off a group is."""
        key = (
            "explain.stands_fill"
            if standing.measure == "fill_rate"
            else "explain.stands"
        )
        return self.say(key, group=standing.group, value=value)

    def bottleneck(self, shortage: Bottleneck) -> str:
        """Return how many ask for which places that are too few."""
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

    def off(
        self, code: str, off: Any, missing: Sequence[str], rule: int | None = None
    ) -> str:
        """Return by how much a slot is missed, led in by a comma; or nothing."""
        if code in ("feature", "group") and missing:
            return self.say(f"explain.miss_{code}", what=self.listed(missing))
        if rule is not None:
            term = self.policy.rules[rule - 1]
            return self.say(
                "explain.miss_rule", rule=rule_text(term, self.lang, self.bound)
            )
        if off is None:
            return ""
        return self.say("explain.miss_by", how=self.amount(code, off))

    def amount(self, code: str, off: Any) -> str:
        """Return by how much a condition is missed, in its unit."""
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
        """Return minutes, or whole hours or days where they are many."""
        if minutes < 120:
            return self.count("explain.minutes", minutes)
        if minutes < 48 * 60:
            return self.count("explain.hours", -(-minutes // 60))
        return self.count("explain.days", -(-minutes // 1440))

    def changes(self, changes: Sequence[Change], *, searched: bool) -> Iterable[str]:
        """Yield what would have helped, if it was looked for."""
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
        """Return one change that would have helped, and who would pay for it."""
        values: dict[str, object] = {
            "slot": change.slot,
            "id": change.id,
            "need": change.need,
        }
        if change.code == "rule":
            rule = self.policy.rules[int(change.id) - 1]
            rule = rule.model_copy(update={change.field: change.after})
            values["rule"] = rule_text(rule, self.lang, self.bound)
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
