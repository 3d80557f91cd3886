"""A result for people: one HTML page that needs no network, in English and Chinese.

The policy in words, who is served before and after sharing and who loses by it, who
lends to whom, when places are used, of bookings a week hall by hall, the three gains,
what is unmet and why, how it was checked, and tables to sort and search.
Needs Jinja2: ``pip install 'sharematch[report]'``.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec

from sharematch.errors import InputError
from sharematch.io.native.atomic import check_suffix, write_text
from sharematch.model.arguments import typed
from sharematch.model.extras import install
from sharematch.model.instance import Instance
from sharematch.plans.results.result import Result
from sharematch.report.words import check_language

__all__ = ["html_report", "require_jinja", "write_report"]


def require_jinja() -> None:
    """Raise an InputError where Jinja2 is not installed, before other work is done.

    Examples
    --------
    >>> require_jinja()
    """
    if find_spec("jinja2") is None:
        raise InputError(
            "ask.is_not_installed",
            package="jinja2",
            hint=install("report"),
        )


@typed
def html_report(
    instance: Instance,
    result: Result,
    *,
    lang: str = "en",
    suppress_below: int = 0,
    issuer: str = "",
    issued: date | None = None,
    outlines: Mapping[str, Sequence[Sequence[tuple[float, float]]]] | None = None,
) -> str:
    """Return the report of a result as one HTML page.

    Parameters
    ----------
    instance, result
        The result must know its instance: from `solve`, or read with it.
    lang
        "en" or "zh": the language it opens in. Both are in the page.
    suppress_below
        Counts of residents' units from 1 to below this are not shown, nor others that
        would give them away. 0 shows all.
    issuer, issued
        Who issues the page and on which day; said on top beside the days of the plan.
    outlines
        Rings of communities by their id, in the coordinates of the instance, drawn on
        the map; `sharematch.io.read_outlines` has them of a GeoJSON file.

    Returns
    -------
    The same text for the same input. It holds totals by community, service, facility,
    owner and day, not every need, so that its size does not grow with the needs. Of a
    plan of bookings it shows one week, hall by hall, and a table of them, cut off where
    it grows long; neither where small counts are hidden.

    Raises
    ------
    InputError
        For a language or a limit that is none, a result of another instance, or
        without Jinja2.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     name="<town>",
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=4)],
    ... )
    >>> page = html_report(town, sm.solve(town))
    >>> "&lt;town&gt;" in page, "<town>" in page
    (True, False)
    """
    from sharematch.report.facts import gather  # noqa: PLC0415 (an extra, if asked)

    check_language(lang)
    if suppress_below < 0:
        raise InputError(
            "value.must_not_be_below_0",
            field="suppress_below",
            value=str(suppress_below),
        )
    require_jinja()
    from sharematch.report.page import Imprint, render  # noqa: PLC0415 (loads jinja)

    facts = gather(instance, result, suppress_below=suppress_below)
    return render(facts, lang, suppress_below, Imprint(issuer, issued, outlines or {}))


@typed
def write_report(
    instance: Instance,
    result: Result,
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    suppress_below: int = 0,
    issuer: str = "",
    issued: date | None = None,
    outlines: Mapping[str, Sequence[Sequence[tuple[float, float]]]] | None = None,
) -> None:
    """Write the report of a result to a file, which appears whole or not at all.

    As `html_report`.

    Raises
    ------
    InputError
        As `html_report`; and for a path that cannot be written, or is no page by its
        name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> path = Path(mkdtemp()) / "plan.html"
    >>> write_report(town, result, path)
    >>> path.read_text(encoding="utf-8")[:15]
    '<!DOCTYPE html>'
    """
    check_suffix(path, ".html", ".htm")
    page = html_report(
        instance,
        result,
        lang=lang,
        suppress_below=suppress_below,
        issuer=issuer,
        issued=issued,
        outlines=outlines,
    )
    write_text(path, page)
