"""Results, checks and violations as text for people."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharematch.cli.output import Output
from sharematch.model.numbers import number_text
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.wording import (
    amount_of,
    goal_text,
    policy_shown,
    policy_text,
    term_shown,
)
from sharematch.text import Lang, Text, about, percent, total_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sharematch.analysis.checkup import Checkup
    from sharematch.model.wording import Amount
    from sharematch.plans.auditing.verdict import Verdict
    from sharematch.plans.results.result import Result

__all__ = ["show_checkup", "show_result", "show_verdict", "value_text"]

_COMMUNITY_COLUMNS = (
    "id",
    "demand",
    "served",
    "fill_rate",
    "borrowed",
    "lent",
    "travel",
    "fees",
)


def show_result(out: Output, result: "Result") -> None:
    """Print status, goals, who gets what, what is unmet, and what conflicts."""
    label = result.label
    amount = amount_of(label)
    stands, terms = (
        Text(f"cli.{_standing(result)}"),
        policy_text(policy_shown(result.policy, label), out.lang, amount),
    )
    out.text(out.told(about(Text("cli.status"), stands)))
    out.text(out.told(about(Text("cli.policy"), terms)))
    if result.conflict:
        out.text("", out.say("cli.conflict"))
        rules = result.policy.rules
        out.text(
            *(
                f"- {conflict_text(term, rules, out.lang, label)}"
                for term in result.conflict
            )
        )
        for note in conflict_notes(result.conflict, out.lang):
            out.text(note)
    if result.goals:
        out.text("", out.say("cli.goals"))
        rows = [
            (
                _goal_name(out, term_shown(goal.goal, label), amount),
                _worth(out, result, goal),
                _gap(goal.gap),
            )
            for goal in result.goals
        ]
        out.table(("goal", "value", "gap"), rows)
    if not result.status.has_plan:
        return
    served, demand = result.value("served"), result.value("demand")
    out.text("", out.say("cli.served_of", served=served, n=demand))
    table = result.by("community").rows
    columns = [name for name in _COMMUNITY_COLUMNS if table and name in table[0]]
    if table:
        out.text("", out.say("cli.by_community"))
        unit = _unit_of_travel(result)
        named = [{**row, "id": label("community", str(row["id"]))} for row in table]
        rows_by = [
            [_measured(name, row[name], unit) for name in columns] for row in named
        ]
        shares = [
            share for row in table if isinstance(share := row["fill_rate"], Fraction)
        ]
        bars = shares if len(shares) == len(table) else ()
        units = {"travel": out.say(f"length.in_{unit}"), "fees": _currency(result)}
        out.table(columns, rows_by, bars, units)
    if result.unmet:
        out.text("", out.say("cli.unmet"))
        unmet_units: Counter[str] = Counter()
        for unmet in result.unmet:
            unmet_units[_reason(out, unmet)] += unmet.quantity
        rows_of = [(n, text) for text, n in unmet_units.most_common()]
        out.table(("units", "reason"), rows_of)
    _show_parts_apart(out, result)


def _unit_of_travel(result: "Result") -> str:
    return "km" if result.instance is None else result.instance.travel.unit


def _currency(result: "Result") -> str:
    return "" if result.instance is None else result.instance.currency


def _measured(name: str, value: Any, unit: str) -> Any:
    """Return a value of a table; travel is kept in metres, or seconds."""
    if name != "travel" or unit != "min":
        return value
    return round(Decimal(value) / 60, 1)


def _worth(out: Output, result: "Result", goal: Any) -> str:
    """Return the value of a goal in short; of travel and money with its unit."""
    if goal.measure == "travel" and isinstance(goal.value, int):
        return total_length(goal.value, _unit_of_travel(result), out.lang)
    currency = _currency(result)
    if isinstance(goal.value, Decimal) and currency:  # sums of money are decimal
        return f"{value_text(goal.value)} {currency}"
    return value_text(goal.value)


def _show_parts_apart(out: Output, result: "Result") -> None:
    """Print the bookings whose parts of a hall do not lie together, if any."""
    from sharematch.core.columns.labels import labels
    from sharematch.plans.bookings import apart_in

    if result.instance is None or not any(result.allocation.parts):
        return
    apart, label = apart_in(result.instance, result.allocation), labels(result.columns)
    if apart:
        out.text("", out.say("cli.parts_apart"))
    for one in apart:
        where = out.told(one.text(label("facility", one.facility)))
        out.text(f"- {label('need', one.need)}: {where}")


def _standing(result: "Result") -> str:
    """Return the word for a status: what no certificate proves is not called proved."""
    certificate = result.certificate or {}
    by_prices = certificate.get("kind") == "prices"
    if result.is_optimal and not by_prices and not _is_sure(certificate):
        return "searched"
    return result.status.value


def _is_sure(certificate: "Mapping[str, Any]") -> bool:
    """Return whether records alone show that no plan can be better."""
    return all(goal["basis"] == "records" for goal in certificate.get("goals", ()))


def show_verdict(out: Output, verdict: "Verdict") -> None:
    """Print what of a result holds: in the first line all of it, then each thing."""
    if not verdict.is_valid:
        parts = {"rules": "plan", "numbers": "numbers", "claim": "claim"}
        worst = next(
            part for part in parts if any(f.part == part for f in verdict.findings)
        )
        out.text(out.say(f"cli.false_{parts[worst]}"))
        for finding in verdict.findings:
            out.finding(str(finding))
        return
    proved = "proved" if verdict.is_proved else "unproved"
    if verdict.status.has_plan:
        out.text(out.say(f"cli.valid_{proved}"))
    elif verdict.status == "infeasible":
        out.text(out.say(f"cli.conflict_{proved}"))
    else:
        out.text(out.say("cli.no_plan"))
    for each in verdict.unproved:
        out.text(f"- {out.told(str(each))}")


def show_checkup(out: Output, checkup: "Checkup") -> None:
    """Print how much there is of everything."""
    counts = [
        out.say(f"cli.count_{name}", n=count)
        for name, count in checkup.counts.items()
        if count
    ]
    what = out.say("list.comma").join(counts)
    out.text(out.say("problem.about", about=Text("cli.valid"), what=what))


def _goal_name(out: Output, goal: Any, amount: "Amount | None") -> str:
    if out.lang is not Lang.EN:
        return goal_text(goal, out.lang, amount)
    by = f" by {', '.join(goal.groups)}" if goal.groups else ""
    where = ", ".join(f"{k} {'|'.join(v)}" for k, v in (goal.where or {}).items())
    upto = getattr(goal, "upto", None)
    far = "" if upto is None else f" up to {_upto(upto)}"
    return f"{goal.op} {goal.measure}{by}{far}{f' ({where})' if where else ''}"


def _upto(upto: Any) -> str:
    """Return how far groups count, in short."""
    if isinstance(upto, dict):
        return "its own number"
    return upto if isinstance(upto, str) else str(number_text(upto))


def value_text(value: object) -> str:
    """Return the value of a goal in short: of a vector its lowest and highest."""
    if not isinstance(value, tuple):
        return f"{value:,}" if isinstance(value, int | Decimal) else str(value)
    if not value:
        return "-"
    if len(value) <= 4:
        return ", ".join(map(str, value))
    return f"{value[0]}, {value[1]}, …, {value[-1]} ({len(value)})"


def _gap(value: Fraction) -> str:
    return percent(value, 2) if value else "0"


def _reason(out: Output, unmet: Any) -> str:
    # "goal" is also the heading of a column.
    key = "left_to_goal" if unmet.reason == "goal" else unmet.reason
    text = out.say(f"cli.{key}")
    if not unmet.code:
        return text
    return out.say("list.counted", name=text, n=Text(f"reason.{unmet.code}"))
