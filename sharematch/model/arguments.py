"""Arguments of public functions: what is of a wrong type is named at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from inspect import signature
from numbers import Integral, Real
from os import PathLike
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from sharematch.errors import InputError, Problem
from sharematch.text import Text

__all__ = ["expect", "hide_private", "typed"]

WORDS: Mapping[Any, str] = {
    Callable: "a function",
    Integral: "a whole number",
    Iterable: "a sequence",
    PathLike: "a path",
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
            given_kind = type(value).__name__
            names = [_name(kind) for kind in kinds if kind is not None]
            hints = [HINTS.get((expected, given_kind), "") for expected in names]
            message = Text("value.must_be", expected=" or ".join(names))
            hint = next(filter(None, hints), "")
            raise InputError([Problem(message, "argument", name, "", given_kind, hint)])


P = ParamSpec("P")
R = TypeVar("R")


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse arguments of other types than its signature says.

    Whole numbers are numbers too, and any sequence will do where one is asked for;
    what a value must be beyond its type is for the function to say.

    Examples
    --------
    >>> @typed
    ... def repeated(text: str, times: int = 2) -> str:
    ...     return text * times
    >>> repeated("ha", times="often")
    Traceback (most recent call last):
    sharematch.errors.InputError: argument "times": str: must be a whole number
    """
    parameters = signature(function).parameters
    first = next((n for n, p in parameters.items() if p.kind is p.VAR_POSITIONAL), "")
    names = list(parameters)[: list(parameters).index(first)] if first else parameters
    kinds_of: dict[str, tuple[object, ...]] = {}

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not kinds_of:
            kinds_of.update(_kinds_by_name(function))
        given = [*zip(names, args, strict=False), *kwargs.items()]
        further = args[len(names) :] if first else ()
        for name, value in given:
            if kinds := kinds_of.get(name):
                expect(*kinds, **{name: value})
        for number, value in enumerate(further, 1):
            if kinds := kinds_of.get(first):
                expect(*kinds, **{f"{first} {number}": value})
        return function(*args, **kwargs)

    return checked


def _kinds_by_name(function: Callable[..., Any]) -> dict[str, tuple[object, ...]]:
    names = getattr(function, "__globals__", {})
    each = {
        name: _kinds(parameter.annotation, names)
        for name, parameter in signature(function).parameters.items()
    }
    return {"": (), **{name: kinds for name, kinds in each.items() if kinds}}


def _kinds(hint: Any, names: dict[str, Any]) -> tuple[object, ...]:
    """Return what `expect` takes for an annotation; nothing where anything will do."""
    hint = getattr(hint, "__forward_arg__", hint)
    if isinstance(hint, str) and " | " not in hint:
        try:
            hint = eval(hint, names)  # noqa: S307 (an annotation of ours)
        except (NameError, TypeError):  # of a package that only type checkers load
            return (hint.partition("[")[0].rpartition(".")[2],)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kinds(parts[0], names)
    if origin is Literal:
        return tuple({type(part): None for part in parts})
    if isinstance(hint, str):
        parts = tuple(hint.split(" | "))
    if isinstance(hint, str) or origin in (Union, UnionType):
        each = [_kinds(part, names) for part in parts]
        return tuple(kind for kinds in each for kind in kinds) if all(each) else ()
    if hint is None or hint is type(None):
        return (None,)
    return () if hint in (Any, object) else _kind(origin or hint)


def _kind(kind: Any) -> tuple[object, ...]:
    if getattr(kind, "_is_protocol", False) and "__call__" in vars(kind):
        return (Callable,)
    is_any = not isinstance(kind, type) or getattr(kind, "_is_protocol", False)
    return (LIKE.get(kind, kind),) if kind in LIKE or not is_any else ()


LIKE: Mapping[type, Any] = {
    int: Integral,
    float: Real,
    Decimal: Real,
    Fraction: Real,
    Sequence: Iterable,
    Iterator: Iterable,
    list: Iterable,
    tuple: Iterable,
    dict: Mapping,
    Iterable: Iterable,
    Mapping: Mapping,
    Callable: Callable,  # type: ignore[dict-item]
}
"""What will do as well as the type in a signature."""

Made = TypeVar("Made")


def hide_private(made: type[Made]) -> type[Made]:
    """Leave parameters with private names out of the signature that is shown.

    They are what a class makes of its other parameters, and no argument for others.

    Examples
    --------
    >>> import inspect
    >>> import sharematch as sm
    >>> [x for x in inspect.signature(sm.Result).parameters if x.startswith("_")]
    []
    """
    whole = signature(made)
    shown = [p for name, p in whole.parameters.items() if not name.startswith("_")]
    made.__signature__ = whole.replace(parameters=shown)  # type: ignore[attr-defined]
    return made


def _is(value: object, kind: object) -> bool:
    if kind is None:
        return value is None
    if isinstance(kind, str):
        return kind in (each.__name__ for each in type(value).__mro__)
    if isinstance(value, bool) and kind in (Integral, Real):
        return False
    if isinstance(value, (str, bytes)) and kind in (Iterable, Sequence):
        return False
    return _is_like(value, kind) or (isinstance(kind, type) and isinstance(value, kind))


def _is_like(value: object, kind: object) -> bool:
    """Return whether a value that is of no such class will do all the same."""
    if kind is Executor:  # those of other libraries are no subclasses
        return hasattr(value, "submit")
    is_function = kind is Callable and callable(value)
    return is_function or (kind is Real and isinstance(value, Decimal))


def _name(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    return str(WORDS.get(kind) or getattr(kind, "__name__", kind))
