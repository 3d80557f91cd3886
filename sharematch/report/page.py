"""The page: facts in words and pictures, put into the templates."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sharematch.core.columns import Columns
from sharematch.messages import speaker
from sharematch.model.refusals import conflict_text
from sharematch.model.vocabulary import MEASURES
from sharematch.model.wording import goal_text, rule_text
from sharematch.report import charts
from sharematch.report.facts import REASONS, Facts, sector_of
from sharematch.report.words import Text, same, text
from sharematch.result import GoalValue
from sharematch.words import say

__all__ = ["render"]

MOST_BARS = 40
MOST_ROWS = 1_000
MOST_NEEDS = 200
HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table shows, and what it is sorted by."""

    text: Text
    order: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be searched and sorted."""

    name: str
    title: Text
    heads: list[tuple[Text, bool]]
    """Each with whether its cells are numbers."""
    rows: list[list[Cell]]
    num_rows: int


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
    result, policy = facts.result, facts.result.policy
    shared: dict[str, Any] = {
        "name": facts.columns.name,
        "status": result.status.value,
        "policy_name": policy.name,
        "rules": [_both(rule_text, rule) for rule in policy.rules],
        "goals": [_both(goal_text, goal) for goal in policy.goals],
        "is_first_come": policy.method == "first_come",
        "conflict": _conflict(facts, is_public=suppress_below > 0),
        "warnings": [_both(_told, warning) for warning in result.warnings],
        "origin": _origin(facts),
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
        "untimed": facts.counts.shown("untimed"),
        "gains": _gains(facts),
        "unmet": _unmet(facts),
        "proof": _proof(facts),
        "sheets": [sheet for sheet in _sheets(facts) if sheet.rows],
    }


def _conflict(facts: Facts, *, is_public: bool) -> list[Text]:
    """Return what cannot hold together; in public no need is named."""
    rules = facts.result.policy.rules
    return [
        text("some_decision")
        if is_public and term.kind == "decision"
        else Text(*(conflict_text(term, rules, x) for x in ("en", "zh")))
        for term in facts.result.conflict or ()
    ]


def _both(words: Callable[[Any, str], str], term: Any) -> Text:
    return _capital(Text(*(words(term, lang) for lang in ("en", "zh"))))


def _told(warning: str, lang: str) -> str:
    return speaker(lang)(warning)


def _capital(words: Text) -> Text:
    return Text(words.en[:1].upper() + words.en[1:], words.zh)


def _origin(facts: Facts) -> list[tuple[Text, str]]:
    kept = facts.result.provenance
    names = ("instance", "policy", "seed")
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
            _percent(facts.rate("served", "demand")),
            text(
                "units_of",
                _units(counts.shown("served")),
                _units(counts.shown("demand")),
            ),
        )
    ]
    rates = _rates(facts)
    if rates and all(rate is not None for rate, _ in rates):
        rate, name = rates[0]
        rows.append((text("worst_off"), _percent(rate), same(name)))
    if facts.has_alone:
        more = _less(counts.shown("served"), counts.shown("alone"))
        note = text("was_alone", _units(counts.shown("alone")))
        rows.append((text("more_than_alone"), _signed(more), note))
    part = _percent(facts.rate("borrowed", "served"))
    note = text("of_served", part)
    rows.append((text("borrowed_card"), _units(counts.shown("borrowed")), note))
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
        keys = [one, _percent(after)]
        key = "bar_label" if facts.has_alone else "bar_label_now"
        if facts.has_alone:
            keys.append(_percent(before))
        bars.append(
            Bar(
                one,
                _width(after),
                _width(before),
                _percent(after, 1),
                text(
                    "units_of",
                    _units(counts.shown("served", one)),
                    _units(counts.shown("demand", one)),
                ),
                text(key, *keys),
            )
        )
    return bars


def _gains(facts: Facts) -> list[tuple[Text, Text, Text]]:
    """Return heading, number and remark of the three gains."""
    counts, ids = facts.counts, facts.columns.community_ids
    changes = [
        _less(counts.shown("served", one), counts.shown("alone", one)) for one in ids
    ]
    residents = text("not_known")
    if facts.has_alone:
        residents = same(_signed(_less(counts.shown("served"), counts.shown("alone"))))
    known = [change for change in changes if change is not None]
    more, less = sum(n > 0 for n in known), sum(n < 0 for n in known)
    incomes = _incomes(facts)
    total = sum(facts.income.values(), Decimal(0))
    unknown = sum(amount is None for amount in incomes.values())
    earned = (
        HIDDEN if unknown == 1 else f"{total:,.2f} {facts.columns.currency}".strip()
    )
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
            same(_units(counts.shown("saved"))),
            text("gain_government_note"),
        ),
    ]


def _incomes(facts: Facts) -> dict[str, Decimal | None]:
    """Return what owners earn from others; None where units lent are hidden."""
    return {
        owner: None if facts.counts.shown("lent by", owner) is None else amount
        for owner, amount in facts.income.items()
    }


# Unmet needs, proof


def _unmet(facts: Facts) -> list[tuple[Text, str, float]]:
    """Return reason, units and width of its bar, most first."""
    counts = facts.counts
    some = [r for r in REASONS if counts.values.get(("why", r))]
    # Hidden ones must not be told by the length of the others.
    most = max((counts.shown("why", r) or 0 for r in some), default=0) or 1
    return [
        (
            text(f"why.{reason}"),
            _units(shown := counts.shown("why", reason)),
            100.0 * (shown or 0) / most,
        )
        for reason in sorted(some, key=lambda r: -(counts.shown("why", r) or 0))
    ]


def _proof(facts: Facts) -> dict[str, Any]:
    certificate = facts.result.certificate
    is_withheld = bool(facts.counts.out)
    return {
        "findings": [finding.message for finding in facts.findings],
        "has_certificate": (certificate or {}).get("kind") == "prices",
        "num_prices": _num_prices(certificate),
        "goals": [
            (
                _both(goal_text, goal.goal),
                *(
                    text("withheld") if is_withheld else _value(facts, goal, value)
                    for value in (goal.value, goal.bound)
                ),
                _gap(goal.gap),
            )
            for goal in facts.result.goals
        ],
    }


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
        write = _percent if is_ratio else _rounded
        return text("lowest", write(min(value)), write(max(value)))
    if is_ratio:
        return same(_percent(value))
    columns = facts.columns
    of_distance = "m" if columns.unit == "km" else "s"
    sign = {"distance": of_distance, "money": columns.currency}.get(unit, "")
    return same(f"{value:,} {sign}".strip())


def _rounded(value: Fraction) -> str:
    return f"{float(value):,.4g}" if value.denominator > 1 else f"{value.numerator:,}"


def _gap(gap: Fraction) -> str:
    return "0" if not gap else f"{float(gap):.2%}"


# Tables


def _sheets(facts: Facts) -> Iterable[Sheet]:
    yield _communities(facts)
    yield _kinds(facts)
    yield _facilities(facts)
    yield _owners(facts)
    yield _flows(facts)
    yield _needs(facts)


def _sheet(
    name: str, heads: Sequence[tuple[str, bool]], rows: list[list[Cell]], most: int
) -> Sheet:
    words = [(_capital(text(head)), is_number) for head, is_number in heads]
    return Sheet(name, text(f"table_{name}"), words, rows[:most], len(rows))


def _communities(facts: Facts) -> Sheet:
    counts = facts.counts
    heads = [
        ("community", False),
        ("asked", True),
        ("served", True),
        ("unmet_head", True),
    ]
    heads += [("rate", True)]
    if facts.has_alone:
        heads += [("alone", True), ("gain", True)]
    heads += [("borrowed", True), ("lent", True)]
    rows = []
    for one in facts.columns.community_ids:
        shown = {
            name: counts.shown(name, one)
            for name in ("demand", "served", "unmet", "alone", "borrowed", "lent")
        }
        row = [_word(one), *(_count(shown[n]) for n in ("demand", "served", "unmet"))]
        row.append(_share(facts.rate("served", "demand", one)))
        if facts.has_alone:
            gain = _less(shown["served"], shown["alone"])
            row += [_count(shown["alone"]), Cell(same(_signed(gain)), _order(gain))]
        row += [_count(shown["borrowed"]), _count(shown["lent"])]
        rows.append(row)
    return _sheet("communities", heads, rows, MOST_ROWS)


def _kinds(facts: Facts) -> Sheet:
    heads = [("kind", False), ("asked", True), ("served", True), ("unmet_head", True)]
    rows = [
        [
            _word(kind),
            *(
                _count(facts.counts.shown(f"{name} of", kind))
                for name in ("demand", "served", "unmet")
            ),
            _share(facts.rate("served of", "demand of", kind)),
        ]
        for kind in facts.kinds
    ]
    return _sheet("kinds", [*heads, ("rate", True)], rows, MOST_ROWS)


def _facilities(facts: Facts) -> Sheet:
    columns, counts = facts.columns, facts.counts
    places: dict[int, int] = {}
    for facility, capacity in zip(
        columns.slot_facility.tolist(), columns.slot_capacity.tolist(), strict=True
    ):
        places[facility] = places.get(facility, 0) + capacity
    rows = []
    for f, name in enumerate(columns.facility_ids):
        provider = int(columns.facility_provider[f])
        owner = columns.provider_ids[provider] if provider >= 0 else ""
        given, room = counts.shown("given at", name), places.get(f, 0)
        use = Fraction(given, room) if given is not None and room else None
        rows.append(
            [
                _word(name),
                _word(columns.community_ids[columns.facility_community[f]]),
                _owner(owner),
                _count(room),
                _count(given),
                _share(use),
                _count(counts.shown("lent at", name)),
            ]
        )
    heads = [("facility", False), ("community", False), ("owner", False)]
    heads += [("places", True), ("served", True), ("use", True), ("lent", True)]
    return _sheet("facilities", heads, rows, MOST_ROWS)


def _owners(facts: Facts) -> Sheet:
    counts, columns, incomes = facts.counts, facts.columns, _incomes(facts)
    rows = []
    for owner in (*columns.provider_ids, ""):
        if not owner and not counts.values["given by", ""]:
            continue
        income = incomes.get(owner, Decimal("0.00"))
        rows.append(
            [
                _owner(owner),
                _sector(columns, owner),
                _count(counts.shown("given by", owner)),
                _count(counts.shown("lent by", owner)),
                Cell(
                    same(HIDDEN if income is None else f"{income:,.2f}"), _order(income)
                ),
            ]
        )
    heads = [("owner", False), ("sector", False), ("served", True), ("lent", True)]
    return _sheet("owners", [*heads, ("income", True)], rows, MOST_ROWS)


def _flows(facts: Facts) -> Sheet:
    ids = facts.columns.community_ids
    rows = [
        [
            _word(ids[host]),
            _word(ids[home]),
            _count(facts.counts.shown("flow", ids[host], ids[home])),
        ]
        for host, home, _ in facts.flows
    ]
    if facts.counts.out:  # else their order would tell
        rows.sort(key=lambda row: (row[0].order, row[1].order))
    heads = [("lender", False), ("borrower", False), ("units", True)]
    return _sheet("flows", heads, rows, MOST_ROWS)


def _needs(facts: Facts) -> Sheet:
    columns, at = facts.columns, facts.columns.position["need"]
    unmet = (
        []
        if facts.counts.out
        else sorted(facts.result.unmet, key=lambda u: (-u.quantity, u.need))
    )
    rows = []
    for one in unmet[:MOST_NEEDS]:
        need = at[one.need]
        why = text(f"why.{one.reason}")
        if one.code:
            why = Text(
                *(f"{why[x]}: {say(f'need.{one.code}', x)}" for x in ("en", "zh"))
            )
        rows.append(
            [
                _word(one.need),
                _word(columns.community_ids[columns.need_community[need]]),
                _word(columns.kinds[columns.need_kind[need]]),
                _count(one.quantity),
                Cell(why, one.reason + one.code),
            ]
        )
    heads = [("need", False), ("community", False), ("kind", False)]
    heads += [("unmet_head", True), ("reason", False)]
    sheet = _sheet("unmet", heads, rows, MOST_NEEDS)
    return Sheet(sheet.name, sheet.title, sheet.heads, sheet.rows, len(unmet))


def _sector(columns: Columns, owner: str) -> Cell:
    sector = sector_of(columns, owner)
    return Cell(text(sector) if sector else same("–"), sector)


def _owner(owner: str) -> Cell:
    return _word(owner) if owner else Cell(text("no_owner"), "")


def _word(value: str) -> Cell:
    return Cell(same(value), value)


def _count(value: int | None) -> Cell:
    return Cell(same(_units(value)), _order(value))


def _share(rate: Fraction | None) -> Cell:
    return Cell(same(_percent(rate, 1)), _order(rate))


def _order(value: int | Fraction | Decimal | None) -> str:
    return "" if value is None else f"{float(value):.6g}"


# Numbers


def _units(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:,}"


def _signed(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:+,}".replace("-", "–")


def _percent(rate: Fraction | None, places: int = 0) -> str:
    return HIDDEN if rate is None else f"{float(100 * rate):.{places}f} %"


def _width(rate: Fraction | None) -> float | None:
    return None if rate is None else round(float(100 * rate), 2)


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
