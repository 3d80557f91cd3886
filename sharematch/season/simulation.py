"""Many rounds ahead: what the ledger does to long-run fill rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from sharematch.engine.solving import solve
from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.season.ledger import Count, Rule, counts_of, past_of
from sharematch.text import Text, percent
from sharematch.text.tables import Table

__all__ = ["Simulation", "simulate"]


@dataclass(frozen=True)
class Simulation:
    """Fill rates over all rounds so far, with the ledger and without it.

    Parameters
    ----------
    with_ledger, without
        For each community its fill rate over all rounds up to each round.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> sm.season.simulate(town, rounds=2).num_rounds
    2
    """

    with_ledger: Mapping[str, tuple[Fraction, ...]]
    without: Mapping[str, tuple[Fraction, ...]]

    @property
    def num_rounds(self) -> int:
        """How many rounds were played."""
        return len(next(iter(self.with_ledger.values()), ()))

    def spread(self, *, ledger: bool = True, after: int | None = None) -> Fraction:
        """Return the best minus the worst fill rate after so many rounds, or all."""
        rates = self.with_ledger if ledger else self.without
        last = (self.num_rounds if after is None else after) - 1
        values = [series[last] for series in rates.values()]
        return max(values) - min(values) if values else Fraction(0)

    @property
    def table(self) -> Table:
        """For each community its fill rate over all rounds, with and without."""
        return Table(
            {
                "id": name,
                "with_ledger": series[-1],
                "without": self.without[name][-1],
            }
            for name, series in sorted(self.with_ledger.items())
        )

    def to_dict(self) -> dict[str, Any]:
        """Return fill rates after each round as plain data."""

        def texts(rates: Mapping[str, tuple[Fraction, ...]]) -> dict[str, list[str]]:
            return {
                name: [f"{x.numerator}/{x.denominator}" for x in series]
                for name, series in sorted(rates.items())
            }

        return {
            "rounds": self.num_rounds,
            "with_ledger": texts(self.with_ledger),
            "without": texts(self.without),
        }

    def __str__(self) -> str:
        return (
            f"{self.table}\n\nBest minus worst after {self.num_rounds} rounds: "
            f"{percent(self.spread(), 1)} with the ledger, "
            f"{percent(self.spread(ledger=False), 1)} without"
        )


@typed
def simulate(
    instance: Instance,
    policy: Policy | None = None,
    *,
    rounds: int = 20,
    seed: int = 0,
    rule: Rule | None = None,
    arrivals: Mapping[str, int] | None = None,
    time_limit: float | None = None,
) -> Simulation:
    """Play many rounds of drawn demand under a policy, with a ledger and without.

    In each round a need asks for a number of units drawn from a Poisson distribution
    whose mean is its quantity; both sides see the same demand.

    Parameters
    ----------
    rounds
        How many rounds.
    seed
        Demand follows from it alone.
    rule
        How much of earlier rounds counts.
    arrivals
        Communities that ask for nothing before some round, counted from 1.

    Raises
    ------
    InputError
        For fewer rounds than one, or an arrival that names no community.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make("community", seed=1)
    >>> played = simulate(town, rounds=10)
    >>> played.spread() < played.spread(ledger=False)
    True
    """
    if rounds < 1:
        raise InputError(
            [
                Problem(
                    "value.must_be_at_least",
                    "simulate",
                    "",
                    "rounds",
                    str(rounds),
                    low=1,
                )
            ]
        )
    arrivals = {} if arrivals is None else arrivals
    known = {community.id for community in instance.communities}
    if unknown := sorted(arrivals.keys() - known):
        message = Text("instance.is_no_community_of_this_instance")
        raise InputError([Problem(message, "simulate", "", "arrivals", unknown[0])])
    policy = Policy.fair() if policy is None else policy
    rng = np.random.Generator(np.random.PCG64(seed))
    played = _Played(), _Played()
    for number in range(1, rounds + 1):
        town = _demand(
            instance, rng, {c for c, first in arrivals.items() if number < first}
        )
        for side, keeps in zip(played, (True, False), strict=True):
            past = past_of(side.history, rule, town) if keeps else ()
            now = town.replace(past=past)
            result = solve(now, policy, time_limit=time_limit, seed=number)
            side.add(counts_of(str(number), now, result.allocation), known)
    return Simulation(played[0].rates, played[1].rates)


def _demand(instance: Instance, rng: np.random.Generator, absent: set[str]) -> Instance:
    means = [need.quantity for need in instance.needs]
    drawn = rng.poisson(means).tolist()
    return instance.replace(
        needs=tuple(
            need.model_copy(
                update={
                    "quantity": units,
                    "min_quantity": min(need.min_quantity, units),
                }
            )
            for need, units in zip(instance.needs, drawn, strict=True)
            if units and need.community not in absent
        ),
        pairs=(),
        decisions=(),
    )


class _Played:
    """The rounds of one side so far."""

    def __init__(self) -> None:
        self.history: list[tuple[Count, ...]] = []
        self.rates: dict[str, tuple[Fraction, ...]] = {}
        self._sums: dict[str, tuple[int, int]] = {}

    def add(self, counts: tuple[Count, ...], communities: set[str]) -> None:
        self.history.append(counts)
        for count in counts:
            if count.kind == "community":
                served, demand = self._sums.get(count.id, (0, 0))
                sums = served + count.served, demand + count.demand
                self._sums[count.id] = sums
        for name in communities:
            served, demand = self._sums.get(name, (0, 0))
            rate = Fraction(served, demand) if demand else Fraction(1)
            self.rates[name] = (*self.rates.get(name, ()), rate)
