"""compare(): results of one instance side by side, as values; text last."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.analysis.comparison.wording import (
    change_text,
    shown_by_community,
    totals_table,
)
from sharematch.core.columns.labels import Label, as_ids, labels
from sharematch.errors import InputError
from sharematch.model.arguments import expect, hide_private
from sharematch.model.measures import asked_measures, table_order
from sharematch.model.values import write_value
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.text.tables import Table, Value

__all__ = ["Change", "Comparison", "compare", "gini"]


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in one plan from another.

    Attributes
    ----------
    name
        The plan changed to.
    gains, losses
        Units served more, or less, by community; both above 0.
    needs_gaining, needs_losing
        How many needs are served more units, or fewer. They may differ where a
        community's total is the same.
    totals
        For each measure of `Comparison.totals`, how much greater it is.
    unit
        Of travel, ``km`` or ``min``; None where no result has its instance.
    label
        What is shown for a record, by type and id.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> own = sm.solve(town, sm.Policy.own_only())
    >>> (change,) = sm.compare(own, result).changes
    >>> print(str(change).splitlines()[0])
    fair: every community gets as many units
    """

    name: str
    gains: Mapping[str, int]
    losses: Mapping[str, int]
    needs_gaining: int
    needs_losing: int
    totals: Mapping[str, int | Fraction | Decimal]
    unit: str | None = None
    label: Label = as_ids

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain values: ratios as "a/b", money as text."""
        return {
            "name": self.name,
            "gains": dict(self.gains),
            "losses": dict(self.losses),
            "needs_gaining": self.needs_gaining,
            "needs_losing": self.needs_losing,
            "totals": {name: write_value(value) for name, value in self.totals.items()},
        }

    def text(self, lang: str = "en") -> str:
        """Return the change in words."""
        return change_text(self, lang)

    def __str__(self) -> str:
        return self.text()


@hide_private
@dataclass(frozen=True)
class Comparison:
    """Plans side by side; the first is what the others are compared with.

    Attributes
    ----------
    names
        Of the plans, each once.
    totals
        One row per plan: measures of the whole, the least fill rate of a community
        and the Gini coefficient of the communities' fill rates, 0 where all are
        equal. None where a result has no plan.
    changes
        From the first plan to each other; none where one of the two has no plan.
    unit
        Of travel, ``km`` or ``min``; None where no result has its instance.
    label
        What is shown for a record, by type and id.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> own = sm.solve(town, sm.Policy.own_only())
    >>> found = sm.compare(own, result)
    >>> found.names, len(found.by_community())
    (('own only', 'fair'), 2)
    """

    names: tuple[str, ...]
    totals: Table
    changes: tuple[Change, ...]
    _communities: tuple[tuple[Mapping[str, Value], ...], ...]
    unit: str | None = None
    label: Label = as_ids

    def by_community(self, measure: str = "served") -> Table:
        """Return a measure by community, one column per plan.

        With two plans a column `change` says how much greater the second is.

        Raises
        ------
        InputError
            For a measure that results do not show by community.
        """
        shown = [rows for rows in self._communities if rows]
        if shown and measure not in shown[0][0]:
            known = ", ".join(name for name in shown[0][0] if name != "id")
            raise InputError(
                "ask.is_not_known_by_community", measure=measure, hint=f"{known}"
            )
        columns = [
            {row["id"]: row[measure] for row in rows} for rows in self._communities
        ]
        demand = {row["id"]: row["demand"] for rows in shown for row in rows}
        table = []
        for community in sorted(demand, key=str):
            values = [column.get(community) for column in columns]
            row = {"community": community, "demand": demand[community]}
            row |= dict(zip(self.names, values, strict=True))
            if len(values) == 2:
                row["change"] = _less(values[1], values[0])
            table.append(row)
        last = ("change",) if len(self.names) == 2 else ()
        return Table(table, ("community", "demand", *self.names, *last))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values: ratios as "a/b", money as text."""

        def plain(table: Table) -> list[dict[str, Any]]:
            return [{k: write_value(v) for k, v in row.items()} for row in table]

        return {
            "plans": plain(self.totals),
            "by": {
                measure: plain(self.by_community(measure))
                for measure in ("served", "fill_rate")
            },
            "changes": [change.to_dict() for change in self.changes],
        }

    def __str__(self) -> str:
        by_community = shown_by_community(self.by_community(), self.label)
        tables = str(totals_table(self)), str(by_community)
        return "\n\n".join((*tables, *map(str, self.changes)))


