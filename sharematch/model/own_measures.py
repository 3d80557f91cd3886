"""register_measure(): a measure of one's own, beside those that are always there."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.measure import LinearForm, Measure, Pairs, Side, Unit
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import FILTER_KEYS
from sharematch.text import Text

__all__ = ["Coefficients", "learn_measure", "register_measure", "told_of"]

Coefficients = Callable[[Pairs], "Sequence[int] | NDArray[Any]"]
"""What a unit on each of some pairs adds, one whole number for each."""

UNITS = ("units", "distance", "days", "money", "count", "ranks")
SIDES = ("both", "need", "slot")
LARGEST = 2**40
TAKEN = frozenset(
    (*FILTER_KEYS, "assignment", "id", "plan", "gini", "least_fill_rate", "change")
)
"""Names of columns beside measures in tables."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@typed
def register_measure(
    name: str,
    coefficients: Coefficients,
    *,
    side: Side = "both",
    unit: Unit = "units",
    counts: bool = False,
    text: str | Mapping[str, str] = "",
    less_is_better: bool = True,
    may_be_published: bool = False,
) -> Measure:
    """Add a measure of one's own: a goal, a rule and a column of tables at once.

    Its value is the sum over pairs of units × the pair's coefficient, under any filter
    and by any group. Results name it where their policy looks at it, and say in their
    provenance which function counts it; `verify` and `check_certificate` ask the
    function again.

    Parameters
    ----------
    name
        As policies and files have it: small letters, digits and ``_``.
    coefficients
        Given some pairs, returns what one unit on each of them adds: whole numbers, not
        below 0, in the smallest unit (metres or seconds, minor units of money). What a
        pair counts must depend on the pair alone.
    side
        Which groups it takes: the need's, the slot's or ``both``.
    unit
        What it is told in: ``units``, ``distance``, ``days``, ``money``, ``count`` or
        ``ranks``.
    counts
        Whether each unit counts 1 or not at all. Groups can then be leveled, and
        bounded, as flows; without it that couples.
    text
        What it is called in sentences, in English or by language.
    less_is_better
        Whether it is something spent: `price_of_fairness` takes those only.
    may_be_published
        Whether its exact value on every pair may be seen by anybody who sees a
        published plan. A policy that looks at a measure without this cannot be
        published.

    Returns
    -------
    The measure. The same function may be registered again.

    Raises
    ------
    InputError
        For a name that is taken or is none, and for another side or unit. What a
        function returns is checked when it is asked.

    Examples
    --------
    >>> import numpy as np
    >>> import sharematch as sm
    >>> STEPS = {"hall": 40}
    >>> def steps(pairs):
    ...     return pairs.numbers("facility", STEPS)
    >>> sm.register_measure("steps", steps, text="steps to climb").unit
    'units'
    >>> sm.Minimize("steps").measure
    'steps'
    """
    _check_name(name, coefficients)
    for field, value, known in (("side", side, SIDES), ("unit", unit, UNITS)):
        if value not in known:
            hint = Text("instance.one_of", known=", ".join(known))
            raise InputError(
                "measure.is_none", field=field, value=str(value), hint=hint
            )
    measure = Measure(
        name,
        side,
        unit,
        lambda pairs: LinearForm(_checked(name, coefficients, pairs, counts=counts)),
        priced="always",
        counts=counts,
        place="slot" if side == "slot" else "need",
        serves=0 if less_is_better else 1,
        is_spent=less_is_better,
        origin=_origin(coefficients),
        text={"en": text} if isinstance(text, str) else dict(text),
        may_be_published=may_be_published,
    )
    MEASURES.add(measure)
    return measure


def told_of(name: str) -> dict[str, Any]:
    """Return what of a measure is published, beside its value on every pair.

    Raises
    ------
    InputError
        For one that may not be published.
    """
    measure = MEASURES[name]
    if not measure.may_be_published:
        raise InputError("measure.may_not_be_published", value=name)
    return {**_facts(measure), "text": dict(measure.text)}


def _facts(measure: Measure) -> dict[str, Any]:
    return {name: getattr(measure, name) for name in ("side", "unit", "counts")}


def learn_measure(name: str, **told: Any) -> None:
    """Make a measure known of which a published instance tells the values.

    Raises
    ------
    InputError
        Where another one has its name here.
    """
    if name in MEASURES and _facts(MEASURES[name]).items() <= told.items():
        return
    register_measure(name, _told_pairs_only, may_be_published=True, **told)


def _told_pairs_only(pairs: Pairs) -> Sequence[int]:
    """Stand for the function of a measure that is known of published pairs alone."""
    raise InputError("measure.is_known_of_published_pairs_only", value=str(len(pairs)))


def _origin(coefficients: Coefficients) -> str:
    """Return where a function stands, as "module.name"."""
    kind = coefficients if hasattr(coefficients, "__qualname__") else type(coefficients)
    return f"{kind.__module__}.{kind.__qualname__}"


def _check_name(name: str, coefficients: Coefficients) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("measure.is_no_name", field="name", value=name)
    known = MEASURES.get(name)
    may_replace = (_origin(coefficients), _origin(_told_pairs_only))
    is_taken = known is not None and known.origin not in may_replace
    if name in TAKEN or is_taken:
        raise InputError("measure.is_taken", field="name", value=name)


def _checked(
    name: str, coefficients: Coefficients, pairs: Pairs, *, counts: bool
) -> NDArray[np.int64]:
    """Return what a function says of pairs, or tell what is wrong with it."""
    values = _whole(name, _asked(name, coefficients, pairs), pairs)
    most = 1 if counts else LARGEST
    for is_wrong, code in (
        (values < 0, "measure.must_not_be_below_0"),
        (values > most, "measure.must_count_0_or_1" if counts else "measure.is_large"),
    ):
        if is_wrong.any():
            worst = int(is_wrong.argmax())
            raise _wrong(name, code, pairs, worst, values[worst])
    return values.astype(np.int64)


def _asked(name: str, coefficients: Coefficients, pairs: Pairs) -> Any:
    """Return what a function says: one value for each pair, of whatever kind."""
    try:
        given = coefficients(pairs)
        shape = np.shape(given)
    except InputError:
        raise
    except Exception as error:  # whatever a function of somebody else's may raise
        code = "measure.its_function_fails"
        raise InputError(code, record=name, error=repr(error)) from error
    if shape != (len(pairs),):
        code = "measure.must_be_one_for_each_pair"
        raise InputError(code, record=name, pairs=len(pairs), shape=str(shape))
    return given


def _whole(name: str, given: Any, pairs: Pairs) -> NDArray[Any]:
    """Return whole numbers as an array, of Python's where they may be large."""
    if isinstance(given, np.ndarray) and given.dtype.kind in "iub":
        return given
    for index, value in enumerate(given):
        if not isinstance(value, int | np.integer | np.bool_):
            raise _wrong(name, "measure.must_be_whole", pairs, index, value)
    return np.array([int(value) for value in given], object)


def _wrong(name: str, code: str, pairs: Pairs, index: int, value: Any) -> InputError:
    need, slot = pairs.ids("need")[index], pairs.ids("slot")[index]
    return InputError(code, record=name, need=need, slot=slot, value=str(value))
