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
from typing import NoReturn

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
from sharematch.cli.app import NOT_VALID, app
from sharematch.cli.help import locale_lang
from sharematch.cli.output import Output
from sharematch.cli.usage import asked_lang
from sharematch.errors import InputError, Problem
from sharematch.text import Text, heard

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
    except SystemExit:
        _flush(arguments)
        raise
    except OSError as error:
        _end(error, arguments)
    finally:
        # All is done: an interrupt while memory is freed would only print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _flush(arguments: Sequence[str] | None) -> None:
    """Write what is still to be written while it can be told that it cannot."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        _end(error, arguments)


def _end(error: OSError, arguments: Sequence[str] | None) -> NoReturn:
    """Say what could not be written, and end with exit code 1."""
    given = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    out = Output(asked_lang(given) or locale_lang(), as_json=False, quiet=False)
    problem = Problem(
        heard("system", error.strerror or str(error)),
        error.filename or Text("file.standard_output"),
    )
    with suppress(OSError):  # nor can that be told
        out.error(InputError([problem]))
        sys.stderr.flush()
    # What lies in the buffers is lost; the end of the process would try it again.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(nowhere, stream.fileno())
    sys.exit(NOT_VALID)


def _keep_stdout() -> None:
    """Give what libraries print at the level of the system to stderr.

    A solver's remark in the middle of a document would make it unreadable. It may be
    written only when the process ends, so nothing is put back.
    """
    standard = sys.stdout, sys.stderr
    if not all(isinstance(stream, TextIOWrapper) for stream in standard):
        return
    output, encoding = sys.stdout.fileno(), sys.stdout.encoding
    stdout = os.dup(output)
    os.dup2(sys.stderr.fileno(), output)
    sys.stdout = open(stdout, "w", encoding=encoding, closefd=False)  # noqa: SIM115 (stays open)
