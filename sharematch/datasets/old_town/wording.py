"""The story of the old town as text, in English and Chinese."""

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sharematch.text import percent
from sharematch.text.tables import padded
from sharematch.text.words import Lang, say

if TYPE_CHECKING:
    from sharematch.datasets.old_town.story import Plan, Story

__all__ = ["story_text"]

WORDS = {
    "opening": (
        "The old town, one week in December 2026\n"
        "\n"
        "{communities} communities of two subdistricts in one district; "
        "{facilities} facilities of {providers}\n"
        "providers offer {slots} slots; residents ask for {asked:,} services.\n"
        "Old communities are marked *. Lianqiao has no room and no land of its own.",
        "老城区，2026 年 12 月的一周\n"
        "\n"
        "一个区、两个街道的 {communities} 个社区；{providers} 个提供者的 "
        "{facilities} 处设施\n"
        "提供 {slots} 个时段；居民申请 {asked:,} 次服务。\n"
        "老社区以 * 标出。莲桥（lianqiao）自身没有场所，也没有用地。",
    ),
    "asked": ("asked", "申请"),
    "own": ("own places only", "仅用自有名额"),
    "subdistrict": ("subdistrict", "街道内共享"),
    "district": ("whole district", "全区共享"),
    "all": ("all", "合计"),
    "sharing": (
        "1  Who is served, the wider places are shared\n"
        "   Rule: the community served worst comes first, then the next worst, and\n"
        "   so on; then as many as possible; then the shortest ways.",
        "1  共享范围越大，谁得到服务\n"
        "   规则：先顾满足率最低的社区，再顾次低的，依此类推；\n"
        "   然后服务尽可能多；然后路程尽可能短。",
    ),
    "losers.subdistrict": (
        "   In the subdistrict, served less than alone: {losers}.",
        "   街道内共享时，服务少于不共享时的社区：{losers}。",
    ),
    "losers.district": (
        "   In the district, served less than alone: {losers}.",
        "   全区共享时，服务少于不共享时的社区：{losers}。",
    ),
    "nobody": ("nobody", "无"),
    "nobody_loses": (
        "   With the rule that nobody may lose, the whole district serves {served:,},\n"
        "   and the worst-served community {worst} of its demand.",
        "   若规定任何社区都不得受损，全区服务 {served:,} 次，\n"
        "   满足率最低的社区为 {worst}。",
    ),
    "gains": ("2  Three gains over own places only", "2  与仅用自有名额相比的三项收益"),
    "residents": ("Residents: services more", "居民：增加的服务（次）"),
    "in_old": ("   of these in the old communities", "   其中老社区"),
    "hosts": (
        "Hosts: fees from other communities, CNY",
        "单位：来自其他社区的收费（元）",
    ),
    "government": ("Government: places not to be built", "政府：不必新建的名额"),
    "not_built": (
        "   Places not to be built: for each community and kind of service, the\n"
        "   most its residents borrow on one day. Services at home are left out.",
        "   不必新建的名额：每个社区每类服务中，居民一天之内借用的最大数。\n"
        "   上门服务不计在内。",
    ),
    "kind.advice": ("advice", "咨询"),
    "kind.culture": ("culture", "文化"),
    "kind.health": ("health", "健康"),
    "kind.sport": ("sport", "体育"),
    "kind.training": ("training", "培训"),
    "fairness": (
        "3  What fairness changes in the whole district\n"
        "   Cheapest: as many as possible, then at least cost, then shortest ways.",
        "3  公平在全区带来的变化\n   最省：服务尽可能多，然后成本最低，然后路程最短。",
    ),
    "cheapest": ("cheapest", "最省"),
    "fair": ("fair", "公平"),
    "services": ("Services", "服务（次）"),
    "cost": ("Cost to providers, CNY", "提供者的成本（元）"),
    "way": ("Way per service, m", "每次服务的路程（米）"),
    "worst": (
        "   The worst-served community goes from {before} to {after}.",
        "   满足率最低的社区由 {before} 升至 {after}。",
    ),
}
"""English and Chinese, by key."""

WIDE, NARROW = 41, 18
"""Columns of the second and third tables, in cells of a terminal."""


def story_text(story: "Story", lang: Lang | str = Lang.EN) -> str:
    """Return what sharing and fairness change, in a language."""
    return _Telling(story, lang).text()


class _Telling:
    def __init__(self, story: "Story", lang: Lang | str) -> None:
        self.story = story
        self.lang = lang

    def text(self) -> str:
        """Return all parts."""
        parts = (self._opening(), self._sharing(), self._gains(), self._fairness())
        return "\n\n".join(parts)

    def say(self, key: str, **values: object) -> str:
        """Return a word or sentence."""
        return say(key, self.lang, words=WORDS).format(**values)

    def _opening(self) -> str:
        asked = sum(self.story.demand.values())
        return self.say("opening", **self.story.counts, asked=asked)

    def _sharing(self) -> str:
        story = self.story
        plans = {
            "own": story.alone,
            "subdistrict": story.subdistrict,
            "district": story.district,
        }
        heads = [padded(self.say(name), 19) for name in plans]
        lines = ["".join((" " * 13, padded(self.say("asked"), 6), *heads))]
        rows = [
            (self._marked(name), asked, [plan.served[name] for plan in plans.values()])
            for name, asked in story.demand.items()
        ]
        totals = [plan.total for plan in plans.values()]
        rows.append((self.say("all"), sum(story.demand.values()), totals))
        for name, asked, served in rows:
            cells = [
                f"{units:12,}{percent(Fraction(units, asked)):>7}" for units in served
            ]
            lines.append("".join((padded(name, 13, left=True), f"{asked:6,}", *cells)))
        losers = [
            self.say(f"losers.{name}", losers=self._losers(plans[name]))
            for name in ("subdistrict", "district")
        ]
        kept = story.nobody_loses
        ending = self.say("nobody_loses", served=kept.total, worst=self._worst(kept))
        return "\n".join([self.say("sharing"), "", *lines, "", *losers, ending])

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
            self._row(f"   {self.say(f'kind.{kind}')}", near.places.get(kind, 0), most)
            for kind, most in wide.places.items()
        ]
        heads = self._row("", self.say("subdistrict"), self.say("district"))
        told = [self._row(self.say(key), *values) for key, values in rows.items()]
        lines = [self.say("gains"), "", heads, *told, *kinds]
        return "\n".join([*lines, "", self.say("not_built")])

    def _fairness(self) -> str:
        story = self.story
        cheapest, fair = story.cheapest, story.district
        order = sorted(story.demand, key=lambda c: (story.fill_rate(cheapest, c), c))
        ways = [round(plan.travel / max(1, plan.total)) for plan in (cheapest, fair)]
        lines = [
            self._row("", self.say("cheapest"), self.say("fair")),
            *(
                self._row(
                    self._marked(name),
                    *(percent(story.fill_rate(p, name)) for p in (cheapest, fair)),
                )
                for name in order
            ),
            self._row(self.say("services"), cheapest.total, fair.total),
            self._row(self.say("cost"), cheapest.cost, fair.cost),
            self._row(self.say("way"), *ways),
        ]
        worst = (self._worst(cheapest), self._worst(fair))
        ending = self.say("worst", before=worst[0], after=worst[1])
        return "\n".join([self.say("fairness"), "", *lines, "", ending])

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
        return ", ".join(losers) or self.say("nobody")
