"""The page: facts in words and pictures, put into the templates."""

from base64 import b64encode
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
from sharematch.model.refusals import conflict_said, notes_said
from sharematch.model.wording import goal_said, rule_said
from sharematch.plans.results.plan import warnings_of
from sharematch.plans.results.status import GoalValue
from sharematch.report import charts
from sharematch.report.counting import REASONS
from sharematch.report.facts import Facts
from sharematch.report.numbers import HIDDEN, difference, percent, signed, units, width
from sharematch.report.sheets import income_by_owner, sheets
from sharematch.report.week import week_plan
from sharematch.report.words import Words, capital, same, text
from sharematch.text import LANGUAGES, Text, header

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
        languages=LANGUAGES,
        names={other: header(other)["language"] for other in LANGUAGES},
        tags={other: header(other)["tag"] for other in LANGUAGES},
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
        "rules": [capital(same(rule_said(rule))) for rule in policy.rules],
        "goals": [capital(same(goal_said(goal))) for goal in policy.goals],
        "is_first_come": policy.method == "first_come",
        "conflict": _conflict(facts, is_public=suppress_below > 0),
        "conflict_notes": _conflict_notes(facts, is_public=suppress_below > 0),
        "warnings": [capital(same(warning)) for warning in _warnings(facts)],
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
        "week": week_plan(facts),
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


def _conflict(facts: Facts, *, is_public: bool) -> list[Words]:
    """Return what cannot hold together; in public no need is named."""
    rules = facts.result.policy.rules
    return [
        text("report.some_decision")
        if is_public and term.kind == "decision"
        else same(conflict_said(term, rules))
        for term in facts.result.conflict or ()
    ]


def _conflict_notes(facts: Facts, *, is_public: bool) -> list[Words]:
    """Return what is said of a conflict as a whole; in public no count is told."""
    terms = () if is_public else facts.result.conflict or ()
    return [same(note) for note in notes_said(terms)]


def _warnings(facts: Facts) -> tuple[str, ...]:
    """Return the remarks of a result; those of a file are texts again, not English."""
    columns, result = facts.columns, facts.result
    if all(isinstance(warning, Text) for warning in result.warnings):
        return result.warnings
    measures = Measures(columns, admitted_arcs(columns, result.policy.rules))
    every = warnings_of(measures, result.policy, cut=True)
    known = dict(zip(every, every, strict=True))
    return tuple(known.get(warning, warning) for warning in result.warnings)


def _origin(facts: Facts, *, is_public: bool) -> list[tuple[Words, str]]:
    """Return hashes and versions; with that of the records guesses could be tried."""
    kept = facts.result.provenance
    names = ("policy", "seed") if is_public else ("instance", "policy", "seed")
    rows = [(text(f"report.origin_{name}"), str(kept.get(name, ""))) for name in names]
    version = (
        f"sharematch {kept.get('sharematch', '')}, ortools {kept.get('ortools', '')}"
    )
    return [*rows, (text("report.origin_version"), version)]


# Key figures, bars, gains


def _figures(facts: Facts) -> list[tuple[Words, str, Words]]:
    """Return heading, number and remark of what is seen first."""
    counts = facts.counts
    rows = [
        (
            text("report.served"),
            percent(facts.rate("served", "demand")),
            text(
                "report.units_of",
                served=units(counts.shown("served")),
                asked=units(counts.shown("demand")),
            ),
        )
    ]
    rates = _rates(facts)
    if rates and all(rate is not None for rate, _ in rates):
        rate, name = rates[0]
        rows.append((text("report.worst_off"), percent(rate), same(name)))
    if facts.has_alone:
        more = difference(counts.shown("served"), counts.shown("alone"))
        note = text("report.was_alone", alone=units(counts.shown("alone")))
        rows.append((text("report.more_than_alone"), signed(more), note))
    part = percent(facts.rate("borrowed", "served"))
    note = text("report.of_served", part=part)
    rows.append((text("report.borrowed_card"), units(counts.shown("borrowed")), note))
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
    units: Words
    label: Words


def _bars(facts: Facts) -> list[Bar]:
    counts, bars = facts.counts, []
    for after, one in _rates(facts):
        before = facts.rate("alone", "demand", one) if facts.has_alone else None
        name = facts.label("community", one)
        shares = {"after": percent(after)}
        key = "report.bar_label" if facts.has_alone else "report.bar_label_now"
        if facts.has_alone:
            shares["before"] = percent(before)
        bars.append(
            Bar(
                name,
                width(after),
                width(before),
                percent(after, 1),
                text(
                    "report.units_of",
                    served=units(counts.shown("served", one)),
                    asked=units(counts.shown("demand", one)),
                ),
                text(key, name=name, **shares),
            )
        )
    return bars


def _gains(facts: Facts) -> list[tuple[Words, Words, Words]]:
    """Return heading, number and remark of the three gains."""
    counts, ids = facts.counts, facts.columns.community_ids
    changes = [
        difference(counts.shown("served", one), counts.shown("alone", one))
        for one in ids
    ]
    residents = text("report.not_known")
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
            text("report.gain_residents"),
            residents,
            text(
                "report.gain_residents_note",
                more=text("report.communities_gain", n=more),
                less=text("report.communities_lose", n=less),
            ),
        ),
        (
            text("report.gain_providers"),
            same(earned),
            text("report.gain_providers_note", n=len(facts.income)),
        ),
        (
            text("report.gain_government"),
            same(units(counts.shown("saved"))),
            text("report.gain_government_note"),
        ),
    ]


def _unmet(facts: Facts) -> list[tuple[Words, str, float]]:
    """Return reason, units and width of its bar, most first."""
    counts = facts.counts
    some = [r for r in REASONS if counts.values.get(("why", r))]
    # Hidden ones must not be told by the length of the others.
    most = max((counts.shown("why", r) or 0 for r in some), default=0) or 1
    return [
        (
            text(f"report.why_{reason}"),
            units(shown := counts.shown("why", reason)),
            100.0 * (shown or 0) / most,
        )
        for reason in sorted(some, key=lambda r: -(counts.shown("why", r) or 0))
    ]


def _proof(facts: Facts, suppress_below: int) -> dict[str, Any]:
    """Return how a plan was checked; in public not what was found, with its numbers."""
    certificate, findings = facts.result.certificate, facts.verdict.findings
    return {
        "findings": [text("report.withheld")]
        if findings and suppress_below
        else [same(finding.message) for finding in findings],
        "is_proved": facts.verdict.is_proved,
        "num_prices": _num_prices(certificate),
        "goals": [_goal(facts, goal, suppress_below) for goal in facts.result.goals],
    }


def _goal(facts: Facts, goal: GoalValue, suppress_below: int) -> tuple[Words, ...]:
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
        capital(same(goal_said(goal.goal))),
        *(
            text("report.withheld") if is_withheld else _value(facts, goal, value)
            for value in (goal.value, goal.bound)
        ),
        text("report.withheld") if is_withheld and goal.gap else same(_gap(goal.gap)),
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


def _value(facts: Facts, goal: GoalValue, value: Any) -> Words:
    unit = MEASURES[goal.measure].unit
    is_ratio = unit == "ratio"
    if isinstance(value, tuple):
        if not value:
            return same("–")
        write = percent if is_ratio else _rounded
        return text("report.lowest", low=write(min(value)), high=write(max(value)))
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
