"""What can go wrong, one class per cause; every message names record, field and value.

Nothing here knows about records, solvers or files.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = [
    "InfeasibleError",
    "InputError",
    "Problem",
    "SharematchError",
    "SolverError",
    "UnsupportedError",
]


class SharematchError(Exception):
    """Base of every error this library raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input, and what may mend it.

    `record` is the kind of record or file ("slot", "policy", a path), `id` its id or
    position, `field` and `value` what is wrong in it, `source` the file and row it was
    read from; each may be empty.
    """

    message: str
    record: str = ""
    id: str = ""
    field: str = ""
    value: str = ""
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, say: Callable[[str], str]) -> str:
        """Return what is wrong, each sentence and record as `say` puts it."""
        record = say(self.record)
        name = f'{record} "{self.id}"' if self.id else record
        what = " ".join(part for part in (self.field, self.value) if part)
        if self.message.startswith(f"{what} "):  # it names them itself
            what = ""
        parts = (say(self.source), name, what, say(self.message))
        line = ": ".join(part for part in parts if part)
        return f"{line}\n{say('Maybe')} {say(self.hint)}" if self.hint else line


class InputError(SharematchError, ValueError):
    """The input is wrong; `problems` lists everything found, not only the first."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = (Problem(problems),)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class UnsupportedError(SharematchError):
    """A record, rule or goal couples needs or slots: no flow; it is named."""


class InfeasibleError(SharematchError):
    """A plan was asked for where the rules and decisions allow none."""


class SolverError(SharematchError):
    """A solver failed, or its answer did not pass the independent check."""
