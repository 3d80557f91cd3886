"""The pages that every build writes anew: the gallery and the command line."""

import ast
import re
from pathlib import Path
from typing import Any

import typer.main

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
WIDEST_TABLE = 90
"""Longer lines of an output are sentences, which may wrap."""

MECHANISMS = {
    1: ("Resource archive", ["resource_register", "from_open_data"]),
    2: ("Paid and free terms, price parity", ["concession_prices", "price_parity"]),
    3: ("Resource protection", ["host_season", "host_protection"]),
    4: ("Maximal use, local conditions", ["local_rules", "one_room_many_uses"]),
    5: (
        "Sharing across communities in tiers",
        ["district_tiers", "sharing_tiers", "graph_view"],
    ),
    6: ("Old and new communities", ["san_francisco", "old_town", "season_ledger"]),
    7: ("Vulnerable groups first", ["vulnerable_first"]),
    8: ("Waiting", ["repair_month", "home_repair"]),
    9: ("Pay-out days near home", ["six_of_twenty", "payout_days"]),
    10: ("Job seekers and posts", ["job_fair", "job_matching"]),
    11: ("Fewer approval steps", ["provisional_plan", "manual_plan"]),
    12: ("Volunteers", ["volunteer_month", "volunteers"]),
    13: ("Service at home", ["repair_month", "home_repair"]),
    14: ("Where to invest", ["new_room", "where_to_invest"]),
    15: ("Real benefit, not form", ["real_benefit", "report"]),
    16: ("Minimum social cost", ["subsidy_year", "budget", "price_of_fairness"]),
    17: ("Market, host, volunteer, public suppliers", ["sector_leaves"]),
    18: ("Group activities", ["course_season", "choirs_and_courses", "club_quota"]),
    19: ("Taxonomy of services", ["service_codes", "one_room_many_uses"]),
    20: ("A season of halls", ["town_season"]),
    21: ("Points to open", ["six_of_twenty", "new_room"]),
    22: ("Assistance by person", ["assistance"]),
    23: ("Low-paid and free", ["concession_prices"]),
    24: ("Old and new residents together", ["mixed_evenings"]),
    25: ("Standing consent", ["standing_consent"]),
}
"""What the library must be able to do, and the examples that show it, largest first."""


def sections() -> dict[str, dict[str, str]]:
    """Return the question of each example, by name, under the headings of its list."""
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    heads = re.split(r"^## (.*)$", listed, flags=re.MULTILINE)[1:]
    return {
        head: dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.MULTILINE))
        for head, table in zip(heads[::2], heads[1::2], strict=True)
    }


def questions() -> dict[str, str]:
    """Return the question each example answers, by name."""
    return {name: asked for part in sections().values() for name, asked in part.items()}


def gallery() -> str:
    """Return the page of all examples: pictures first, then what each prints."""
    lines = [
        "# Gallery",
        "",
        "One question each; run any with `python examples/NAME.py`. The larger say",
        "which of their numbers are known and which are assumed.",
        "",
    ]
    for head, asked in sections().items():
        lines += [f"**{head}**", "", "::::{container} gallery"]
        lines += [line for name in asked for line in _card(name, asked[name])]
        lines += ["::::", ""]
    lines += ["| mechanism | examples |", "|---|---|"]
    asked = questions()
    for number, (title, names) in MECHANISMS.items():
        links = "<br>".join(f"[{asked[name]}](#{_anchor(name)})" for name in names)
        lines.append(f"| {number}. {title} | {links} |")
    for head, part in sections().items():
        lines += ["", f"## {head}"]
        for name, question in part.items():
            lines += _example(name, question)
    return "\n".join([*lines, ""])


def _anchor(name: str) -> str:
    return name.replace("_", "-")


def _card(name: str, question: str) -> list[str]:
    """Return a small picture with a question, both leading to the example."""
    return [
        f":::{{figure}} images/gallery/{name}-small.svg",
        f':target: "#{_anchor(name)}"',
        ":alt:",
        "",
        f"[{question}](#{_anchor(name)})",
        ":::",
    ]


def _example(name: str, question: str) -> list[str]:
    """Return the section of an example: question, answer, picture, output, code."""
    source = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    about = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[2]
    printed = (EXAMPLES / "expected" / f"{name}.txt").read_text(encoding="utf-8")
    table, _, answer = printed.rstrip().partition("\n\nAnswer: ")
    lines = ["", f"({_anchor(name)})=", "", f"### {question}", "", f"`{name}`"]
    lines += ["", about] if about else []
    lines += ["", f"**Answer:** {answer}"] if answer else []
    if (ROOT / "docs" / "images" / "gallery" / f"{name}.svg").exists():
        lines += ["", f"![What {name} decides](images/gallery/{name}.svg)"]
    has_sentences = max(map(len, table.splitlines())) > WIDEST_TABLE
    lines += ["", "```{code-block} text"]
    lines += [f":class: printed{' sentences' if has_sentences else ''}", "", table]
    lines += ["```", "", "<details><summary>Code</summary>", ""]
    return [*lines, "```py", source.rstrip(), "```", "", "</details>"]


def command_line() -> str:
    """Return the page of all commands, as `--help` tells them."""
    from sharematch.cli import app

    group = typer.main.get_command(app)
    lines = ["# Command line", "", "Every command takes `--json`, `--quiet`, `--lang`."]
    lines += ["", "| exit code | means |", "|--:|---|", *EXIT_CODES]
    lines += _commands(group, "sharematch")
    return "\n".join([*lines, ""])


EXIT_CODES = (
    "| 0 | done and valid |",
    "| 1 | bad input, or not valid |",
    "| 2 | usage |",
    "| 3 | infeasible: no plan keeps all rules |",
    "| 4 | no plan within the limit |",
    "| 130 | interrupted; the best plan so far is written |",
)


def _commands(group: Any, path: str) -> list[str]:
    from sharematch.cli.help import EXAMPLES as EXAMPLES_OF
    from sharematch.cli.help import as_typed

    lines: list[str] = []
    for name, command in group.commands.items():
        whole = f"{path} {name}"
        if hasattr(command, "commands"):
            lines += _commands(command, whole)
            continue
        context = command.make_context(name, [], resilient_parsing=True)
        lines += ["", f"## {whole}", "", (command.help or "").strip(), ""]
        lines += ["| argument or option | |", "|---|---|"]
        for parameter in command.params:
            record = parameter.get_help_record(context)
            if record is None:
                shown = parameter.make_metavar(context)
                record = shown, getattr(parameter, "help", "") or ""
            shown, text = as_typed(record[0]), record[1]
            option, text = (part.replace("|", "\\|") for part in (shown, text))
            lines.append(f"| `{option}` | {text} |")
        if examples := EXAMPLES_OF.get(whole.removeprefix("sharematch ")):
            lines += ["", "```text", *examples, "```"]
    return lines


def write(folder: Path) -> None:
    """Write the generated pages into the folder of the documentation."""
    for name, text in (("gallery", gallery()), ("cli", command_line())):
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
