"""The tables of the page, each with what it is sorted by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.plans.bookings import parts_text, when_text
from sharematch.report.facts import Facts, sector_of
from sharematch.report.numbers import HIDDEN, difference, percent, signed, units
from sharematch.report.words import Words, capital, same, text
from sharematch.text import Text, about

__all__ = ["Sheet", "income_by_owner", "sheets"]

MOST_ROWS = 1_000
MOST_NEEDS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table shows, and what it is sorted by."""

    text: Words
    order: str
    is_less: bool = False
    """Whether it is what a community loses by sharing."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be searched and sorted."""

    name: str
    title: Words
    heads: list[tuple[Words, bool]]
    """Each with whether its cells are numbers."""
    rows: list[list[Cell]]
    num_rows: int


def sheets(facts: Facts) -> Iterable[Sheet]:
    """Yield all tables, also those without rows."""
    yield _communities(facts)
    yield _kinds(facts)
    yield _facilities(facts)
    yield _owners(facts)
    yield _flows(facts)
    yield _needs(facts)
    yield _bookings(facts)


def _sheet(
    name: str, heads: Sequence[tuple[str, bool]], rows: list[list[Cell]], most: int
) -> Sheet:
    words = [(capital(text(f"report.{head}")), is_number) for head, is_number in heads]
    return Sheet(name, text(f"report.table_{name}"), words, rows[:most], len(rows))


def _communities(facts: Facts) -> Sheet:
    counts = facts.counts
    heads = [
        ("community", False),
        ("asked", True),
        ("served_head", True),
        ("unmet_head", True),
    ]
    heads += [("rate", True)]
    if facts.has_alone:
        heads += [("alone", True), ("own_share", True), ("gain", True)]
    heads += [("borrowed", True), ("lent", True)]
    rows = []
    for community in facts.columns.community_ids:
        shown = {
            name: counts.shown(name, community)
            for name in ("demand", "served", "unmet", "alone", "borrowed", "lent")
        }
        home = _word(facts.label("community", community))
        row = [home, *(_count(shown[n]) for n in ("demand", "served", "unmet"))]
        row.append(_share(facts.rate("served", "demand", community)))
        if facts.has_alone:
            gain = difference(shown["served"], shown["alone"])
            row += [
                _count(shown["alone"]),
                _share(facts.rate("alone", "demand", community)),
            ]
            is_less = gain is not None and gain < 0
            row.append(Cell(same(signed(gain)), _order(gain), is_less))
        row += [_count(shown["borrowed"]), _count(shown["lent"])]
        rows.append(row)
    return _sheet("communities", heads, rows, MOST_ROWS)


def _kinds(facts: Facts) -> Sheet:
    heads = [
        ("kind", False),
        ("asked", True),
        ("served_head", True),
        ("unmet_head", True),
    ]
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
    in_steps = _use_of_openings(facts)
    rows = []
    for f, name in enumerate(columns.facility_ids):
        provider = int(columns.facility_provider[f])
        owner = columns.provider_ids[provider] if provider >= 0 else ""
        given, room = counts.shown("given at", name), counts.shown("places at", name)
        use = Fraction(given, room) if given is not None and room else None
        use = in_steps.get(name, use)
        rows.append(
            [
                _word(facts.label("facility", name)),
                _word(_home(facts, int(columns.facility_community[f]))),
                *([_owner(facts, owner)] if columns.provider_ids else []),
                _count(room),
                _count(given),
                _share(use),
                _count(counts.shown("lent at", name)),
            ]
        )
    heads = [("facility", False), ("community", False)]
    heads += [("owner", False)] if columns.provider_ids else []
    heads += [("places", True), ("served_head", True), ("use", True), ("lent", True)]
    return _sheet("facilities", heads, rows, MOST_ROWS)


def _use_of_openings(facts: Facts) -> dict[str, Fraction | None]:
    """Return the use of facilities with openings; None where counts are hidden.

    A place of an opening is used several times: what counts is how long.
    """
    columns = facts.columns
    has_steps = columns.slot_step != NONE
    halls = {columns.facility_ids[f] for f in columns.slot_facility[has_steps].tolist()}
    if not halls or facts.counts.out:
        return dict.fromkeys(halls)
    rows = {str(row["id"]): row["utilization"] for row in facts.result.by("facility")}
    shares = ((name, rows.get(name)) for name in halls)
    return {name: use if isinstance(use, Fraction) else None for name, use in shares}


