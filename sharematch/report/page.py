"""The page: facts in words and pictures, put into the templates."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.wording import goal_text, rule_text
from sharematch.plans.results.plan import warnings_of
from sharematch.plans.results.status import GoalValue
from sharematch.report import charts
from sharematch.report.counting import REASONS
from sharematch.report.facts import Facts
from sharematch.report.numbers import HIDDEN, difference, percent, signed, units, width
from sharematch.report.sheets import income_by_owner, sheets
from sharematch.report.words import Text, capital, same, text
from sharematch.text import Text as Said
from sharematch.text import told

__all__ = ["render"]

MOST_BARS = 40


def render(facts: Facts, lang: str, suppress_below: int) -> str:
    """Return the page as HTML; the same facts give the same text."""
    environment = Environment(
        loader=PackageLoader("sharematch.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    folder = files("sharematch.report") / "templates"
    style, script = (
        (folder / name).read_text("utf-8") for name in ("page.css", "page.js")
    )
    digest = b64encode(sha256(script.encode()).digest()).decode()
    page = environment.get_template("page.html").render(
        lang=lang,
        t=text,
        style=style,
        script=script,
        script_hash=f"sha256-{digest}",
        suppress_below=suppress_below,
        **_context(facts, suppress_below),
    )
    return page.replace("\0", "\N{REPLACEMENT CHARACTER}")  # not allowed in HTML


def _context(facts: Facts, suppress_below: int) -> dict[str, Any]:
    policy = facts.result.policy
    shared: dict[str, Any] = {
        "name": facts.columns.name,
        "status": _standing(facts),
        "policy_name": policy.name,
        "rules": [_both(rule_text, rule) for rule in policy.rules],
        "goals": [_both(goal_text, goal) for goal in policy.goals],
        "is_first_come": policy.method == "first_come",
        "conflict": _conflict(facts, is_public=suppress_below > 0),
        "conflict_notes": _conflict_notes(facts, is_public=suppress_below > 0),
        "warnings": [_both(told, warning) for warning in _warnings(facts)],
        "origin": _origin(facts, is_public=suppress_below > 0),
        "has_plan": facts.has_plan,
    }
    if not facts.has_plan:
        return shared
    bars = _bars(facts)
    return shared | {
        "figures": _figures(facts),
        "bars": bars[:MOST_BARS],
        "num_more_bars": len(bars[MOST_BARS:]),
        "has_alone": facts.has_alone,
        "map": charts.lending_map(facts),
        "most_flows": charts.MOST_FLOWS,
        "calendar": charts.calendar(facts),
        "hours": charts.hours(facts),
        "untimed": units(facts.counts.shown("untimed"))
        if facts.counts.values["untimed",]
        else "",
        "gains": _gains(facts),
        "unmet": _unmet(facts),
        "proof": _proof(facts, suppress_below),
        "sheets": [sheet for sheet in sheets(facts) if sheet.rows],
    }


def _standing(facts: Facts) -> str:
    """Return how a result stands: only what is proved is said to be."""
    verdict = facts.verdict
    if not verdict.is_valid:
        return "false"
    if verdict.is_proved or facts.result.status == "unsolved":
        return facts.result.status.value
    return "feasible" if facts.has_plan else "denied"


def _conflict(facts: Facts, *, is_public: bool) -> list[Text]:
    """Return what cannot hold together; in public no need is named."""
    rules = facts.result.policy.rules
    return [
        text("some_decision")
        if is_public and term.kind == "decision"
        else Text(*(conflict_text(term, rules, x) for x in ("en", "zh")))
        for term in facts.result.conflict or ()
    ]


def _conflict_notes(facts: Facts, *, is_public: bool) -> list[Text]:
    """Return what is said of a conflict as a whole; in public no count is told."""
    terms = () if is_public else facts.result.conflict or ()
    return [
        Text(*pair)
        for pair in zip(conflict_notes(terms), conflict_notes(terms, "zh"), strict=True)
    ]


def _both(words: Callable[[Any, str], str], term: Any) -> Text:
    return capital(Text(*(words(term, lang) for lang in ("en", "zh"))))


def _warnings(facts: Facts) -> tuple[str, ...]:
    """Return the remarks of a result; those of a file are texts again, not English."""
    columns, result = facts.columns, facts.result
    if all(isinstance(warning, Said) for warning in result.warnings):
        return result.warnings
    measures = Measures(columns, admitted_arcs(columns, result.policy.rules))
    every = warnings_of(measures, result.policy, cut=True)
    known = dict(zip(every, every, strict=True))
    return tuple(known.get(warning, warning) for warning in result.warnings)


def _origin(facts: Facts, *, is_public: bool) -> list[tuple[Text, str]]:
    """Return hashes and versions; with that of the records guesses could be tried."""
    kept = facts.result.provenance
    names = ("policy", "seed") if is_public else ("instance", "policy", "seed")
    rows = [(text(f"origin_{name}"), str(kept.get(name, ""))) for name in names]
    version = (
        f"sharematch {kept.get('sharematch', '')}, ortools {kept.get('ortools', '')}"
    )
    return [*rows, (text("origin_version"), version)]


# Key figures, bars, gains


def _figures(facts: Facts) -> list[tuple[Text, str, Text]]:
    """Return heading, number and remark of what is seen first."""
    counts = facts.counts
    rows = [
        (
            text("served"),
            percent(facts.rate("served", "demand")),
            text(
                "units_of",
                units(counts.shown("served")),
                units(counts.shown("demand")),
            ),
        )
    ]
    rates = _rates(facts)
    if rates and all(rate is not None for rate, _ in rates):
        rate, name = rates[0]
        rows.append((text("worst_off"), percent(rate), same(name)))
    if facts.has_alone:
        more = difference(counts.shown("served"), counts.shown("alone"))
        note = text("was_alone", units(counts.shown("alone")))
        rows.append((text("more_than_alone"), signed(more), note))
    part = percent(facts.rate("borrowed", "served"))
    note = text("of_served", part)
    rows.append((text("borrowed_card"), units(counts.shown("borrowed")), note))
    return rows


def _rates(facts: Facts) -> list[tuple[Fraction | None, str]]:
    """Return the communities that ask for anything, least share served first."""
    asking = [
        (facts.rate("served", "demand", one), one)
        for one in facts.columns.community_ids
        if facts.counts.values["demand", one]
    ]
    return sorted(
        asking, key=lambda pair: (-1 if pair[0] is None else pair[0], pair[1])
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A community's shares: widths in percent, None where hidden."""

    name: str
    after: float | None
    before: float | None
    shown: str
    units: Text
    label: Text


