"""What commands that write a page have in common: who issues it, when, and its map."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.model.instance import Instance

__all__ = [
    "Issued",
    "Issuer",
    "Outlines",
    "check_together",
    "day_of_issue",
    "read_rings",
]

Issuer = Annotated[str, typer.Option(metavar="NAME", help="help.who_issues")]
Issued = Annotated[str | None, typer.Option(metavar="DAY", help="help.day_of_issue")]
Outlines = Annotated[
    Path | None, typer.Option(metavar="FILE", help="help.outlines_of_communities")
]


def check_together(*pairs: dict[str, object]) -> None:
    """Refuse an option without the one that it goes with, which stands first."""
    for pair in pairs:
        (base, base_value), (option, value) = pair.items()
        if value and not base_value:
            message = Text("option.goes_with", option=base)
            raise typer.BadParameter(message, param_hint=option)


def day_of_issue(text: str | None, issuer: str) -> date | None:
    """Return the day that is named; today where somebody issues a page, else none."""
    if text is None:
        return date.today() if issuer else None  # noqa: DTZ011 (the office's own day)
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = Text("draw.must_be_a_day_such_as")
        raise typer.BadParameter(message, param_hint="--issued") from None


def read_rings(path: Path | None, town: "Instance") -> Any:
    """Return the outlines of communities, if a file has them."""
    from sharematch import io

    return None if path is None else io.read_outlines(path, town)
