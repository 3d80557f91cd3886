"""Where output goes: answers to stdout, everything else to stderr."""

import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from types import FrameType, MappingProxyType
from typing import Any

import typer

from sharematch.errors import InputError, SharematchError
from sharematch.progress import Progress, Stop
from sharematch.text import Lang, percent, say, told
from sharematch.text.bars import bar
from sharematch.text.tables import Table

__all__ = ["Output", "error_document"]

_MOST_ROWS = 40
LEAST_BAR, MOST_BAR = 8, 30
"""Cells of a bar; where there are fewer no bar is drawn."""
BESIDE = 3
"""Cells that a bar has beside it: a gap, and at least one at the end."""
WIDEST = 10_000
"""Cells in which any table stands whole."""


class Output:
    """Prints answers as text or as one JSON document; `quiet` leaves only errors."""

    def __init__(self, lang: Lang, *, as_json: bool, quiet: bool) -> None:
        self.lang = lang
        self.as_json = as_json
        self.quiet = quiet
        self.was_interrupted = False

    def told(self, text: str) -> str:
        """Return a text in the language asked for."""
        return str(told(text, self.lang))

    def say(self, code: str, **values: object) -> str:
        """Return a word or sentence in the language asked for."""
        return say(code, self.lang, **values)

    def document(self, data: Any) -> None:
        """Print a JSON document if one was asked for."""
        if self.as_json:
            text = json.dumps(data, ensure_ascii=False, indent=1)
            # Bytes: JSON is UTF-8 whatever the terminal's encoding.
            typer.echo(text.encode())

    def text(self, *lines: str) -> None:
        """Print lines for people."""
        if not (self.as_json or self.quiet):
            typer.echo("\n".join(lines))

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        bars: Sequence[Fraction] = (),
        units: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Print rows in columns, numbers to the right; shares as bars where they fit.

        `units` of columns stand beside their names.
        """
        heads = [self._head(column, units.get(column, "")) for column in columns]
        cells: Any = (dict(zip(heads, row, strict=True)) for row in rows[:_MOST_ROWS])
        self.show(Table(cells, heads), bars)
        if len(rows) > _MOST_ROWS:
            self.text(self.say("cli.more_rows", n=len(rows) - _MOST_ROWS))

    def _head(self, column: str, unit: str) -> str:
        head = self.say(f"cli.{column}")
        return self.say("list.counted", name=head, n=unit) if unit else head

    def show(self, table: Table, bars: Sequence[Fraction] = ()) -> None:
        """Print a table: ruled in a terminal, plain text elsewhere."""
        if self.as_json or self.quiet:
            return
        if not self.cells:
            self.text(str(table))
            return
        from rich.console import Console

        console = Console()
        anything = console.options.update_width(WIDEST)
        is_stacked, room = False, 0
        for is_stacked in (False, True):  # headings in one line, else a word in each
            ruled = _ruled(table, is_stacked=is_stacked)
            room = self.cells - console.measure(ruled, options=anything).maximum
            if room >= (LEAST_BAR + BESIDE if bars else 0):
                break
        width = min(room - BESIDE, MOST_BAR)
        has_bars = width >= LEAST_BAR and self.can_draw
        drawn = [bar(share, width) for share in bars] if has_bars else []
        console.print(_ruled(table, drawn, is_stacked=is_stacked))

    @property
    def cells(self) -> int:
        """How wide the terminal is, in cells; 0 where there is none that can rule."""
        is_dumb = os.environ.get("TERM", "") in ("dumb", "unknown")
        if self.as_json or self.quiet or is_dumb or not sys.stdout.isatty():
            return 0
        return shutil.get_terminal_size().columns

    @property
    def can_draw(self) -> bool:
        """Whether the terminal shows block characters."""
        try:
            "█▏·".encode(sys.stdout.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return self.cells > 0

    def note(self, text: str) -> None:
        """Print a remark for people on stderr."""
        if not self.quiet:
            typer.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Print a warning on stderr."""
        self.note(self._about("warning", text))

    def finding(self, text: str) -> None:
        """Print what is not valid on stderr."""
        typer.echo(self._about("not_valid", text), err=True)

    def error(self, error: SharematchError) -> None:
        """Print an error on stderr."""
        typer.echo(self._about("error", error.text(self.lang)), err=True)

    def _about(self, key: str, text: str) -> str:
        return self.say("problem.about", about=self.say(f"cli.{key}"), what=text)

    @contextmanager
    def progress(self) -> Iterator[Callable[[Progress], None]]:
        """Yield what to call with progress; Ctrl-C makes it raise `Stop`.

        A second Ctrl-C interrupts at once.
        """

        def ask(_number: int, _frame: FrameType | None) -> None:
            if self.was_interrupted:
                raise KeyboardInterrupt
            self.was_interrupted = True
            self.note(self.say("cli.stopping"))

        signals = signal.SIGINT, signal.SIGTERM
        before = [signal.signal(number, ask) for number in signals]
        try:
            with self._status() as show:

                def report(progress: Progress) -> None:
                    # Before the search there is nothing to cut short.
                    if self.was_interrupted and progress.phase in STOPPABLE:
                        raise Stop
                    show(progress)

                yield report
        finally:
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)

    @contextmanager
    def logging(self, *, is_on: bool) -> Iterator[None]:
        """Show what the library logs on stderr, if that is on."""
        logger, handler = logging.getLogger("sharematch"), logging.StreamHandler()
        if not is_on:
            yield
            return
        before = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)

    @contextmanager
    def counting(self) -> Iterator[Callable[[int, int], None]]:
        """Yield what to call with how many are done, of how many."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _done, _total: None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    @contextmanager
    def _status(self) -> Iterator[Callable[[Progress], None]]:
        if self.quiet or not sys.stderr.isatty():
            yield lambda _: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (
            SpinnerColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.description}", markup=False),
        )
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)

            def show(progress: Progress) -> None:
                done = progress.goal - 1 if progress.goal else None
                bar.update(
                    task,
                    description=self.line(progress),
                    total=progress.num_goals or None,
                    completed=done,
                )

            yield show

    def line(self, progress: Progress) -> str:
        """Return one line on how far a solve is: phase, goal, gap, time."""
        count = f" {progress.goal}/{progress.num_goals}" if progress.goal else ""
        parts = [f"{self.say(f'cli.phase_{progress.phase}')}{count}"]
        parts.append(self.say("cli.seconds", seconds=f"{progress.seconds:.1f}"))
        if progress.remaining is not None:
            parts.append(
                self.say("cli.seconds_left", seconds=f"{progress.remaining:.0f}")
            )
        if progress.gap is not None:
            parts.append(self.say("cli.gap_so_far", gap=percent(progress.gap, 2)))
        if progress.text:  # last: it may be cut off
            parts.append(progress.text)
        return " · ".join(parts)


def _ruled(table: Table, bars: Sequence[str] = (), *, is_stacked: bool) -> Any:
    """Return a table for a terminal, with bars in a last column if there are any.

    Headings of several words stand in a line, or stacked.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Ruled
    from rich.text import Text

    ruled = Ruled(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name, is_text in zip(table.columns, table.is_text(), strict=True):
        side: Any = "left" if is_text else "right"
        heading = name.replace(" ", "\n") if is_stacked else name
        ruled.add_column(Text(heading), justify=side, overflow="fold")
    if bars:
        ruled.add_column("", no_wrap=True)
    for row, cells in enumerate(table.cells()):
        ruled.add_row(*map(Text, (*cells, *bars[row : row + 1])))  # no name is markup
    return ruled


STOPPABLE = ("goal", "verify", "conflict")
"""Phases that end early when a command is interrupted."""


def error_document(error: SharematchError) -> dict[str, Any]:
    """Return an error as plain data."""
    problems = error.problems if isinstance(error, InputError) else ()
    fields = ("message", "source", "record", "id", "field", "value", "hint")
    return {
        "error": type(error).__name__,
        "message": str(error),
        "problems": [
            {name: value for name in fields if (value := getattr(problem, name))}
            for problem in problems
        ],
    }
