"""The story of the old town as text, in English and Chinese."""

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sharematch.text import Lang, percent, say
from sharematch.text.bars import bar
from sharematch.text.tables import padded

if TYPE_CHECKING:
    from sharematch.datasets.old_town.story import Plan, Story

__all__ = ["story_text"]

WIDE, NARROW = 41, 18
"""Columns of the second and third tables, in cells of a terminal."""


LEAST_BAR, MOST_BAR = 8, 24
"""Cells of each of two bars in a line."""


def story_text(story: "Story", lang: Lang | str = Lang.EN, cells: int = 0) -> str:
    """Return what sharing and fairness change, in a language, with bars if they fit."""
    return _Telling(story, lang, cells).text()


class _Telling:
    def __init__(self, story: "Story", lang: Lang | str, cells: int) -> None:
        self.story = story
        self.lang = lang
        self.bar_width = min((cells - 13 - 2 * 8 - 1) // 2, MOST_BAR)

    def text(self) -> str:
        """Return all parts."""
        parts = (self._opening(), self._sharing(), self._gains(), self._fairness())
        return "\n\n".join(parts)

    def say(self, code: str, **values: object) -> str:
        """Return a word or sentence."""
        return say(code, self.lang, **values)

    def _opening(self) -> str:
        asked = sum(self.story.demand.values())
        return self.say("story.opening", **self.story.counts, asked=asked)

    def _sharing(self) -> str:
        story = self.story
        plans = {
            "own": story.alone,
            "subdistrict": story.subdistrict,
            "district": story.district,
        }
        heads = [padded(self.say(f"story.{name}"), 19) for name in plans]
        lines = ["".join((" " * 13, padded(self.say("story.asked"), 6), *heads))]
        rows = [
            (self._marked(name), asked, [plan.served[name] for plan in plans.values()])
            for name, asked in story.demand.items()
        ]
        totals = [plan.total for plan in plans.values()]
        rows.append((self.say("story.all"), sum(story.demand.values()), totals))
        for name, asked, served in rows:
            cells = [
                f"{units:12,}{percent(Fraction(units, asked)):>7}" for units in served
            ]
            lines.append("".join((padded(name, 13, left=True), f"{asked:6,}", *cells)))
        losers = [
            self.say(f"story.losers_{name}", losers=self._losers(plans[name]))
            for name in ("subdistrict", "district")
        ]
        if self.bar_width >= LEAST_BAR:
            lines += ["", *self._bars()]
        kept = story.nobody_loses
        ending = self.say(
            "story.nobody_loses", served=kept.total, worst=self._worst(kept)
        )
        return "\n".join([self.say("story.sharing"), "", *lines, "", *losers, ending])

    def _bars(self) -> list[str]:
        """Return what each community gets alone and in the district, drawn."""
        plans, width = (self.story.alone, self.story.district), self.bar_width
        names = [self.say(f"story.{name}") for name in ("own", "district")]
        heads = [padded(name, 8 + width, left=True) for name in names]
        lines = ["".join((" " * 16, *heads)).rstrip()]
        for name in self.story.demand:
            rates = [self.story.fill_rate(plan, name) for plan in plans]
            drawn = (f"{percent(rate):>6}  {bar(rate, width)}" for rate in rates)
            lines.append("".join((padded(self._marked(name), 13, left=True), *drawn)))
        return lines

    def _gains(self) -> str:
        near, wide = self.story.gains_subdistrict, self.story.gains_district
        both = (near, wide)
        rows: dict[str, list[int] | list[Decimal]] = {
            "residents": [sum(gains.extra.values()) for gains in both],
            "in_old": [sum(gains.extra[c] for c in self.story.old) for gains in both],
            "hosts": [sum(gains.income.values(), Decimal(0)) for gains in both],
            "government": [sum(gains.places.values()) for gains in both],
        }
        kinds = [
            self._row(
                f"   {self.say(f'story.kind_{kind}')}", near.places.get(kind, 0), most
            )
            for kind, most in wide.places.items()
            for name in [self.say(f"story.kind_{kind}")]
        ]
        heads = self._row("", self.say("story.subdistrict"), self.say("story.district"))
        told = [
            self._row(self.say(f"story.{key}"), *values) for key, values in rows.items()
        ]
        lines = [self.say("story.gains"), "", heads, *told, *kinds]
        return "\n".join([*lines, "", self.say("story.not_built")])

    def _fairness(self) -> str:
        story = self.story
        cheapest, fair = story.cheapest, story.district
        order = sorted(story.demand, key=lambda c: (story.fill_rate(cheapest, c), c))
        ways = [round(plan.travel / max(1, plan.total)) for plan in (cheapest, fair)]
        lines = [
            self._row("", self.say("story.cheapest"), self.say("story.fair")),
            *(
                self._row(
                    self._marked(name),
                    *(percent(story.fill_rate(p, name)) for p in (cheapest, fair)),
                )
                for name in order
            ),
            self._row(self.say("story.services"), cheapest.total, fair.total),
            self._row(self.say("story.cost"), cheapest.cost, fair.cost),
            self._row(self.say("story.way"), *ways),
        ]
        worst = (self._worst(cheapest), self._worst(fair))
        ending = self.say("story.worst", before=worst[0], after=worst[1])
        return "\n".join([self.say("story.fairness"), "", *lines, "", ending])

    def _row(self, name: str, *values: int | Decimal | str) -> str:
        cells = [v if isinstance(v, str) else f"{v:,}" for v in values]
        return "".join(
            (padded(name, WIDE, left=True), *(padded(cell, NARROW) for cell in cells))
        )

    def _marked(self, community: str) -> str:
        return f"{community} *" if community in self.story.old else community

    def _worst(self, plan: "Plan") -> str:
        story = self.story
        return percent(min(story.fill_rate(plan, name) for name in story.demand))

    def _losers(self, plan: "Plan") -> str:
        alone = self.story.alone.served
        losers = [name for name in alone if plan.served[name] < alone[name]]
        return say("list.items", self.lang).join(losers) or self.say("story.nobody")
