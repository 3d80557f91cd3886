"""The aggregate figures as text, as the command prints them and the page shows them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

__all__ = ["text"]

Row = Mapping[str, Any]


def text(figures: Row) -> str:
    """Return all tables."""
    sizes = figures["sizes"]
    return "\n".join(
        (
            f"{sizes['requests']:,} requests, {sizes['places']:,} places in "
            f"{sizes['sessions']} sessions;",
            f"{sizes['with_sessions']} of {sizes['neighborhoods']} neighborhoods have "
            f"sessions, {sizes['improvement_areas']} are improvement areas.",
            *("", "Served, by how far places are shared and by policy", ""),
            *_plans(figures["plans"]),
            *("", "Who gains by sharing, the fair plan against own places only", ""),
            *_changes(figures["sharing"]),
            *("", "What fairness costs, and who gains by it, against least travel", ""),
            *_changes(figures["fairness"], with_price=True),
            *("", "The next session of 20 places, for the worst off first", ""),
            *_next(figures["next"]),
        )
    ).replace("of 20 places", f"of {figures['assumed']['places']} places")


def _plans(rows: Iterable[Row]) -> Iterable[str]:
    yield (
        "within  policy            served  nothing  under 1/3   Gini  km each"
        "  improvement  low income"
    )
    for row in rows:
        low = _percent(row["low_income"]) if "low_income" in row else "-"
        yield (
            f"{_reach(row):8}{row['policy']:16}{row['served']:8,}"
            f"{row['served_nothing']:9}{row['below_a_third']:11}{row['gini']:7.3f}"
            f"{row['meters_each'] / 1000:9.1f}{_percent(row['improvement_areas']):>13}"
            f"{low:>12}"
        )


def _changes(rows: Iterable[Row], *, with_price: bool = False) -> Iterable[str]:
    price = "  served less  m more each" if with_price else ""
    yield f"within{price}  gain (improvement)  requests  lose (improvement)  requests"
    for row in rows:
        cost = f"{row['served']:13}{row['meters_each']:13}" if with_price else ""
        gain = f"{row['gain']} ({row['gain_improvement_areas']})"
        lose = f"{row['lose']} ({row['lose_improvement_areas']})"
        yield (
            f"{_reach(row):6}{cost}{gain:>20}{row['units_gained']:10,}{lose:>20}"
            f"{row['units_lost']:10,}"
        )


def _next(rows: Iterable[Row]) -> Iterable[str]:
    yield "within  choices that help  in neighborhoods  (improvement)  best one serves"
    for row in rows:
        yield (
            f"{_reach(row):6}{row['options']:19}{row['in_neighborhoods']:18}"
            f"{row['in_improvement_areas']:15}{row['first_serves']:17}"
        )


def _reach(row: Row) -> str:
    return f"{row['radius_km']} km" if row["radius_km"] else "own"


def _percent(ratio: str) -> str:
    return f"{float(Fraction(ratio)):.0%}"
