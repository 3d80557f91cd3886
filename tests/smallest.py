"""Random towns that fail a test, made as small as they still fail.

When a test fails after it has drawn a town (see `drawn`), it is run again with ever
smaller towns in its place. The smallest that fails in the same line is told with the
failure, as JSON that can be pasted.
"""

import copy
import inspect
import json
import os
import re
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

SECONDS = 45.0
"""How long a town is made smaller."""


_IN_TESTS = re.compile(r"[/\\](tests[/\\]|test_)")


@dataclass
class Drawing:
    """A town that a test has drawn: by which function, from which seed."""

    by: str
    seed: int
    town: Any
    is_used: bool = False


class Passed(BaseException):
    """The test goes on to another seed, so it is content with the town it had."""


class _State:
    last: Drawing | None = None
    instead: Drawing | None = None


def drawn(by: str, seed: int, town: Any) -> Any:
    """Note that a town is drawn; where another is tried in its place, return that."""
    other = _State.instead
    if other is None or by != other.by:
        if other is None:
            _State.last = Drawing(by, seed, copy.deepcopy(town))
        return town
    if seed == other.seed:
        other.is_used = True
        return copy.deepcopy(other.town)
    if other.is_used:
        raise Passed
    return town


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Tell the smallest town with which a test fails."""
    _State.last = None
    try:
        return (yield)
    except Exception as error:
        last = _State.last
        # Where mutants are tested, tests are meant to fail, and quickly.
        if last is not None and "MUTANT_UNDER_TEST" not in os.environ:
            error.add_note(_told(last, kinds(error), _runner(pyfuncitem, last.seed)))
        raise


def _told(last: Drawing, failures: set[str], run: Callable[[], object]) -> str:
    def fails(town: Any) -> bool:
        return outcome(run, Drawing(last.by, last.seed, town)) in failures

    head = f"{last.by}({last.seed})"
    if not fails(last.town):
        return f"{head} was drawn last; alone it does not fail."
    text = json.dumps(smallest(last.town, fails), ensure_ascii=False, indent=1)
    return f"{head} fails; so does this, the smallest instance found:\n{text}"


def _runner(item: pytest.Function, seed: int) -> Callable[[], object]:
    """Return what runs a test once more, from the seed that failed."""
    names = inspect.signature(item.obj).parameters
    arguments = {name: item.funcargs[name] for name in names if name in item.funcargs}
    test = item.obj
    if hasattr(test, "hypothesis"):
        test = test.hypothesis.inner_test
        names = inspect.signature(test).parameters
        arguments |= {name: seed for name in names if name not in arguments}
    if "first" in arguments:
        arguments["first"] = seed  # of a loop over seeds
    return lambda: test(**arguments)


def outcome(run: Callable[[], object], instead: Drawing) -> str | None:
    """Return how a test fails with another town, None if it does not."""
    _State.instead = instead
    try:
        run()
    except Passed:
        return None
    except Exception as error:
        return kind(error)
    finally:
        _State.instead = None
    return None


def kinds(error: Exception) -> set[str]:
    """Return what went wrong, each with its line: hypothesis may find several."""
    if isinstance(error, ExceptionGroup):
        return {one for part in error.exceptions for one in kinds(part)}
    return {kind(error)}


def kind(error: BaseException) -> str:
    """Return what is wrong and in which line of the tests."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and _IN_TESTS.search(frame.filename)
    ]
    return f"{type(error).__name__} {own[-1].name} {own[-1].lineno}" if own else ""


def smallest(town: Any, fails: Callable[[Any], bool]) -> Any:
    """Return the smallest town found that still fails."""
    until = time.monotonic() + SECONDS
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller(town):
            if time.monotonic() > until:
                return town
            if fails(candidate):
                town, is_smaller = candidate, True
                break
    return town


def _smaller(value: Any) -> Iterator[Any]:
    """Yield values with something left out or made simpler, large parts first."""
    yield from _fewer(value)
    if isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: smaller} for smaller in _smaller(part))
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            for smaller in _smaller(part):
                yield type(value)((*value[:i], smaller, *value[i + 1 :]))


def _fewer(value: Any) -> Iterator[Any]:
    """Yield a value without one of its own parts, or a smaller number."""
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value)
    elif isinstance(value, list):
        half = len(value) // 2
        yield from (value[half:], value[:half]) if half > 1 else ()
        yield from (value[:i] + value[i + 1 :] for i in range(len(value)))
    elif isinstance(value, int) and not isinstance(value, bool) and value > 1:
        yield from (1, value // 2)
