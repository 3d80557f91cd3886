"""The command line: arguments, exit codes, progress; nothing that decides anything.

Exit codes: 0 done and valid, 1 bad input or not valid, 2 usage, 3 infeasible, 4 no
plan within the limit, 130 interrupted.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
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
    if arguments is None:
        with suppress(OSError, ValueError):  # one of them is closed
            _keep_stdout()
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


def _keep_stdout() -> None:
    """Give what libraries print at the level of the system to stderr.

    A solver's remark in the middle of a document would make it unreadable. It may be
    written only when the process ends, so nothing is put back.
    """
    standard = sys.stdout, sys.stderr
    if not all(isinstance(stream, TextIOWrapper) for stream in standard):
        return
    output, encoding = sys.stdout.fileno(), sys.stdout.encoding
    own = os.dup(output)
    os.dup2(sys.stderr.fileno(), output)
    # Open as long as the process is.
    sys.stdout = open(own, "w", encoding=encoding, closefd=False)  # noqa: SIM115
