"""Run an example in this interpreter, and keep what it prints and solves.

The documentation draws its pictures from the same runs.
"""

import contextlib
import io
import runpy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sharematch as sm
from sharematch.engine import solving as engine

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True)
class ExampleRun:
    """What an example printed, complained of, and solved, in order."""

    printed: str
    complained: str
    solved: list[tuple[Any, sm.Result]]

    @property
    def most_needs(self) -> int:
        """Return how many needs the largest instance has that was solved."""
        return max((len(instance.needs) for instance, _ in self.solved), default=0)


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[Any, sm.Result]]]:
    """Yield the instances and results of all solves inside."""
    found: list[tuple[Any, sm.Result]] = []
    solve = engine.solve

    def keep(instance: Any, *args: Any, **options: Any) -> sm.Result:
        result = solve(instance, *args, **options)
        if isinstance(instance, sm.Instance):
            found.append((instance, result))
        return result

    with (
        patch.object(engine, "solve", keep),
        patch.object(sm, "solve", keep, create=True),
    ):
        yield found


def run(name: str) -> ExampleRun:
    """Run an example as a script of its folder."""
    path = str(EXAMPLES / f"{name}.py")
    printed, complained = io.StringIO(), io.StringIO()
    with (
        recorded() as solved,
        contextlib.chdir(EXAMPLES),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(complained),
        patch.object(sys, "argv", [path]),  # not with the arguments of who runs it
    ):
        runpy.run_path(path, run_name="__main__")
    return ExampleRun(printed.getvalue(), complained.getvalue(), solved)
