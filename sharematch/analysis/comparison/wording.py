"""Comparisons in words, in English and Chinese."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharematch.model.measures import MEASURES
from sharematch.model.wording import (
    amount_of,
    goal_text,
    measure_text,
    rule_text,
    term_shown,
)
from sharematch.text import Text, has, percent, say, total_length
from sharematch.text.tables import Table, Value

if TYPE_CHECKING:
    from sharematch.analysis.comparison.clauses import ClausePrice, GoalChange
    from sharematch.analysis.comparison.plans import Change, Comparison
    from sharematch.core.columns.labels import Label
    from sharematch.model.policy import Goal, Rule

__all__ = [
    "change_text",
    "clause_text",
    "shown_by_community",
    "term_text",
    "totals_table",
    "way_text",
]

LONGEST = 8
"""Communities that are named."""
ALWAYS = ("served", "least_fill_rate")
"""Totals that are shown even where they are 0 in every plan."""


def _column(name: str, lang: str) -> str:
    code = f"compare.{name}"
    return say(code, lang) if has(code) else measure_text(name, lang)


def totals_table(comparison: "Comparison", lang: str = "en") -> Table:
    """Return the totals as people read them: a row for each, a column for each plan."""
    totals = comparison.totals
    rows: list[dict[str, Value]] = []
    for name in totals.columns[1:]:
        values = [plan[name] for plan in totals]
        if name in ALWAYS or any(values):
            cells = [_total(name, value, comparison.unit, lang) for value in values]
            plans = dict(zip(comparison.names, cells, strict=True))
            rows.append({"": _column(name, lang), **plans})
    return Table(rows, ("", *comparison.names))


def _total(name: str, value: Value, unit: str | None, lang: str) -> Value:
    value = way_text(name, value, unit, lang)
    return f"{value:,}" if isinstance(value, int | Decimal) else value


def shown_by_community(table: Table, label: "Label") -> Table:
    """Return a table by community as people are shown it."""
    rows = [
        {**row, "community": label("community", str(row["community"]))} for row in table
    ]
    return Table(rows, table.columns)


def way_text(
    name: str,
    value: Any,
    unit: str | None,
    lang: str = "en",
    *,
    signed: bool = False,
) -> Any:
    """Return travel with its unit, where that is known; other values as they are."""
    is_way = name in MEASURES and MEASURES[name].unit == "distance"
    if not is_way or unit is None or not isinstance(value, int):
        return value
    return total_length(value, unit, lang, signed=signed)


def term_text(term: "Rule | Goal", lang: str, label: "Label") -> str:
    """Return a rule or goal in words."""
    term, amount = term_shown(term, label), amount_of(label)
    is_goal = term.op in ("maximize", "minimize", "leximin", "leximax")
    return (goal_text if is_goal else rule_text)(term, lang, amount)


def change_text(change: "Change", lang: str = "en") -> str:
    """Return who gains and who loses, and what is different in all."""
    return "\n".join(_change(change, lang))


def _change(change: "Change", lang: str) -> Iterator[str]:
    parts = [
        say(
            f"compare.{verb}",
            lang,
            n=len(units),
            units=Text("count.units", n=sum(units.values())),
        )
        for verb, units in (("gain", change.gains), ("lose", change.losses))
        if sum(units.values())
    ]
    comma = say("list.comma", lang)
    what = comma.join(parts) or say("compare.same", lang)
    yield say("problem.about", lang, about=change.name, what=what)
    if change.gains:
        names = _most(change, change.gains, lang)
        yield f"  {say('compare.who_gains', lang, names=names)}"
    if change.losses:
        names = _most(change, change.losses, lang)
        yield f"  {say('compare.who_loses', lang, names=names)}"
    if change.needs_gaining or change.needs_losing:
        more, less = change.needs_gaining, change.needs_losing
        yield f"  {say('compare.needs', lang, more=more, less=less)}"
    totals = [
        f"{_column(name, lang)} {_difference(name, value, change.unit, lang)}"
        for name, value in change.totals.items()
        if value and name != "unmet"
    ]
    if totals:
        yield f"  {say('compare.price', lang, totals=comma.join(totals))}"
    elif parts or change.needs_gaining or change.needs_losing:
        yield f"  {say('compare.no_price', lang)}"


def clause_text(price: "ClausePrice", lang: str = "en") -> str:
    """Return what a clause costs and brings."""
    return "\n".join(_clause(price, lang))


def _clause(price: "ClausePrice", lang: str) -> Iterator[str]:
    kind, text = (
        f"policy.named_{price.kind}",
        term_text(price.clause, lang, price.label),
    )
    head = say(kind, lang, number=price.position, text=text)
    verdict = {None: "not_proved", True: "costs_nothing", False: "has_a_price"}
    key = verdict[price.costs_nothing]
    if price.change is None or price.changes_nothing:
        key = "no_plan" if price.change is None else "changes_nothing"
    yield say("problem.about", lang, about=head, what=Text(f"compare.{key}"))
    if price.change is None or price.changes_nothing:
        return
    unit = price.change.unit
    for goal in price.goals:
        if not goal.is_same:
            text = term_text(goal.term, lang, price.label)
            name = say("policy.named_goal", lang, number=goal.goal, text=text)
            what = _both(goal, unit, lang)
            yield f"  {say('problem.about', lang, about=name, what=what)}"
    if price.own is not None and not price.own.is_same:
        yield f"  {say('compare.brings', lang, what=_both(price.own, unit, lang))}"
    if price.broken:
        yield f"  {say('compare.broken', lang, n=price.broken)}"


def _both(goal: "GoalChange", unit: str | None, lang: str) -> str:
    """Return a goal's value with a clause and without; of vectors where they part."""
    with_it, without = goal.value, goal.without
    if isinstance(with_it, tuple) and isinstance(without, tuple):
        pairs = zip(with_it, without, strict=False)
        rank = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        if rank is not None:
            with_it, without = with_it[rank], without[rank]
            one, other = (_shown(x, goal.term, unit, lang) for x in (with_it, without))
            return say("compare.rank", lang, place=rank + 1, value=one, other=other)
    one, other = (_shown(x, goal.term, unit, lang) for x in (with_it, without))
    return say("compare.both", lang, value=one, other=other)


def _shown(value: Any, term: "Goal", unit: str | None, lang: str) -> str:
    if isinstance(value, Fraction):
        if MEASURES[term.measure].unit == "ratio":
            return percent(value, 1)
        return f"{value}" if value.denominator == 1 else f"{float(value):.3g}"
    value = way_text(term.measure, value, unit, lang)
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _difference(name: str, value: Any, unit: str | None, lang: str) -> str:
    if isinstance(value, Fraction):
        return say("compare.points", lang, points=f"{float(100 * value):+.1f}")
    shown = way_text(name, value, unit, lang, signed=True)
    return shown if isinstance(shown, str) else f"{value:+,}"


def _most(change: "Change", units: Mapping[str, int], lang: str) -> str:
    order = sorted(units, key=lambda c: (-units[c], c))
    shown = say("list.items", lang).join(
        f"{change.label('community', community)} {units[community]:,}"
        for community in order[:LONGEST]
    )
    if len(order) <= LONGEST:
        return shown
    return say("list.more", lang, names=shown, n=len(order) - LONGEST)