def _owners(facts: Facts) -> Sheet:
    counts, columns, incomes = facts.counts, facts.columns, income_by_owner(facts)
    rows = []
    for owner in (*columns.provider_ids, "") if columns.provider_ids else ():
        if not owner and not counts.values["given by", ""]:
            continue
        income = incomes.get(owner, Decimal("0.00"))
        rows.append(
            [
                _owner(facts, owner),
                _sector(columns, owner),
                _count(counts.shown("given by", owner)),
                _count(counts.shown("lent by", owner)),
                Cell(
                    same(HIDDEN if income is None else f"{income:,.2f}"), _order(income)
                ),
            ]
        )
    heads = [("owner", False), ("sector", False), ("served_head", True), ("lent", True)]
    sheet = _sheet("owners", [*heads, ("income", True)], rows, MOST_ROWS)
    if columns.currency:
        head = text("report.income_in", currency=columns.currency)
        sheet.heads[-1] = capital(head), True
    return sheet


def _flows(facts: Facts) -> Sheet:
    ids = facts.columns.community_ids
    rows = [
        [
            _word(_home(facts, host)),
            _word(_home(facts, home)),
            _count(facts.counts.shown("flow", ids[host], ids[home])),
        ]
        for host, home, _ in facts.flows
    ]
    if facts.counts.out:  # else their order would tell
        rows.sort(key=lambda row: (row[0].order, row[1].order))
    heads = [("lender", False), ("borrower", False), ("places", True)]
    return _sheet("flows", heads, rows, MOST_ROWS)


def _needs(facts: Facts) -> Sheet:
    columns, need_row = facts.columns, facts.columns.position["need"]
    unmet = (
        []
        if facts.counts.out
        else sorted(facts.result.unmet, key=lambda u: (-u.quantity, u.need))
    )
    rows = []
    for unmet_need in unmet[:MOST_NEEDS]:
        need = need_row[unmet_need.need]
        why = text(f"report.why_{unmet_need.reason}")
        if unmet_need.code:
            why = same(about(why.said, Text(f"lacks.{unmet_need.code}")))
        rows.append(
            [
                _word(facts.label("need", unmet_need.need)),
                _word(_home(facts, int(columns.need_community[need]))),
                _word(columns.kinds[columns.need_kind[need]]),
                _count(unmet_need.quantity),
                Cell(why, unmet_need.reason + unmet_need.code),
            ]
        )
    heads = [("need", False), ("community", False), ("kind", False)]
    heads += [("unmet_head", True), ("reason", False)]
    sheet = _sheet("unmet", heads, rows, MOST_NEEDS)
    return Sheet(sheet.name, sheet.title, sheet.heads, sheet.rows, len(unmet))


def _bookings(facts: Facts) -> Sheet:
    columns, need_row = facts.columns, facts.columns.position["need"]
    has_parts = any(booking.parts for booking in facts.bookings)
    rows = []
    for booking in sorted(facts.bookings, key=lambda b: (b.start, b.facility, b.need)):
        when = same(when_text(booking.start, booking.end))
        row = [
            Cell(when, f"{booking.start:%Y-%m-%d %H:%M} {booking.end:%Y-%m-%d %H:%M}")
        ]
        row.append(_word(facts.label("facility", booking.facility)))
        if has_parts:
            parts = parts_text(booking.parts) if booking.parts else ""
            row.append(Cell(same(parts), ", ".join(booking.parts)))
        row.append(_word(facts.label("need", booking.need)))
        row.append(
            _word(_home(facts, int(columns.need_community[need_row[booking.need]])))
        )
        row.append(_count(booking.quantity))
        rows.append(row)
    heads = [("when", False), ("facility", False)]
    heads += [("parts", False)] if has_parts else []
    heads += [("need", False), ("community", False), ("places", True)]
    return _sheet("bookings", heads, rows, MOST_ROWS)


def income_by_owner(facts: Facts) -> dict[str, Decimal | None]:
    """Return what owners earn from others; None where units lent are hidden.

    Fees are no secret: what a facility lends is not to follow from its owner's income.
    """
    columns, counts = facts.columns, facts.counts
    hidden = {
        columns.provider_ids[provider] if provider != NONE else ""
        for name, provider in zip(
            columns.facility_ids, columns.facility_provider.tolist(), strict=True
        )
        if counts.shown("lent at", name) is None
    }
    return {
        owner: None
        if owner in hidden or counts.shown("lent by", owner) is None
        else amount
        for owner, amount in facts.income.items()
    }


# Unmet needs, proof


def _sector(columns: Columns, owner: str) -> Cell:
    sector = sector_of(columns, owner)
    return Cell(text(f"word.{sector}") if sector else same("–"), sector)


def _owner(facts: Facts, owner: str) -> Cell:
    shown = facts.label("provider", owner)
    return _word(shown) if owner else Cell(text("report.no_owner"), "")


def _home(facts: Facts, community: int) -> str:
    return facts.label("community", facts.columns.community_ids[community])


def _word(value: str) -> Cell:
    return Cell(same(value), value)


def _count(value: int | None) -> Cell:
    return Cell(same(units(value)), _order(value))


def _share(rate: Fraction | None) -> Cell:
    return Cell(same(percent(rate, 1)), _order(rate))


def _order(value: int | Fraction | Decimal | None) -> str:
    return "" if value is None else f"{float(value):.6g}"
