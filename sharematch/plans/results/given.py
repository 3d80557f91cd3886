"""Arguments in one order: an instance first, then what was found for it, then the rest.

Functions that need no more than a result, which knows its instance, take both forms.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast, overload

from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance

if TYPE_CHECKING:
    from sharematch.plans.results.result import Result

__all__ = ["instance_anywhere", "instance_first", "with_instance"]

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


class _Either(Protocol[P, R_co]):
    """A function that may be given an instance before its other arguments."""

    __name__: str

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(
        self, instance: Instance, /, *args: P.args, **kwargs: P.kwargs
    ) -> R_co: ...


def instance_first(function: Callable[P, R]) -> _Either[P, R]:
    """Let a function take an instance before all other arguments, or without it.

    What it calls `instance` itself is given there; otherwise the results it is given
    must be of that instance, and those that are without theirs get it.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.scenario.old_town()
    >>> result = sm.solve(town)
    >>> told = sm.explain(town, result, community="lianqiao")
    >>> str(told) == str(sm.explain(result, community="lianqiao"))
    True
    """
    call: Callable[..., R] = function
    names = list(signature(function).parameters.values())
    knows_it = "instance" in (parameter.name for parameter in names)
    places = [p.name for p in names if p.kind is p.POSITIONAL_OR_KEYWORD]
    place = places.index("instance") if "instance" in places else len(names)

    @wraps(function)
    def either(*args: Any, **kwargs: Any) -> R:
        is_first = bool(args) and isinstance(args[0], Instance)
        if not is_first and (knows_it or "instance" not in kwargs):
            return call(*args, **kwargs)
        if is_first and "instance" in kwargs:
            about = {"record": "argument", "id": "instance"}
            raise InputError("value.is_given_twice", **about)
        instance, *others = args if is_first else (kwargs["instance"], *args)
        expect(Instance, instance=instance)
        if not knows_it:
            # What takes plans only needs no results.
            from sharematch.plans.results.result import (  # noqa: PLC0415 (loads slowly)
                Result,
            )

            def known(value: Any) -> Any:
                is_result = isinstance(value, Result)
                return with_instance(instance, value) if is_result else value

            named = {name: x for name, x in kwargs.items() if name != "instance"}
            given = (*others, *named.values())
            if not any(isinstance(value, Result) for value in given):
                return call(*args, **kwargs)  # which says what is missing
            return call(
                *map(known, others),
                **{key: known(value) for key, value in named.items()},
            )
        if place <= len(others):
            return call(*others[:place], instance, *others[place:], **kwargs)
        return call(*others, **kwargs, instance=instance)

    return cast("_Either[P, R]", either)


def instance_anywhere(function: Callable[..., R]) -> Callable[..., R]:
    """Do as `instance_first` for a function whose `instance` is not its first argument.

    Type checkers are told the two orders by overloads.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.scenario.old_town()
    >>> sm.season.counts_of(town, "2026", sm.Allocation([])) == sm.season.counts_of(
    ...     "2026", town, sm.Allocation([])
    ... )
    True
    """
    return cast("Callable[..., R]", instance_first(function))


def with_instance(instance: Instance, result: "Result") -> "Result":
    """Return a result that knows its instance.

    Raises
    ------
    InputError
        For the result of another instance.
    """
    from sharematch.plans.results.result import (  # noqa: PLC0415 (loads slowly)
        Result,
        as_answered,
    )

    if result.instance is instance:
        return result
    digest = result.provenance.get("instance")
    now = as_answered(instance, result.answers, digest)
    actual = encode(now).digest
    if result.instance is not None and encode(result.instance).digest == actual:
        return result
    if actual != digest:
        raise InputError(
            "file.is_of_another_instance_this_one",
            record="argument",
            id="result",
            hint="file.the_instance_was_changed_after_it",
            hash=actual,
        )
    return replace(
        Result.from_dict(result.to_dict(), now),
        certificate=result.certificate,
        timings=result.timings,
    )
