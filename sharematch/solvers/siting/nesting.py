"""Places with days: what is limited for both is decided for places first.

    minimize over sets F of places   worth(F),
    worth(F) = the least over sets of days within F that the other limits allow

Where a rule counts places (facilities) and another what opens in them (slots), places
are sites of their own: with all their days open a set of places is worth no less than
with some, so bounds of sets of places are those of the problem without the other rule.
They are strong, for a need goes to a place once, however many days that has. Only sets
of places that could be better still have their days looked at, all sets of them by the
same bounds (`trying`), and those mostly without a flow.

Four nodes: the hub, a need, two halls with three days each; one hall may open, on two
days. Of two sets of halls the nearer one is looked at: of its three pairs of days, all
alike, one. The farther hall cannot be better with all of its days: it is left out.

Grounds: 2,800 people, 20 points with three days each, 6 points and 12 days at most were
proved in 0.4 s. By branching on 60 sites, which share no limit there and of which three
of one point are as good to a bound as three points, nothing was proved in ten minutes.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.progress import Stop
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.siting.flows import Barrier, Flows, Worth
from sharematch.solvers.siting.sets import all_sets
from sharematch.solvers.siting.shape import UNLIMITED, Items, Limit, Siting
from sharematch.solvers.siting.stages import stages_of
from sharematch.solvers.siting.trying import Trial, Tried

__all__ = ["NestedFlows", "TooManyError", "places_of"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_SETS = 50_000
"""Sets of days within a set of places up to which all are looked at."""


class TooManyError(Exception):
    """A set of places has too many sets of days to be looked at."""


def places_of(siting: Siting) -> tuple[Siting, Siting, Ints] | None:
    """Return the problem of places alone, that of their days, and each site's place.

    None where no rule limits places beside what opens in them, or where anything else
    is paid or asked for.
    """
    plain = not siting.is_exact and all(items is None for items in siting.pays)
    plain &= all(
        limit.node is None and limit.width is None and limit.least <= -UNLIMITED
        for limit in siting.limits
    )
    if not plain:
        return None
    place = _places(siting)
    num_places = int(place.max(initial=-1)) + 1
    if num_places == siting.num_sites:
        return None
    limits = [_projected(limit, place, num_places) for limit in siting.limits]
    kept = tuple(limit for limit in limits if limit is not None)
    if not kept or len(kept) == len(limits):
        return None
    forced = np.zeros(num_places, bool)
    forced[place[siting.forced]] = True
    places = replace(
        siting,
        num_sites=num_places,
        site=np.append(place, num_places)[siting.site],
        limits=kept,
        forced=forced,
        before=np.full(num_places, -1, np.int64),
    )
    pairs = zip(siting.limits, limits, strict=True)
    of_days = tuple(limit for limit, of_places in pairs if of_places is None)
    return places, replace(siting, limits=of_days), place


def _places(siting: Siting) -> Ints:
    """Return the place of each site: those that pay for the same openings share one."""
    inside = np.array(siting.joint_openings, bool).reshape(-1, siting.num_sites)
    shares = inside.any(axis=0)
    alone = np.where(shares, -1, np.arange(siting.num_sites))
    keys = np.column_stack([inside.T, alone])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    # In the order of sites, which does not depend on that of records.
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[place.ravel()]


def _projected(limit: Limit, place: Ints, num_places: int) -> Limit | None:
    """Return a limit in terms of places, None where it tells their days apart."""
    is_several = np.bincount(place, minlength=num_places)[place] > 1
    groups: list[Items] = []
    for items in limit.groups:
        if items.weight[:-1][is_several].any():
            return None
        weight = np.zeros(num_places + 1, np.int64)
        np.add.at(weight, place, items.weight[:-1])
        shared: list[tuple[int, Bools]] = []
        for cost, is_inside in items.shared:
            places = np.unique(place[is_inside[:-1]])
            if len(places) == 1:
                weight[places[0]] += cost
                continue
            inside = np.zeros(num_places + 1, bool)
            inside[places] = True
            shared.append((cost, inside))
        groups.append(Items(weight, tuple(shared)))
    return replace(limit, groups=tuple(groups))


class NestedFlows(Flows):
    """Flows through places, each open on those of its days that are best.

    Parameters
    ----------
    places, days
        What `places_of` has parted.
    place
        By site of `days`: its place.

    Attributes
    ----------
    best
        The best set of days so far, and its flow.
    """

    def __init__(
        self, places: Siting, days: Siting, place: Ints, monitor: Monitor
    ) -> None:
        super().__init__(places)
        self.place, self.monitor = place, monitor
        self.by_day = Flows(days)
        self.stages = stages_of(self.by_day)
        self.best: Worth | None = None

    def worth(self, members: Ints) -> Worth | Barrier | None:
        """Return the best flow through some places if it beats all before it.

        None where it does not, or where nothing is known of why there is none.

        Raises
        ------
        Stop
            Where the time was over before all sets of days were looked at.
        TooManyError
            Where there are too many of them.
        """
        inside = self.siting.mask(members)[self.place]
        sets = all_sets(self.by_day.siting, MOST_SETS, among=inside)
        if sets is None:
            raise TooManyError
        trial = Trial(self.by_day, self.stages, sets)
        before, self.best = self.best, trial.run(self.monitor, self.best).best
        if len(trial.alive):
            raise Stop
        if self.best is None:
            roomy = super().worth(members)
            return roomy if isinstance(roomy, Barrier) else None
        return None if self.best is before else self._in_places(self.best)

    def to_price(self, worth: Worth) -> Worth:
        """Return the flow through the same places if all of their days were open."""
        roomy = super().worth(worth.members)
        return roomy if isinstance(roomy, Worth) else worth

    def kept(self, tried: Tried) -> Tried:
        """Return what was tried, with the best set of days where that came later."""
        best = self.best
        if best is None or (
            tried.best is not None and tried.best.values <= best.values
        ):
            return tried
        nothing = Tried.nothing(len(self.siting.flows), self._in_places(best))
        return tried.followed_by(nothing)

    def _in_places(self, worth: Worth) -> Worth:
        days = worth.members[worth.members < len(self.place)]
        return replace(worth, members=np.unique(self.place[days]))
