"""Comparisons in words, in English and Chinese."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharematch.model.measures import MEASURES
from sharematch.model.wording import goal_text, measure_text, rule_text
from sharematch.text import percent, total_length
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

WORDS: dict[str, tuple[str, str]] = {
    "gain": ("{0} gain {1}", "{0}增加{1}"),
    "gains": ("{0} gains {1}", "{0}增加{1}"),
    "lose": ("{0} lose {1}", "{0}减少{1}"),
    "loses": ("{0} loses {1}", "{0}减少{1}"),
    "same": ("every community gets as many units", "各社区所得单位数不变"),
    "needs": (
        "needs served more: {0}, less: {1}",
        "{0}项需求得到更多服务，{1}项减少",
    ),
    "who_gains": ("gain: {0}", "增加：{0}"),
    "who_loses": ("lose: {0}", "减少：{0}"),
    "price": ("in all: {0}", "总计：{0}"),
    "no_price": ("in all: nothing else changes", "总计：其他不变"),
    "more": (" and {0} more", "等{0}处"),
    "points": ("{0} percentage points", "{0}个百分点"),
    "rule": ("rule {0} ({1})", "规则{0}（{1}）"),
    "goal": ("goal {0} ({1})", "目标{0}（{1}）"),
    "no_plan": ("without it no plan was found in time", "去掉后未能及时找到方案"),
    "changes_nothing": ("changes nothing", "没有影响"),
    "costs_nothing": ("costs nothing", "没有代价"),
    "has_a_price": ("has a price", "有代价"),
    "not_proved": (
        "not proved within the limit; found were",
        "限时内未能证明；目前结果",
    ),
    "brings": ("brings: {0}", "带来：{0}"),
    "broken": ("keeps from: {0} places that break it", "避免：{0}处违反"),
    "broken_once": ("keeps from: 1 place that breaks it", "避免：1处违反"),
    "both": ("{0}, without it {1}", "{0}，去掉后为{1}"),
    "rank": (
        "the {0} from the bottom has {1}, without it {2}",
        "由低到高第{0}位为{1}，去掉后为{2}",
    ),
    # columns of totals that are no measures
    "plan": ("plan", "方案"),
    "least_fill_rate": ("lowest share served", "最低满足率"),
    "gini": ("inequality (Gini)", "不均等程度（基尼）"),
}


def _column(name: str, lang: str) -> str:
    return _say(name, lang) if name in WORDS else measure_text(name, lang)


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


def term_text(term: "Rule | Goal", lang: str = "en") -> str:
    """Return a rule or goal in words."""
    is_goal = term.op in ("maximize", "minimize", "leximin", "leximax")
    return goal_text(term, lang) if is_goal else rule_text(term, lang)


def change_text(change: "Change", lang: str = "en") -> str:
    """Return who gains and who loses, and what is different in all."""
    return "\n".join(_change(change, lang))


def _change(change: "Change", lang: str) -> Iterator[str]:
    parts = [
        _say(
            verb + ("s" if len(units) == 1 else ""),
            lang,
            _count(units, lang),
            _units(total, lang),
        )
        for verb, units in (("gain", change.gains), ("lose", change.losses))
        if (total := sum(units.values()))
    ]
    comma, colon = (", ", ": ") if lang == "en" else ("，", "：")
    yield f"{change.name}{colon}{comma.join(parts) or _say('same', lang)}"
    if change.gains:
        yield f"  {_say('who_gains', lang, _most(change, change.gains, lang))}"
    if change.losses:
        yield f"  {_say('who_loses', lang, _most(change, change.losses, lang))}"
    if change.needs_gaining or change.needs_losing:
        more, less = f"{change.needs_gaining:,}", f"{change.needs_losing:,}"
        yield f"  {_say('needs', lang, more, less)}"
    totals = [
        f"{_column(name, lang)} {_difference(name, value, change.unit, lang)}"
        for name, value in change.totals.items()
        if value and name != "unmet"
    ]
    if totals:
        yield f"  {_say('price', lang, comma.join(totals))}"
    elif parts or change.needs_gaining or change.needs_losing:
        yield f"  {_say('no_price', lang)}"


def clause_text(price: "ClausePrice", lang: str = "en") -> str:
    """Return what a clause costs and brings."""
    return "\n".join(_clause(price, lang))


def _clause(price: "ClausePrice", lang: str) -> Iterator[str]:
    colon = ": " if lang == "en" else "："
    head = _say(price.kind, lang, price.position, term_text(price.clause, lang))
    if price.change is None:
        yield f"{head}{colon}{_say('no_plan', lang)}"
        return
    if price.changes_nothing:
        yield f"{head}{colon}{_say('changes_nothing', lang)}"
        return
    verdict = {None: "not_proved", True: "costs_nothing", False: "has_a_price"}
    yield f"{head}{colon}{_say(verdict[price.costs_nothing], lang)}"
    unit = price.change.unit
    for goal in price.goals:
        if not goal.is_same:
            name = _say("goal", lang, goal.goal, term_text(goal.term, lang))
            yield f"  {name}{colon}{_both(goal, unit, lang)}"
    if price.own is not None and not price.own.is_same:
        yield f"  {_say('brings', lang, _both(price.own, unit, lang))}"
    if price.broken:
        key = "broken_once" if price.broken == 1 else "broken"
        yield f"  {_say(key, lang, price.broken)}"


def _both(goal: "GoalChange", unit: str | None, lang: str) -> str:
    """Return a goal's value with a clause and without; of vectors where they part."""
    with_it, without = goal.value, goal.without
    if isinstance(with_it, tuple) and isinstance(without, tuple):
        pairs = zip(with_it, without, strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        if at is not None:
            with_it, without = with_it[at], without[at]
            values = (_shown(x, goal.term, unit, lang) for x in (with_it, without))
            return _say("rank", lang, _nth(at + 1, lang), *values)
    values = (_shown(x, goal.term, unit, lang) for x in (with_it, without))
    return _say("both", lang, *values)


def _shown(value: Any, term: "Goal", unit: str | None, lang: str) -> str:
    if isinstance(value, Fraction):
        if MEASURES[term.measure].unit == "ratio":
            return percent(value, 1)
        return f"{value}" if value.denominator == 1 else f"{float(value):.3g}"
    value = way_text(term.measure, value, unit, lang)
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _nth(number: int, lang: str) -> str:
    if lang != "en":
        return str(number)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _difference(name: str, value: Any, unit: str | None, lang: str) -> str:
    if isinstance(value, Fraction):
        return _say("points", lang, f"{float(100 * value):+.1f}")
    shown = way_text(name, value, unit, lang, signed=True)
    return shown if isinstance(shown, str) else f"{value:+,}"


def _count(communities: Mapping[str, int], lang: str) -> str:
    number = len(communities)
    if lang != "en":
        return f"{number}个社区"
    return f"{number} {'community' if number == 1 else 'communities'}"


def _units(number: int, lang: str) -> str:
    if lang != "en":
        return f"{number}个单位"
    return f"{number:,} {'unit' if number == 1 else 'units'}"


def _most(change: "Change", units: Mapping[str, int], lang: str) -> str:
    order = sorted(units, key=lambda c: (-units[c], c))
    shown = (", " if lang == "en" else "、").join(
        f"{change.label('community', community)} {units[community]:,}"
        for community in order[:LONGEST]
    )
    left = len(order) - LONGEST
    if left <= 0:
        return shown
    return shown + _say("more", lang, left if lang == "en" else len(order))


def _say(key: str, lang: str, *values: object) -> str:
    return WORDS[key][lang != "en"].format(*values)