def _bars(facts: Facts) -> list[Bar]:
    counts, bars = facts.counts, []
    for after, one in _rates(facts):
        before = facts.rate("alone", "demand", one) if facts.has_alone else None
        name = facts.label("community", one)
        keys = [name, percent(after)]
        key = "bar_label" if facts.has_alone else "bar_label_now"
        if facts.has_alone:
            keys.append(percent(before))
        bars.append(
            Bar(
                name,
                width(after),
                width(before),
                percent(after, 1),
                text(
                    "units_of",
                    units(counts.shown("served", one)),
                    units(counts.shown("demand", one)),
                ),
                text(key, *keys),
            )
        )
    return bars


def _gains(facts: Facts) -> list[tuple[Text, Text, Text]]:
    """Return heading, number and remark of the three gains."""
    counts, ids = facts.counts, facts.columns.community_ids
    changes = [
        difference(counts.shown("served", one), counts.shown("alone", one))
        for one in ids
    ]
    residents = text("not_known")
    if facts.has_alone:
        residents = same(
            signed(difference(counts.shown("served"), counts.shown("alone")))
        )
    known = [change for change in changes if change is not None]
    more, less = sum(n > 0 for n in known), sum(n < 0 for n in known)
    incomes = income_by_owner(facts)
    total = sum(facts.income.values(), Decimal(0))
    is_known = all(amount is not None for amount in incomes.values())
    earned = f"{total:,.2f} {facts.columns.currency}".strip() if is_known else HIDDEN
    return [
        (
            text("gain_residents"),
            residents,
            text("gain_residents_note", more, less),
        ),
        (
            text("gain_providers"),
            same(earned),
            text("gain_providers_note", len(facts.income)),
        ),
        (
            text("gain_government"),
            same(units(counts.shown("saved"))),
            text("gain_government_note"),
        ),
    ]


def _unmet(facts: Facts) -> list[tuple[Text, str, float]]:
    """Return reason, units and width of its bar, most first."""
    counts = facts.counts
    some = [r for r in REASONS if counts.values.get(("why", r))]
    # Hidden ones must not be told by the length of the others.
    most = max((counts.shown("why", r) or 0 for r in some), default=0) or 1
    return [
        (
            text(f"why.{reason}"),
            units(shown := counts.shown("why", reason)),
            100.0 * (shown or 0) / most,
        )
        for reason in sorted(some, key=lambda r: -(counts.shown("why", r) or 0))
    ]


def _proof(facts: Facts, suppress_below: int) -> dict[str, Any]:
    """Return how a plan was checked; in public not what was found, with its numbers."""
    certificate, findings = facts.result.certificate, facts.verdict.findings
    return {
        "findings": [text("withheld")]
        if findings and suppress_below
        else [same(finding.message) for finding in findings],
        "is_proved": facts.verdict.is_proved,
        "num_prices": _num_prices(certificate),
        "goals": [_goal(facts, goal, suppress_below) for goal in facts.result.goals],
    }


def _goal(facts: Facts, goal: GoalValue, suppress_below: int) -> tuple[Text, ...]:
    """Return a goal, its value, bound and gap.

    What they are of may be fewer people than any count on the page: of one group, or
    of single needs.
    """
    numbers = (
        [*value] if isinstance(value, tuple) else [value]
        for value in (goal.value, goal.bound)
    )
    is_small = MEASURES[goal.measure].unit == "units" and any(
        0 < number < suppress_below for some in numbers for number in some
    )
    is_withheld = bool(facts.counts.out) or is_small
    return (
        _both(goal_text, goal.goal),
        *(
            text("withheld") if is_withheld else _value(facts, goal, value)
            for value in (goal.value, goal.bound)
        ),
        text("withheld") if is_withheld and goal.gap else same(_gap(goal.gap)),
    )


def _num_prices(certificate: Any) -> int:
    if not isinstance(certificate, dict):
        return 0
    return sum(
        len(prices)
        for goal in certificate.get("goals", ())
        for stage in goal.get("stages", [goal])
        for prices in stage.get("prices", {}).values()
    )


def _value(facts: Facts, goal: GoalValue, value: Any) -> Text:
    unit = MEASURES[goal.measure].unit
    is_ratio = unit == "ratio"
    if isinstance(value, tuple):
        if not value:
            return same("–")
        write = percent if is_ratio else _rounded
        return text("lowest", write(min(value)), write(max(value)))
    if is_ratio:
        return same(percent(value))
    columns = facts.columns
    of_distance = "m" if columns.unit == "km" else "s"
    sign = {"distance": of_distance, "money": columns.currency}.get(unit, "")
    return same(f"{value:,} {sign}".strip())


def _rounded(value: Fraction) -> str:
    return f"{float(value):,.4g}" if value.denominator > 1 else f"{value.numerator:,}"


def _gap(gap: Fraction) -> str:
    return "0" if not gap else percent(gap, 2)
