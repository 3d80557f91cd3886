"""What if: a sector leaves or joins, a room closes for repairs, a tier opens.

`leaving`, `joining` and `opening` say what changes; `what_if` sets today's plan beside
the plan that moves least and the plan that is best, and what lies between.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sharematch.errors import InputError
from sharematch.model.answers import Answer
from sharematch.model.arguments import typed
from sharematch.model.goals import Minimize
from sharematch.model.instance import Instance
from sharematch.model.places import Facility, Provider, Slot
from sharematch.model.policy import Policy
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.season.decisions import Revision, resolve
from sharematch.text import Text, about
from sharematch.text.tables import Table

__all__ = ["Step", "WhatIf", "joining", "leaving", "opening", "what_if"]


@typed
def leaving(
    instance: Instance,
    *,
    sector: str | None = None,
    provider: str | None = None,
    facility: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[Answer, ...]:
    """Return answers that take slots away: all conditions named hold for them.

    Parameters
    ----------
    sector, provider, facility
        Whose slots.
    start, end
        Of repairs: timed slots that overlap with this time; all slots if left out.

    Raises
    ------
    InputError
        If no slot is meant.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> gone = leaving(town, facility=town.slots[0].facility)
    >>> {answer.status for answer in gone}
    {'gone'}
    """
    hosts = _hosts(instance, sector, provider, facility)
    gone = [
        Answer("", slot.id, "gone")
        for slot in instance.slots
        if slot.facility in hosts and _within(slot, start, end)
    ]
    if not gone:
        raise InputError("season.no_slot_is_meant_by_these", field="leaving")
    return tuple(gone)


@typed
def joining(
    instance: Instance,
    *,
    providers: Iterable[Provider] = (),
    facilities: Iterable[Facility] = (),
    slots: Iterable[Slot] = (),
) -> Instance:
    """Return the instance with further providers, facilities and slots.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> home = town.communities[0].id
    >>> wider = joining(town, facilities=[sm.Facility(id="barn", community=home)])
    >>> len(wider.facilities) - len(town.facilities)
    1
    """
    return instance.replace(
        providers=(*instance.providers, *providers),
        facilities=(*instance.facilities, *facilities),
        slots=(*instance.slots, *slots),
    )


@typed
def opening(
    instance: Instance,
    share: int | str | None,
    *,
    sector: str | None = None,
    provider: str | None = None,
    facility: str | None = None,
) -> Instance:
    """Return the instance in which facilities are open to another tier.

    Parameters
    ----------
    share
        A level, ``"own"``, a number, or None for everybody. It replaces what the
        facilities and their slots say.
    sector, provider, facility
        Which facilities: all conditions named hold; all facilities if left out.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> wider = opening(town, 1, facility=town.facilities[0].id)
    >>> wider.facilities[0].share
    1
    """
    hosts = _hosts(instance, sector, provider, facility)
    return instance.replace(
        facilities=[
            f.model_copy(update={"share": share}) if f.id in hosts else f
            for f in instance.facilities
        ],
        slots=[
            s.model_copy(update={"share": None}) if s.facility in hosts else s
            for s in instance.slots
        ],
    )


def _hosts(
    instance: Instance, sector: str | None, provider: str | None, facility: str | None
) -> set[str]:
    sectors = {provider.id: provider.sector for provider in instance.providers}
    return {
        host.id
        for host in instance.facilities
        if facility in (None, host.id)
        and provider in (None, host.provider)
        and (sector is None or sectors.get(host.provider or "") == sector)
    }


def _within(slot: Slot, start: datetime | None, end: datetime | None) -> bool:
    if start is None and end is None:
        return True
    if slot.start is None or slot.end is None:
        return False
    return (end is None or slot.start < end) and (start is None or slot.end > start)


@dataclass(frozen=True, slots=True)
class Step:
    """A plan on the way from least disruption to the best plan.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> step = sm.season.what_if(result).path[0]
    >>> step.moved, step.served == result.value("served")
    (0, True)
    """

    moved: int
    served: int
    least_fill_rate: Fraction
    revision: Revision


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Today's plan and what may come after a change.

    Parameters
    ----------
    today
        The plan as it is.
    path
        From the plan that moves least to the best one, each a step further.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> found = sm.season.what_if(result)
    >>> found.least.moved, len(found.path) > 0
    (0, True)
    """

    today: Result
    path: tuple[Step, ...]

    @property
    def least(self) -> Revision:
        """The plan that moves least, and is best for the goals among those."""
        return self.path[0].revision

    @property
    def best(self) -> Revision:
        """The plan that is best for the goals, and moves least among those."""
        return self.path[-1].revision

    def by_community(self, measure: str = "served") -> Table:
        """Return a measure by community: today, with least moves, at best."""
        columns = [
            {row["id"]: row[measure] for row in result.by("community")}
            for result in (self.today, self.least.result, self.best.result)
        ]
        names = ("today", "least", "best")
        rows: list[dict[str, Any]] = []
        for community in sorted(set().union(*columns), key=str):
            values: list[Any] = [column.get(community, 0) for column in columns]
            change = values[2] - values[0]
            row = dict(zip(names, values, strict=True))
            rows.append({"community": community, **row, "change": change})
        return Table(rows, ("community", *names, "change"))

    def steps(self) -> Table:
        """Return the path as a table."""
        return Table(
            (
                {
                    "moved": step.moved,
                    "served": step.served,
                    "least_fill_rate": step.least_fill_rate,
                }
                for step in self.path
            ),
            ("moved", "served", "least_fill_rate"),
        )

    def __str__(self) -> str:
        return f"{self.by_community()}\n\n{self.steps()}"