@instance_first
def compare(*results: Result, names: Sequence[str] | None = None) -> Comparison:
    """Set results of one instance side by side: who gains, who loses, at what price.

    Parameters
    ----------
    results
        The first is what the others are compared with. Read from files, they may be
        without their instance.
    names
        One for each result; else the names of their policies.

    Raises
    ------
    InputError
        Without results, for results of different instances, or another number of
        names.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> own, fair = sm.solve(town, sm.Policy.own_only()), sm.solve(town)
    >>> print(sm.compare(own, fair).by_community())
    community  demand  own only  fair  change
    lianqiao        2         0     1       1
    tianfeng        4         3     2      -1
    """
    for position, result in enumerate(results, 1):
        expect(Result, **{f"results {position}": result})
    expect(Sequence, None, names=names)
    if not results:
        raise InputError("ask.nothing_to_compare_no_result_is")
    if len({str(result.provenance.get("instance")) for result in results}) > 1:
        raise InputError(
            "ask.these_results_are_of_different_instances", hint="ask.solve_them_anew"
        )
    given = [r.policy.name or "policy" for r in results] if names is None else names
    if len(given) != len(results):
        raise InputError(
            "ask.names_for_results", names=len(given), results=len(results)
        )
    unique = _unique(given)
    rows = [_communities(result) for result in results]
    measures = _compared(results)
    totals = [
        {"plan": name, **_totals(result, plan_rows, measures)}
        for name, result, plan_rows in zip(unique, results, rows, strict=True)
    ]
    known = next((r.columns for r in results if r.columns is not None), None)
    unit, label = None if known is None else known.unit, labels(known)
    changes = tuple(
        replace(
            _change(
                unique[i], (results[0], results[i]), (rows[0], rows[i]), totals, unit
            ),
            label=label,
        )
        for i in range(1, len(results))
        if results[0].status.has_plan and results[i].status.has_plan
    )
    return Comparison(
        unique, Table(totals), changes, tuple(map(tuple, rows)), unit, label
    )


def gini(rates: Iterable[Fraction]) -> Fraction:
    """Return the Gini coefficient: 0 if all are equal, near 1 if one has all.

    Half the mean difference between any two, divided by the mean (Gini 1912); exact.

    Examples
    --------
    >>> gini([Fraction(1, 2), Fraction(1, 2)]), gini([Fraction(0), Fraction(1)])
    (Fraction(0, 1), Fraction(1, 2))
    """
    values = sorted(rates)
    total = sum(values, Fraction(0))
    if not total:
        return Fraction(0)
    count = len(values)
    ranked = sum(rank * value for rank, value in enumerate(values, 1))
    return 2 * ranked / (count * total) - Fraction(count + 1, count)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        new, count = name, 1
        while new in (*taken, "community", "demand", "change"):
            count += 1
            new = f"{name} ({count})"
        taken.append(new)
    return tuple(taken)


def _communities(result: Result) -> list[dict[str, Value]]:
    return list(result.by("community")) if result.status.has_plan else []


def _compared(results: Iterable[Result]) -> tuple[str, ...]:
    """Return the measures of whole plans that are shown, what policies ask for last."""
    plans = [result for result in results if result.status.has_plan]
    terms = [t for r in plans for t in (*r.policy.rules, *r.policy.goals)]
    asked = (m for m in asked_measures(terms) if all(r.knows(m) for r in plans))
    return (*table_order("compared"), *asked)


def _totals(
    result: Result, rows: Iterable[Mapping[str, Any]], measures: tuple[str, ...]
) -> dict[str, Value]:
    shown = (measures[0], "least_fill_rate", "gini", *measures[1:])
    if not result.status.has_plan:
        return dict.fromkeys(shown)
    rates = [row["fill_rate"] for row in rows if row["demand"]]
    values: dict[str, Value] = {name: result.value(name) for name in measures}
    values["least_fill_rate"] = min(rates, default=Fraction(0))
    values["gini"] = gini(rates)
    return {name: values[name] for name in shown}


def _change(
    name: str,
    results: tuple[Result, Result],
    rows: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
    totals: Iterable[Mapping[str, Any]],
    unit: str | None,
) -> Change:
    first, *_ = totals
    (second,) = (row for row in totals if row["plan"] == name)
    before, after = ({row["id"]: row["served"] for row in part} for part in rows)
    more = {c: after[c] - before[c] for c in sorted(after)}
    units = [_units_by_need(result) for result in results]
    by_need = [units[1][need] - units[0][need] for need in units[0] | units[1]]
    return Change(
        name,
        gains={c: n for c, n in more.items() if n > 0},
        losses={c: -n for c, n in more.items() if n < 0},
        needs_gaining=sum(n > 0 for n in by_need),
        needs_losing=sum(n < 0 for n in by_need),
        totals={key: second[key] - first[key] for key in first if key != "plan"},
        unit=unit,
    )


def _units_by_need(result: Result) -> Counter[str]:
    units: Counter[str] = Counter()
    plan = result.allocation
    for need, quantity in zip(plan.needs, plan.quantities.tolist(), strict=True):
        units[need] += quantity
    return units


def _less(value: Any, other: Any) -> Value:
    return None if value is None or other is None else value - other
