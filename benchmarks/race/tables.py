"""Rows of races as lines to read and as the Markdown table of docs/quality.md."""

from pathlib import Path
from typing import Any

__all__ = ["lines", "markdown", "write_between_marks"]

BEGIN, END = "<!-- race: begin -->", "<!-- race: end -->"
NAMES = ("ours", "direct", "first_come", "prototype")

Document = dict[str, Any]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.0f}"


def _value(value: float | list[float] | None) -> str:
    """Return a number, of a sorted vector the three worst above 0 and the mean."""
    if not isinstance(value, list):
        return _number(value)
    none, mean = value.count(0), sum(value) / len(value)
    worst = [f"{none}×0"] * (none > 0) + [*map(_number, value[none : none + 3])]
    return f"{' '.join(worst)} (mean {_number(mean)})"


def _values(plan: Document) -> str:
    if plan["failure"]:
        return str(plan["failure"])
    if plan["broken"]:
        return "breaks a rule"
    if plan["values"] is None:
        return "no plan"
    proved = plan["proved"] + [False] * len(plan["values"])
    marks = ["*" if each else "" for each in proved]
    return " · ".join(
        f"{_value(value)}{mark}"
        for value, mark in zip(plan["values"], marks, strict=False)
    )


def lines(row: Document) -> str:
    """Return one race in lines; what is proved has a star, bounds stand in brackets."""
    found = [f"{row['case']} {row['size']} seed {row['seed']}: {_outcome(row)}"]
    for name, plan in row["entrants"].items():
        bounds = ", ".join(map(_number, plan["bounds"]))
        known = f"  [{bounds}]" if bounds else ""
        seconds = f"{plan['seconds']:7.1f} s"
        found.append(f"  {name:10} {seconds}  {_values(plan)}{known}")
    return "\n".join(found)


def _outcome(row: Document) -> str:
    lost = {name: at for name, at in row.get("behind", {}).items() if at is not None}
    best = " = ".join(row["best"]) or "nobody has a plan"
    if not lost:
        return best
    return f"{best}; ours is behind " + ", ".join(
        f"{name} in goal {at}" if at else f"{name}, having no plan"
        for name, at in lost.items()
    )


def markdown(found: Document) -> str:
    """Return the table; losses are in bold."""
    names = "ours | s | direct | s | first come | prototype"
    table = [
        f"| case | size | goals | {names} | best |",
        "|---|---|---|---|--:|---|--:|---|---|---|",
    ]
    for row in found["rows"]:
        seed = "" if row["seed"] == 1 else f", seed {row['seed']}"
        cells = [row["case"], row["size"] + seed, " · ".join(row["measures"])]
        for name in NAMES:
            plan = row["entrants"].get(name)
            cells.append("" if plan is None else _values(plan))
            if name in ("ours", "direct"):
                cells.append("" if plan is None else f"{plan['seconds']:.1f}")
        best = "no plan" if not row["best"] else " = ".join(row["best"])
        is_lost = any(at is not None for at in row["behind"].values())
        cells.append(f"**{best}**" if is_lost else best)
        table.append(f"| {' | '.join(cells)} |".replace("first_come", "first come"))
    return "\n".join(table)


def summary_lines(summary: Document) -> str:
    return "\n".join(
        f"{name}: {value if isinstance(value, int) else ' of '.join(map(str, value))}"
        for name, value in summary.items()
    )


def write_between_marks(found: Document, path: Path) -> None:
    """Replace what stands between the marks of a page."""
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path} has no marks {BEGIN} and {END}")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    counts = "\n".join(
        f"* {line}" for line in summary_lines(found["summary"]).split("\n")
    )
    table = f"{BEGIN}\n\n{counts}\n\n{markdown(found)}\n\n{END}"
    path.write_text(f"{before}{table}{after}", encoding="utf-8")