@instance_first
@typed
def what_if(
    today: Result,
    answers: Iterable[Any] = (),
    *,
    instance: Instance | None = None,
    policy: Policy | None = None,
    stops: int = 0,
    time_limit: float | None = None,
) -> WhatIf:
    """Set today's plan beside those that may come after a change.

    Parameters
    ----------
    answers
        What leaves, as from `leaving`.
    instance
        The records after the change, as from `joining` or `opening`.
    policy
        That of today's plan if left out.
    stops
        Budgets of moves between the least and those of the best plan, evenly spread,
        for which the best plan is found too.
    time_limit
        Seconds for each plan.

    Raises
    ------
    InputError
        Where no plan keeps the rules after the change.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     providers=[
    ...         sm.Provider(id="office", sector="public"),
    ...         sm.Provider(id="hotel", sector="market"),
    ...     ],
    ...     facilities=[
    ...         sm.Facility(id="station", community="tianfeng", provider="office"),
    ...         sm.Facility(id="hall", community="lianqiao", provider="hotel"),
    ...     ],
    ...     slots=[
    ...         sm.Slot(id=s, facility=f, kinds=["health"], capacity=2)
    ...         for s, f in (("mon", "station"), ("tue", "hall"))
    ...     ],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=2),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> print(what_if(sm.solve(town), leaving(town, sector="market")).steps())
    moved  served  least_fill_rate
        2       2               0%
        3       2              50%
    """
    given = tuple(answers)
    wanted = today.policy if policy is None else policy
    later = [goal for goal in wanted.goals if goal.measure != "moved"]
    calm = Policy(
        name=wanted.name, rules=wanted.rules, goals=[Minimize("moved"), *later]
    )
    best = Policy(
        name=wanted.name, rules=wanted.rules, goals=[*later, Minimize("moved")]
    )

    def step(policy: Policy, max_moved: int | None = None) -> Step:
        revision = resolve(
            today,
            given,
            instance=instance,
            policy=policy,
            max_moved=max_moved,
            time_limit=time_limit,
        )
        return _step(revision)

    first, last = step(calm), step(best)
    room = last.moved - first.moved
    budgets = {first.moved + room * i // (stops + 1) for i in range(1, stops + 1)}
    between = [step(best, budget) for budget in sorted(budgets - {first.moved})]
    middle = [s for s in between if first.moved < s.moved < last.moved]
    ends = (first, *middle, last) if room else (last,)
    return WhatIf(today, ends)


def _step(revision: Revision) -> Step:
    result = revision.result
    if not result.status.has_plan:
        conflict = "; ".join(term.text for term in result.conflict or ())
        raise InputError(about(Text("season.after_the_change_no_plan_keeps"), conflict))
    rates = [
        Fraction(str(row["fill_rate"]))
        for row in result.by("community")
        if row["demand"]
    ]
    served = int(result.value("served"))
    return Step(revision.moved, served, min(rates, default=Fraction(0)), revision)
