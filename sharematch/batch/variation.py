"""What may vary from run to run: drawn at random, or stepped through."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.errors import InputError
from sharematch.model.policy import Policy
from sharematch.text import Text

__all__ = ["Draw", "Sweep", "Variation", "variants"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draw:
    """Something that is drawn anew in every run, evenly between two factors.

    Parameters
    ----------
    what
        ``"demand"`` (quantities of needs), ``"capacity"`` (of slots), ``"travel"``
        (links, and the detour between locations), or ``"rule 2"``, the bound or width
        of a policy's second rule.
    low, high
        Factors on what the instance or policy says.
    by
        What has a factor of its own: ``"each"`` need or slot, each ``"community"``
        (for slots the facility's), or ``"all"`` together, as travel and rules always.

    Raises
    ------
    InputError
        For factors below 0 or not in order, or what cannot vary.

    Examples
    --------
    >>> Draw("demand", 0.8, 1.2, by="community").by
    'community'
    """

    what: str
    low: float
    high: float
    by: Literal["each", "community", "all"] = "each"

    def __post_init__(self) -> None:
        _check(self.what, (self.low, self.high))
        if self.low > self.high:
            raise InputError(
                "batch.low_is_above_high",
                low=self.low,
                high=self.high,
                record=str(self.what),
            )
        if self.by not in ("each", "community", "all"):
            raise InputError("batch.by_is_not_each", by=self.by, record=str(self.what))


@dataclass(frozen=True)
class Sweep:
    """Something that is stepped through: all runs, once for each factor.

    Parameters
    ----------
    what
        As in `Draw`.
    factors
        On what the instance or policy says, for all alike.

    Raises
    ------
    InputError
        For no factors, one below 0, or what cannot vary.

    Examples
    --------
    >>> Sweep("capacity", [0.9, 1, 1.1]).factors
    (0.9, 1, 1.1)
    """

    what: str
    factors: Sequence[float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "factors", tuple(self.factors))
        if not self.factors:
            raise InputError("batch.no_factors", record=str(self.what))
        _check(self.what, self.factors)


Variation = Draw | Sweep


def _check(what: str, factors: Iterable[float]) -> None:
    if what not in _VARIED and _rule(what) is None:
        known = ", ".join(_VARIED)
        raise InputError(
            "batch.cannot_vary", what=what, hint=Text("batch.rule_1", known=known)
        )
    for factor in factors:
        if not 0 <= factor < 1000:
            raise InputError(
                "batch.factor_must_be_from_0_to", factor=factor, record=str(what)
            )


def variants(
    columns: Columns, policy: Policy, vary: Sequence[Variation], seed: int
) -> Iterable[tuple[tuple[float, ...], Columns, Policy]]:
    """Yield the instance and the policy of one run for every step of the sweeps.

    What is drawn depends on the seed alone, so it is the same at every step: steps
    differ by what is stepped through and by nothing else.
    """
    sweeps = [item for item in vary if isinstance(item, Sweep)]
    for step in product(*(sweep.factors for sweep in sweeps)):
        rng = np.random.Generator(np.random.PCG64(seed))
        factors = iter(step)
        varied, varied_policy = columns, policy
        for item in vary:
            if isinstance(item, Sweep):
                factor, by = next(factors), "all"
                varied, varied_policy = _apply(
                    varied, varied_policy, item.what, by, _constant(factor)
                )
            else:
                varied, varied_policy = _apply(
                    varied, varied_policy, item.what, item.by, _drawn(item, rng)
                )
        yield step, varied, varied_policy


def _constant(factor: float) -> Callable[[int], Floats]:
    return lambda count: np.full(count, float(factor))


def _drawn(item: Draw, rng: np.random.Generator) -> Callable[[int], Floats]:
    return lambda count: item.low + (item.high - item.low) * rng.random(count)


def _apply(
    columns: Columns,
    policy: Policy,
    what: str,
    by: str,
    factors: Callable[[int], Floats],
) -> tuple[Columns, Policy]:
    rule = _rule(what)
    if rule is None:
        return _VARIED[what](columns, by, factors), policy
    return columns, _scaled(policy, rule, factors(1)[0])


def _per_record(
    columns: Columns, community: Ints, by: str, factors: Callable[[int], Floats]
) -> Floats:
    if by == "each":
        return factors(len(community))
    if by == "community":
        return factors(len(columns.community_ids))[community]
    return np.repeat(factors(1), len(community))


def _times(amount: Ints, factor: Floats) -> Ints:
    """Return amounts times factors, halves rounded up."""
    scaled = np.floor(amount * factor + 0.5).astype(np.int64)
    scaled = np.where(amount == NONE, NONE, scaled)
    scaled.setflags(write=False)
    return scaled


def _demand(columns: Columns, by: str, factors: Callable[[int], Floats]) -> Columns:
    factor = _per_record(columns, columns.need_community, by, factors)
    quantity = _times(columns.need_quantity, factor)
    return replace(
        columns,
        need_quantity=quantity,
        need_min_quantity=_at_most(columns.need_min_quantity, quantity),
    )


def _capacity(columns: Columns, by: str, factors: Callable[[int], Floats]) -> Columns:
    home = columns.facility_community[columns.slot_facility]
    capacity = _times(columns.slot_capacity, _per_record(columns, home, by, factors))
    return replace(
        columns,
        slot_capacity=capacity,
        slot_reserve=_at_most(columns.slot_reserve, capacity),
        slot_min_units=_at_most(columns.slot_min_units, capacity),
    )


def _at_most(amount: Ints, limit: Ints) -> Ints:
    capped = np.minimum(amount, limit)
    capped.setflags(write=False)
    return capped


def _travel(columns: Columns, _by: str, factors: Callable[[int], Floats]) -> Columns:
    factor = factors(1)
    return replace(
        columns,
        link_travel=_times(columns.link_travel, factor),
        detour=round(columns.detour * float(factor[0]), 6),
    )


_VARIED = {"demand": _demand, "capacity": _capacity, "travel": _travel}


def _rule(what: str) -> int | None:
    """Return the position of a rule, from "rule 1"; None for anything else."""
    name, _, number = what.partition(" ")
    return int(number) - 1 if name == "rule" and number.isdecimal() else None


def _scaled(policy: Policy, position: int, factor: float) -> Policy:
    rules = list(policy.rules)
    if not 0 <= position < len(rules):
        message = Text(
            "batch.rule_cannot_vary_the_policy_has",
            number=position + 1,
            count=len(rules),
        )
        raise InputError(message)
    rule: Any = rules[position]
    name = "width" if rule.op == "within" else "bound"
    value = getattr(rule, name)
    if isinstance(value, str):
        raise InputError(
            "batch.rule_cannot_vary_its_bound_is", number=position + 1, bound=value
        )
    share = Fraction(str(round(float(factor), 6)))
    rules[position] = rule.model_copy(update={name: value * share})
    return policy.model_copy(update={"rules": tuple(rules)})
