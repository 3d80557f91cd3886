"""The page: facts in words and pictures, put into the templates."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.refusals import conflict_said, notes_said
from sharematch.model.wording import (
    amount_of,
    goal_said,
    policy_name_said,
    policy_shown,
    rule_said,
    term_shown,
)
from sharematch.plans.results.plan import warnings_of
from sharematch.plans.results.status import GoalValue
from sharematch.report import charts
from sharematch.report.counting import REASONS
from sharematch.report.facts import Facts
from sharematch.report.maps import MOST_FLOWS, Outlines, lending_map
from sharematch.report.numbers import percent, units
from sharematch.report.sharing import bars, figures, gains, losses, spread
from sharematch.report.sheets import sheets
from sharematch.report.week import week_plan
from sharematch.report.words import Words, capital, day_said, plain, same, text
from sharematch.text import LANGUAGES, Text, header, total_length_said

__all__ = ["Imprint", "render"]

MOST_WEEKS_BESIDE = 3
"""Up to so many weeks stand above the hours of a day, more of them beside."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who issues a page and when, and where its communities lie."""

    issuer: str = ""
    issued: date | None = None
    outlines: Outlines = field(default_factory=dict)


def render(facts: Facts, lang: str, suppress_below: int, imprint: Imprint) -> str:
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
        same=same,
        capital=capital,
        style=style,
        script=script,
        script_hash=f"sha256-{digest}",
        suppress_below=suppress_below,
        **_context(facts, suppress_below, imprint),
    )
    return page.replace("\0", "\N{REPLACEMENT CHARACTER}")  # not allowed in HTML


def _context(facts: Facts, suppress_below: int, imprint: Imprint) -> dict[str, Any]:
    policy = policy_shown(facts.result.policy, facts.label)
    amount = amount_of(facts.label)
    shared: dict[str, Any] = {
        "name": facts.columns.name,
        "status": _standing(facts),
        "policy_name": same(policy_name_said(policy.name)),
        "imprint": _imprint(facts, imprint),
        "rules": [capital(plain(rule_said(rule, amount))) for rule in policy.rules],
        "goals": [capital(plain(goal_said(goal, amount))) for goal in policy.goals],
        "is_first_come": policy.method == "first_come",
        "conflict": _conflict(facts, is_public=suppress_below > 0),
        "conflict_notes": _conflict_notes(facts, is_public=suppress_below > 0),
        "warnings": [capital(same(warning)) for warning in _warnings(facts)],
        "origin": _origin(facts, is_public=suppress_below > 0),
        "has_plan": facts.has_plan,
    }
    if not facts.has_plan:
        return shared
    weeks = charts.calendar(facts)
    shown = bars(facts)
    return shared | {
        "figures": figures(facts),
        "losses": losses(facts) if facts.has_alone else None,
        "spread": spread(facts),
        "bars": shown,
        "has_alone": facts.has_alone,
        "map": lending_map(facts, imprint.outlines),
        "most_flows": MOST_FLOWS,
        "week": week_plan(facts),
        "calendar": weeks,
        "is_beside": weeks is not None and len(weeks.rows) > MOST_WEEKS_BESIDE,
        "hours": charts.hours(facts),
        "untimed": units(facts.counts.shown("untimed"))
        if facts.counts.values["untimed",]
        else "",
        "gains": gains(facts),
        "unmet": _unmet(facts),
        "proof": _proof(facts, suppress_below),
        "sheets": [sheet for sheet in sheets(facts) if sheet.rows],
    }


def _imprint(facts: Facts, imprint: Imprint) -> list[tuple[Words, Words]]:
    """Return what stands on top: the days it is for, when and by whom it is issued."""
    rows = []
    if facts.days:
        first, last = (day_said(date.fromordinal(facts.days[i][0])) for i in (0, -1))
        period = same(first)
        if first != last:
            period = text("report.from_to", first=first, last=last)
        rows.append((text("report.period"), period))
    if imprint.issued is not None:
        rows.append((text("report.issued"), same(day_said(imprint.issued))))
    if imprint.issuer:
        rows.append((text("report.issuer"), same(imprint.issuer)))
    return rows


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
        else plain(conflict_said(term, rules, facts.label))
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


# What is unmet, proof


def _unmet(facts: Facts) -> list[tuple[Words, str, float]]:
    """Return reason, places and width of its bar, most first."""
    counts = facts.counts
    present = [r for r in REASONS if counts.values.get(("why", r))]
    # Hidden ones must not be told by the length of the others.
    most = max((counts.shown("why", r) or 0 for r in present), default=0) or 1
    return [
        (
            text(f"report.why_{reason}"),
            units(shown := counts.shown("why", reason)),
            100.0 * (shown or 0) / most,
        )
        for reason in sorted(present, key=lambda r: -(counts.shown("why", r) or 0))
    ]


def _proof(facts: Facts, suppress_below: int) -> dict[str, Any]:
    """Return how a plan was checked; in public not what was found, with its numbers."""
    findings = facts.verdict.findings
    return {
        "findings": [text("report.withheld")]
        if findings and suppress_below
        else [same(finding.message) for finding in findings],
        "is_proved": facts.verdict.is_proved,
        "goals": [_goal(facts, goal, suppress_below) for goal in facts.result.goals],
    }


def _goal(facts: Facts, goal: GoalValue, suppress_below: int) -> tuple[Words, ...]:
    """Return a goal, its value, bound and gap.

    What they are of may be fewer people than any count on the page: of one group, or
    of single needs.
    """
    numbers = [
        number
        for value in (goal.value, goal.bound)
        for number in (value if isinstance(value, tuple) else (value,))
    ]
    is_small = MEASURES[goal.measure].unit == "units" and any(
        0 < number < suppress_below for number in numbers
    )
    is_withheld = bool(facts.counts.out) or is_small
    return (
        capital(
            plain(goal_said(term_shown(goal.goal, facts.label), amount_of(facts.label)))
        ),
        *(
            text("report.withheld") if is_withheld else _value(facts, goal, value)
            for value in (goal.value, goal.bound)
        ),
        text("report.withheld") if is_withheld and goal.gap else same(_gap(goal.gap)),
    )


def _value(facts: Facts, goal: GoalValue, value: Any) -> Words:
    unit = MEASURES[goal.measure].unit
    columns = facts.columns

    def write(number: Any) -> str:
        if unit == "ratio":
            return percent(number)
        if unit == "distance" and not getattr(goal.goal, "weights", None):
            return total_length_said(number, columns.unit)
        sign = columns.currency if unit == "money" else ""
        shown = _rounded(number) if isinstance(number, Fraction) else f"{number:,}"
        return f"{shown} {sign}".strip()

    if not isinstance(value, tuple):
        return same(write(value))
    if not value:
        return same("–")
    return text("report.lowest", low=write(min(value)), high=write(max(value)))


def _rounded(value: Fraction) -> str:
    return f"{float(value):,.4g}" if value.denominator > 1 else f"{value.numerator:,}"


def _gap(gap: Fraction) -> str:
    return "0" if not gap else percent(gap, 2)
