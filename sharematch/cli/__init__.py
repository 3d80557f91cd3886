"""The command line: arguments, exit codes, progress; nothing that decides anything.

Exit codes: 0 done and valid, 1 bad input or not valid, 2 usage, 3 infeasible, 4 no
plan within the limit, 130 interrupted.
"""

import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from sharematch.cli import (  # noqa: F401 (they register commands)
    auditing,
    batches,
    explanations,
    lots,
    people,
    plans,
    publishing,
    revisions,
    seasons,
    standards,
    what_if,
)
from sharematch.cli.app import app

__all__ = ["app", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A character the terminal cannot show is no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(arguments, prog_name="sharematch")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # All is done: an interrupt while memory is freed would only print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
