"""What if: other policies side by side, and more places."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.cli.app import (
    InstancePath,
    PolicyPath,
    Seed,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output
from sharematch.errors import InputError, Problem
from sharematch.text import Lang, Text, about

if TYPE_CHECKING:
    from sharematch.analysis.comparison.clauses import ClausePrice
    from sharematch.analysis.comparison.plans import Comparison
    from sharematch.text.tables import Table

__all__: list[str] = []

TOLD = 5
"""Options that are told in words; a table has the others."""
TimeLimit = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="help.stop_each_solve_after_so_long"),
]


@command(app)
def advise(
    out: Output,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    add: Annotated[
        list[str] | None,
        typer.Option(help="help.capacity_slot_hours_feature_or_reach"),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="help.what_places_are_gathered_by_slot"),
    ] = None,
    amount: Annotated[
        list[int] | None, typer.Option(help="help.how_many_more_else_1_2")
    ] = None,
    further: Annotated[int, typer.Option(help="help.for_reach_km_or_minutes")] = 1,
    budget: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="help.money_for_more_places")
    ] = None,
    price: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="help.of_one_place_else_1")
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.csv_id_slot_or_facility_price"),
    ] = None,
    time_limit: TimeLimit = None,
    seed: Seed = 0,
) -> None:
    """Say where one more place, hour or step-free entrance does most."""
    import sharematch as sm
    from sharematch import io
    from sharematch.analysis.advice.wording import advice_text, shown_table

    if price is not None and prices is not None:
        raise typer.BadParameter(
            Text("option.give_price_or_prices"), param_hint="--prices"
        )
    town, terms = io.read_instance(instance), read_policy(policy)
    with out.progress() as report:
        result = sm.solve(
            town, terms, time_limit=time_limit, seed=seed, on_progress=report
        )
    advice = sm.advise(
        result,
        add=add or ("capacity",),
        by=by or "slot",
        amounts=amount or (1, 2, 5),
        further=further,
        budget=_money("--budget", budget),
        prices=_money("--price", price) if prices is None else _read_prices(prices),
        time_limit=time_limit,
    )
    out.document(advice.to_dict())
    out.text(advice_text(advice, out.lang, most=TOLD))
    if len(advice) > TOLD:
        out.text("")
        _show(out, shown_table(advice))


def _money(name: str, text: str | None) -> Decimal | None:
    from sharematch.model.numbers import to_money

    if text is None:
        return None
    try:
        return to_money(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint=name) from None


def _read_prices(path: Path) -> dict[str, Any]:
    """Return prices by id from a CSV file with the columns id and price."""
    from sharematch.io.native.delimited import read_sheet

    problems = []
    prices: dict[str, Any] = {}
    known, kinds = ("id", "price"), {"price": "decimal"}
    sheet = read_sheet(path, known, kinds, keep_spaces=True)
    for number, row in sheet.by_name():
        source = Text("place.row", file=path, row=number)
        if {"id", "price"} - row.keys():
            problems.append(
                Problem("ask.needs_the_columns_id_and_price", source=source)
            )
            continue
        try:
            prices[row["id"]] = _money("price", row["price"])
        except typer.BadParameter as error:
            problems.append(Problem(error.message, source=source))
    if problems:
        raise InputError(problems)
    return prices


@command(app)
def compare(
    out: Output,
    instance: InstancePath,
    *,
    policy: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="help.a_toml_or_json_file_the"),
    ],
    clauses: Annotated[
        bool,
        typer.Option(help="help.the_price_of_each_rule_and"),
    ] = True,
    time_limit: TimeLimit = None,
    seed: Seed = 0,
) -> None:
    """Set policies side by side: who gains, who loses, and what each clause costs."""
    import sharematch as sm
    from sharematch import io
    from sharematch.analysis.comparison.clauses import price_of_clauses
    from sharematch.model.wording import policy_name_said

    town = io.read_instance(instance)
    policies = [read_policy(path) for path in policy]
    names = [p.name or path.stem for p, path in zip(policies, policy, strict=True)]
    options: dict[str, Any] = {"time_limit": time_limit, "seed": seed}
    results = [sm.solve(town, terms, **options) for terms in policies]
    comparison = sm.compare(*results, names=names)
    prices = [
        price_of_clauses(town, terms, **options)
        if clauses and terms.method == "goals" and result.goals
        else ()
        for terms, result in zip(policies, results, strict=True)
    ]
    out.document(
        {
            **comparison.to_dict(),
            "clauses": {
                name: [price.to_dict() for price in clause_prices]
                for name, clause_prices in zip(comparison.names, prices, strict=True)
            },
        }
    )
    if out.lang is not Lang.EN:
        said = {name: out.told(policy_name_said(name)) for name in comparison.names}
        comparison = replace(
            comparison,
            names=tuple(said.values()),
            changes=tuple(
                replace(change, name=said[change.name]) for change in comparison.changes
            ),
        )
    _show_comparison(out, comparison, prices)
    for name, result in zip(comparison.names, results, strict=True):
        if result.conflict:
            out.warn(about(name, f"cli.{result.status.value}"))


def _show_comparison(
    out: Output, comparison: "Comparison", prices: "list[tuple[ClausePrice, ...]]"
) -> None:
    from sharematch.analysis.comparison.wording import (
        shown_by_community,
        totals_table,
    )

    _show(out, totals_table(comparison, out.lang))
    for measure in ("served", "fill_rate"):
        out.text("", out.say(f"cli.by_community_{measure}"))
        _show(
            out, shown_by_community(comparison.by_community(measure), comparison.label)
        )
    for change in comparison.changes:
        out.text("", f"{comparison.names[0]} → {change.text(out.lang)}")
    for name, clause_prices in zip(comparison.names, prices, strict=True):
        if clause_prices:
            out.text("", out.say("cli.clauses_of", name=name))
            out.text(*(price.text(out.lang) for price in clause_prices))


def _show(out: Output, table: "Table") -> None:
    rows = [[row[name] for name in table.columns] for row in table]
    out.table(table.columns, rows)
