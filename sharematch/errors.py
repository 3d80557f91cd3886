"""What can go wrong, one class per cause; every message names record, field and value.

An error is a code and values: `str` of it is the English sentence of the catalog in
`sharematch.text`, `text` that of any language. Nothing here knows about records,
solvers or files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sharematch.text import Lang, Text, say, text_of, told

__all__ = [
    "InfeasibleError",
    "InputError",
    "Problem",
    "SharematchError",
    "SolverError",
    "UnsupportedError",
]


class SharematchError(Exception):
    """Base of every error this library raises on purpose.

    Parameters
    ----------
    message
        A code of the catalog, or a sentence.
    **values
        For the names in it.

    Examples
    --------
    >>> import sharematch as sm
    >>> try:
    ...     sm.Need(id="n", community="a", kind="sport", quantity=-1)
    ... except sm.SharematchError as error:
    ...     print(error)
    need "n": quantity -1: must not be negative
    """

    def __init__(self, message: str = "", /, **values: object) -> None:
        super().__init__(text_of(message, **values))

    def text(self, lang: Lang | str = Lang.EN) -> str:
        """Return what is wrong, in a language."""
        return str(told(self.args[0], lang))


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """One thing wrong with the input, and what may mend it.

    `record` is the kind of record or file ("slot", "policy", a path), `id` its id or
    position, `field` and `value` what is wrong in it, `source` the file and row it was
    read from; each may be empty.

    Parameters
    ----------
    message, hint, source
        Codes of the catalog, or sentences.
    **values
        For the names in the message.

    Examples
    --------
    >>> code = "value.must_be_at_least"
    >>> problem = Problem(code, "slot", "s1", "capacity", "1", low=2)
    >>> print(problem)
    slot "s1": capacity 1: must be at least 2
    >>> print(problem.text("zh"))
    时段“s1”：capacity 1：必须不小于 2
    """

    message: str
    record: str = ""
    id: str = ""
    field: str = ""
    value: str = ""
    hint: str = ""
    source: str = ""

    def __init__(  # noqa: PLR0917 (places from the outside in, as they are shown)
        self,
        message: str,
        record: str = "",
        id: str = "",  # noqa: A002 (records have an id)
        field: str = "",
        value: str = "",
        hint: str = "",
        source: str = "",
        **values: object,
    ) -> None:
        parts = {"message": text_of(message, **values), "hint": text_of(hint)}
        places = {"record": record, "id": id, "field": field, "value": value}
        for name, part in (parts | places | {"source": text_of(source)}).items():
            object.__setattr__(self, name, part)

    @property
    def code(self) -> str:
        """The code of what is wrong, empty where a sentence was given."""
        return self.message.code if isinstance(self.message, Text) else ""

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: Lang | str = Lang.EN) -> str:
        """Return what is wrong, in a language."""
        record: str = told(self.record, lang)
        record = say(f"record.{record}", lang) if _is_a_name(record) else record
        name = say("problem.named", lang, record=record, id=self.id)
        what = " ".join(part for part in (self.field, self.value) if part)
        if self.message.startswith(f"{what} "):  # it names them itself
            what = ""
        parts = (self.source, name if self.id else record, what, self.message)
        line = reduce(
            lambda one, other: say("problem.about", lang, about=one, what=other),
            [told(part, lang) for part in parts if part],
        )
        return (
            say("problem.maybe", lang, what=line, hint=self.hint) if self.hint else line
        )


def _is_a_name(record: str) -> bool:
    """Return whether this is the word for a kind of record, not a path or file."""
    return record.isidentifier()


class InputError(SharematchError, ValueError):
    """The input is wrong; `problems` lists everything found, not only the first.

    Parameters
    ----------
    problems
        What is wrong; or a code or sentence, of which one problem is made.
    **about
        The other parameters of that one, see `Problem`.

    Examples
    --------
    >>> import sharematch as sm
    >>> try:
    ...     sm.Need(id="n", community="a", kind="sport", quantity=-1)
    ... except sm.InputError as error:
    ...     print([(problem.field, problem.code) for problem in error.problems])
    [('quantity', 'value.must_not_be_negative')]
    """

    def __init__(self, problems: Iterable[Problem] | str, /, **about: Any) -> None:
        if isinstance(problems, str):
            problems = (Problem(problems, **about),)
        self.problems: tuple[Problem, ...] = tuple(problems)
        Exception.__init__(self, "\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)

    def text(self, lang: Lang | str = Lang.EN) -> str:
        """Return everything that is wrong, in a language."""
        return "\n".join(problem.text(lang) for problem in self.problems)


class UnsupportedError(SharematchError):
    """A record, rule or goal couples needs or slots: no flow; it is named.

    Examples
    --------
    >>> print(UnsupportedError("coupling.slack_couples_goals").text("zh"))
    slack 使目标相互关联
    """


class InfeasibleError(SharematchError):
    """A plan was asked for where the rules and decisions allow none.

    Examples
    --------
    >>> issubclass(InfeasibleError, SharematchError)
    True
    """


class SolverError(SharematchError):
    """A solver failed, or its answer did not pass the independent check.

    Examples
    --------
    >>> issubclass(SolverError, SharematchError)
    True
    """
