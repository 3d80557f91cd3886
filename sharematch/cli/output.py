"""Where output goes: answers to stdout, everything else to stderr."""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from sharematch.cli.words import Lang, word
from sharematch.errors import InputError, SharematchError
from sharematch.progress import Progress, Stop

__all__ = ["Output", "error_document"]

_MOST_ROWS = 40


class Output:
    """Prints answers as text or as one JSON document; `quiet` leaves only errors."""

    def __init__(self, lang: Lang, *, as_json: bool, quiet: bool) -> None:
        self.lang = lang
        self.as_json = as_json
        self.quiet = quiet
        self.was_interrupted = False

    def word(self, key: str, *values: object) -> str:
        """Return a word in the language asked for."""
        return word(key, self.lang, *values)

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

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print rows in columns, numbers to the right."""
        if self.as_json or self.quiet:
            return
        from rich.cells import cell_len  # Chinese characters are two cells wide

        lines = [[self.word(column) for column in columns]]
        lines += [[str(cell) for cell in row] for row in rows[:_MOST_ROWS]]
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        is_left = [isinstance(cell, str) for cell in rows[0]] if rows else []
        for line in lines:
            cells = []
            for cell, width, left in zip(line, widths, is_left, strict=False):
                space = " " * (width - cell_len(cell))
                cells.append(cell + space if left else space + cell)
            self.text("  ".join(cells).rstrip())
        if len(rows) > _MOST_ROWS:
            self.text(self.word("more_rows", len(rows) - _MOST_ROWS))

    def note(self, text: str) -> None:
        """Print a remark for people on stderr."""
        if not self.quiet:
            typer.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Print a warning on stderr."""
        self.note(f"{self.word('warning')}: {text}")

    def error(self, error: SharematchError) -> None:
        """Print an error on stderr."""
        typer.echo(f"{self.word('error')}: {error}", err=True)

    @contextmanager
    def progress(self) -> Iterator[Callable[[Progress], None]]:
        """Yield what to call with progress; Ctrl-C makes it raise `Stop`.

        A second Ctrl-C interrupts at once.
        """

        def ask(_number: int, _frame: FrameType | None) -> None:
            if self.was_interrupted:
                raise KeyboardInterrupt
            self.was_interrupted = True
            self.note(self.word("stopping"))

        before = signal.signal(signal.SIGINT, ask)
        try:
            with self._status() as show:

                def report(progress: Progress) -> None:
                    # Before and after the search there is nothing to cut short.
                    if self.was_interrupted and progress.phase == "goal":
                        raise Stop
                    show(progress)

                yield report
        finally:
            signal.signal(signal.SIGINT, before)

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
        from rich.text import Text

        with Console(stderr=True).status("") as status:
            yield lambda progress: status.update(Text(_line(progress)))


def _line(progress: Progress) -> str:
    count = f" {progress.goal}/{progress.num_goals}" if progress.goal else ""
    text = f": {progress.text}" if progress.text else ""
    return f"{progress.phase}{count}{text} ({progress.seconds:.1f} s)"


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
