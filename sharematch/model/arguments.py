"""Arguments of public functions: what is of a wrong type is named at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.text import Text

__all__ = ["expect"]

WORDS: Mapping[Any, str] = {
    Callable: "a function",
    Integral: "a whole number",
    Iterable: "a sequence",
    Mapping: "a mapping",
    Real: "a number",
    Sequence: "a sequence",
    bytes: "bytes",
    str: "text",
}
HINTS = {
    ("Policy", "str"): "Policy.fair(), or io.read_policy(path)",
    ("Instance", "str"): "io.read_instance(path)",
    ("Result", "str"): "io.read_result(path, instance)",
    ("Result", "Instance"): "solve(instance)",
    ("Allocation", "Result"): "result.allocation",
}


def expect(*kinds: object, **given: object) -> None:
    """Refuse an argument that is of none of these kinds; None stands for no value.

    Raises
    ------
    InputError
        Naming the argument, and what may be meant.

    Examples
    --------
    >>> from numbers import Real
    >>> expect(Real, None, time_limit=10)
    >>> expect(Real, None, time_limit="soon")
    Traceback (most recent call last):
    sharematch.errors.InputError: argument "time_limit": str: must be a number
    """
    for name, value in given.items():
        if not any(_is(value, kind) for kind in kinds):
            found = type(value).__name__
            names = [_name(kind) for kind in kinds if kind is not None]
            hints = [HINTS.get((expected, found), "") for expected in names]
            message = Text("value.must_be", expected=" or ".join(names))
            hint = next(filter(None, hints), "")
            raise InputError([Problem(message, "argument", name, "", found, hint)])


def _is(value: object, kind: object) -> bool:
    if kind is None:
        return value is None
    if kind is Callable:
        return callable(value)
    if isinstance(value, bool) and kind in (Integral, Real):
        return False
    if isinstance(value, (str, bytes)) and kind in (Iterable, Sequence):
        return False
    return isinstance(kind, type) and isinstance(value, kind)


def _name(kind: Any) -> str:
    return str(WORDS.get(kind) or getattr(kind, "__name__", kind))
