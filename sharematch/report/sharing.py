"""Who gains and who loses by sharing: key figures, bars, losers, the spread, gains."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median_low

from sharematch.report.facts import Facts
from sharematch.report.numbers import (
    HIDDEN,
    difference,
    money,
    percent,
    signed,
    units,
    width,
)
from sharematch.report.sheets import income_by_owner
from sharematch.report.words import Words, same, text

__all__ = ["Bar", "Loss", "Spread", "bars", "figures", "gains", "losses", "spread"]

MOST_ALL_BARS = 20
"""Up to so many communities each has its bar; of more the spread is shown."""
LEAST_SERVED = 10
"""So many have a bar then."""
BINS = 10

Figure = tuple[Words, Words, Words]
"""Heading, number, remark."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A community's shares: widths in percent, None where hidden."""

    name: str
    after: float | None
    before: float | None
    shown: str
    alone: Words | None
    units: Words
    fewer: Words | None
    """How much less it gets by sharing, if it does."""
    label: Words


@dataclass(frozen=True, slots=True)
class Losses:
    """The communities that get less by sharing, and what to say of all."""

    said: Words
    rows: list["Loss"]
    unknown: Words | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A community that gets less by sharing than by its own places alone."""

    name: str
    alone: str
    alone_rate: str
    now: str
    now_rate: str
    fewer: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How many communities are served which share: a bin for each tenth."""

    bins: list["Bin"]
    after: Words
    before: Words | None
    num_unknown: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Communities in a tenth, with sharing and by own places, as counts and heights."""

    name: str
    after: int
    before: int
    after_height: float
    before_height: float
    label: Words


def figures(facts: Facts) -> list[Figure]:
    """Return heading, number and remark of what is seen first."""
    counts = facts.counts
    asked, served = counts.shown("demand"), counts.shown("served")
    rows = [
        (
            text("report.served"),
            same(percent(facts.rate("served", "demand"))),
            text("report.units_of", served=units(served), asked=units(asked)),
        )
    ]
    if facts.has_alone:
        losing = [n for c in facts.columns.community_ids if (n := _fewer(facts, c))]
        note = text("report.nobody_loses")
        if losing:
            note = text("report.places_fewer", n=sum(losing))
        rows.append((text("report.lose_card"), same(f"{len(losing):,}"), note))
    rates = _rates(facts)
    if rates and all(rate is not None for rate, _ in rates):
        rate, community = rates[0]
        name = facts.label("community", community)
        rows.append((text("report.worst_off"), same(percent(rate)), same(name)))
    if facts.has_alone:
        more = difference(served, counts.shown("alone"))
        note = text("report.was_alone", alone=units(counts.shown("alone")))
        rows.append((text("report.more_than_alone"), same(signed(more)), note))
    part = percent(facts.rate("borrowed", "served"))
    note = text("report.of_served", part=part)
    borrowed = same(units(counts.shown("borrowed")))
    return [*rows, (text("report.borrowed_card"), borrowed, note)]


def _rates(facts: Facts) -> list[tuple[Fraction | None, str]]:
    """Return the communities that ask for anything, least share served first."""
    asking = [
        (facts.rate("served", "demand", community), community)
        for community in facts.columns.community_ids
        if facts.counts.values["demand", community]
    ]
    return sorted(
        asking, key=lambda pair: (-1 if pair[0] is None else pair[0], pair[1])
    )


def _fewer(facts: Facts, community: str) -> int | None:
    """Return how much less a community gets by sharing, 0 if not; None if hidden."""
    now, alone = (facts.counts.shown(x, community) for x in ("served", "alone"))
    change = difference(alone, now)
    return None if change is None else max(change, 0)


def bars(facts: Facts) -> list[Bar]:
    """Return bars of all communities, or of those least served where they are many."""
    rates = _rates(facts)
    if len(rates) > MOST_ALL_BARS:
        rates = rates[:LEAST_SERVED]
    return [_bar(facts, after, community) for after, community in rates]


def _bar(facts: Facts, after: Fraction | None, community: str) -> Bar:
    counts, name = facts.counts, facts.label("community", community)
    served, asked = (units(counts.shown(x, community)) for x in ("served", "demand"))
    now, alone, fewer, before = percent(after, 1), None, None, None
    label = text("report.bar_label_now", name=name, after=now)
    if facts.has_alone:
        before = facts.rate("alone", "demand", community)
        rate = percent(before, 1)
        alone = text("report.own_rate", rate=rate)
        label = text("report.bar_label", name=name, after=now, before=rate)
        if lost := _fewer(facts, community):
            fewer = text("report.fewer", n=lost)
    return Bar(
        name,
        width(after),
        width(before),
        now,
        alone,
        text("report.units_of", served=served, asked=asked),
        fewer,
        label,
    )


def losses(facts: Facts) -> Losses:
    """Return who gets less by sharing, most first; only what is shown elsewhere too."""
    counts, ids = facts.counts, facts.columns.community_ids
    fewer = {community: _fewer(facts, community) for community in ids}
    losing = {community: n for community, n in fewer.items() if n}
    rows = [
        Loss(
            facts.label("community", community),
            units(counts.shown("alone", community)),
            percent(facts.rate("alone", "demand", community)),
            units(counts.shown("served", community)),
            percent(facts.rate("served", "demand", community)),
            units(n),
        )
        for community, n in sorted(losing.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    num_unknown = sum(n is None for n in fewer.values())
    said = text("report.no_losers" if not num_unknown else "report.no_losers_shown")
    if rows:
        places = text("report.num_places", n=sum(losing.values()))
        said = text("report.losers", n=len(rows), all=len(ids), places=places)
    unknown = text("report.losers_unknown", n=num_unknown) if num_unknown else None
    return Losses(said, rows, unknown)


def spread(facts: Facts) -> Spread | None:
    """Return how many communities are served which share, where they are many."""
    asking = [community for _, community in _rates(facts)]
    if len(asking) <= MOST_ALL_BARS:
        return None
    after = [facts.rate("served", "demand", community) for community in asking]
    before = [
        facts.rate("alone", "demand", community) if facts.has_alone else None
        for community in asking
    ]
    known = [rate for rate in after if rate is not None]
    known_before = [rate for rate in before if rate is not None]
    counts = [_binned(known), _binned(known_before)]
    most = max(*map(max, counts), 1)
    bins = []
    for i, (now, alone) in enumerate(zip(*counts, strict=True)):
        name = f"{100 * i // BINS}–{100 * (i + 1) // BINS}%"
        code = "report.bin" if facts.has_alone else "report.bin_now"
        values = {"alone": alone} if facts.has_alone else {}
        label = text(code, share=name, n=now, **values)
        after_height, before_height = (round(100 * n / most, 1) for n in (now, alone))
        bins.append(Bin(name, now, alone, after_height, before_height, label))
    return Spread(
        bins,
        _summed("report.spread_after", known),
        _summed("report.spread_before", known_before) if known_before else None,
        len(after) - len(known),
    )


def _binned(rates: list[Fraction]) -> list[int]:
    """Return how many there are in each tenth; all of it is in the last."""
    bins = [0] * BINS
    for rate in rates:
        bins[min(int(rate * BINS), BINS - 1)] += 1
    return bins


def _summed(code: str, rates: list[Fraction]) -> Words:
    """Return how many get nothing and everything, and what the middle one gets."""
    middle = percent(median_low(rates)) if rates else HIDDEN
    none, everything = rates.count(Fraction(0)), sum(rate >= 1 for rate in rates)
    return text(code, n=none, middle=middle, everything=everything)


def gains(facts: Facts) -> list[Figure]:
    """Return heading, number and remark of the three gains."""
    counts, ids = facts.counts, facts.columns.community_ids
    changes = [
        difference(counts.shown("served", community), counts.shown("alone", community))
        for community in ids
    ]
    known = [change for change in changes if change is not None]
    residents = text("report.not_known")
    note = text("report.gain_not_known")
    if facts.has_alone:
        more = difference(counts.shown("served"), counts.shown("alone"))
        residents = same(signed(more))
        note = text(
            "report.gain_residents_note",
            more=text("report.communities_gain", n=sum(n > 0 for n in known)),
            less=text("report.communities_lose", n=sum(n < 0 for n in known)),
        )
    incomes = income_by_owner(facts)
    total = sum(facts.income.values(), Decimal(0))
    is_known = all(amount is not None for amount in incomes.values())
    earned = money(total, facts.columns.currency) if is_known else HIDDEN
    paid = text("report.gain_providers_note", n=len(facts.income))
    if not facts.income:
        paid = text("report.no_fees")
    elif not facts.columns.currency:
        paid = text("report.no_currency", said=paid)
    saved = same(units(counts.shown("saved")))
    return [
        (text("report.gain_residents"), residents, note),
        (
            text("report.gain_providers"),
            same(earned) if facts.income else text("report.nothing"),
            paid,
        ),
        (
            text("report.gain_government"),
            saved,
            text("report.gain_government_note"),
        ),
    ]
