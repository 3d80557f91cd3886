"""What is legal but looks odd in an instance, and in a policy for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.travel import UNKNOWN
from sharematch.core.eligibility.ways import Ways
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import flow_of
from sharematch.core.network.uncoupled import Reason
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.results.plan import unmatched_terms
from sharematch.plans.results.unmet import commonest_codes
from sharematch.text import Text, about

__all__ = ["Checkup", "Oddity", "check_up"]

SOME = 5
"""Records that a remark names before it counts the rest."""


MOST_PLACES = 1_000
"""Facilities between which all ways are looked at."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """One thing worth a look: its code, what it says, and the ids it is about.

    Codes are ``unreachable``, ``unused``, ``parity_gap``, ``unknown_distance``,
    ``empty_plan``, ``unmatched`` and ``couples``; of bookings ``unknown_ways``,
    ``idle_rest``, ``untold_people`` and ``mixed_steps``.
    """

    code: str
    message: str
    ids: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """What people are shown for the first of the ids."""

    def __str__(self) -> str:
        names = ", ".join(self.shown)
        if len(self.ids) > len(self.shown):
            more = len(self.ids) - len(self.shown)
            names = Text("remark.and_more", some=names, n=more)
        return about(self.message, names) if names else self.message


@dataclass(frozen=True, slots=True)
class Checkup:
    """How much there is of everything, and what looks odd."""

    counts: dict[str, int]
    warnings: tuple[Oddity, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the checkup as plain data."""
        return {
            "counts": self.counts,
            "warnings": [
                {"code": odd.code, "message": odd.message, "ids": list(odd.ids)}
                for odd in self.warnings
            ],
        }


def check_up(instance: Instance, policy: Policy | None = None) -> Checkup:
    """Count what an instance holds and list what looks odd, also under a policy.

    Raises
    ------
    InputError
        When the policy names what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     needs=[sm.Need(id="elderly", community="tianfeng", kind="health")],
    ... )
    >>> print(*check_up(town).warnings)
    1 need that no slot can serve, mostly because of kind: elderly
    """
    expect(Instance, instance=instance)
    expect(Policy, None, policy=policy)
    policy = Policy.fair() if policy is None else policy
    columns = encode(instance)
    open_arcs = admitted_arcs(columns, policy.rules)
    counts = {name: len(getattr(instance, name)) for name in COLLECTIONS}
    counts["units_asked"] = int(columns.need_demand.sum())
    counts["places"] = int(columns.slot_capacity.sum())
    counts["arcs"] = len(open_arcs)
    warnings = (
        *_unreachable(columns, open_arcs),
        *_unused(columns, open_arcs),
        *_parity_gaps(columns),
        *_unknown_distances(open_arcs),
        *_odd_bookings(columns, open_arcs),
        *_empty_plan(policy),
        *(
            Oddity("unmatched", text)
            for text in unmatched_terms(Measures(columns, open_arcs), policy)
        ),
        *_coupling(columns, open_arcs, policy),
    )
    return Checkup(counts, warnings)


def _unreachable(columns: Columns, arcs: Arcs) -> Iterator[Oddity]:
    lone = columns.need_demand > 0
    lone[arcs.need] = False
    needs = np.flatnonzero(lone)
    by_code: dict[str, list[str]] = defaultdict(list)
    for need, code in zip(needs.tolist(), commonest_codes(columns, needs), strict=True):
        by_code[code].append(columns.need_ids[need])
    for code in (code for code in arcs_module.CODES if code in by_code):
        message = Text(
            "remark.that_no_slot_can_serve_mostly",
            records=_count(by_code[code], "need"),
            code=Text(f"reason.{code}"),
        )
        ids = tuple(by_code[code])
        yield Oddity("unreachable", message, ids, _shown(columns, "need", ids))


def _unused(columns: Columns, arcs: Arcs) -> Iterator[Oddity]:
    idle = columns.slot_capacity > 0
    idle[arcs.slot] = False
    if idle.any():
        ids = _ids(columns.slot_ids, idle)
        yield Oddity(
            "unused",
            Text("remark.that_no_need_can_use", records=_count(ids, "slot")),
            ids,
            _shown(columns, "slot", ids),
        )


def _parity_gaps(columns: Columns) -> Iterator[Oddity]:
    gap = columns.slot_staff_fee != NONE
    gap &= columns.slot_fee > columns.slot_staff_fee
    if gap.any():
        ids = _ids(columns.slot_ids, gap)
        message = Text(
            "remark.where_residents_pay_more_than_the", records=_count(ids, "slot")
        )
        yield Oddity("parity_gap", message, ids, _shown(columns, "slot", ids))


def _unknown_distances(arcs: Arcs) -> Iterator[Oddity]:
    if arcs.num_unknown:
        message = Text(
            "remark.of_possible_pairs_have_no_known",
            count=arcs.num_unknown,
            all=len(arcs),
            most=int(arcs.distance.max(initial=0)),
        )
        yield Oddity("unknown_distance", message)


def _odd_bookings(columns: Columns, arcs: Arcs) -> Iterator[Oddity]:
    """Name what records of bookings say without effect, or leave out."""
    alone = (columns.need_person == NONE) & (columns.need_times == 1)
    idle = (columns.need_rest > 0) & alone
    asks = (columns.slot_least_people != NONE) | (columns.slot_most_people != NONE)
    untold = np.zeros(len(columns.need_ids), bool)
    untold[arcs.need[asks[arcs.slot]]] = True
    untold &= columns.need_people == NONE
    cut = np.flatnonzero(columns.slot_step != NONE)
    facility, step = columns.slot_facility[cut], columns.slot_step[cut]
    least = np.full(len(columns.facility_ids), np.iinfo(np.int64).max)
    most = np.zeros(len(columns.facility_ids), np.int64)
    np.minimum.at(least, facility, step)
    np.maximum.at(most, facility, step)
    mixed = (most > least) & (columns.facility_max_units != NONE)
    far = np.zeros(len(columns.facility_ids), bool)
    far[_without_ways(columns, arcs)] = True
    for code, noun, names, mask in (
        ("unknown_ways", "facility", columns.facility_ids, far),
        ("idle_rest", "need", columns.need_ids, idle),
        ("untold_people", "need", columns.need_ids, untold),
        ("mixed_steps", "facility", columns.facility_ids, mixed),
    ):
        if mask.any():
            ids = _ids(names, mask)
            message = Text(f"remark.{code}", records=_count(ids, noun))
            yield Oddity(code, message, ids, _shown(columns, noun, ids))


def _without_ways(columns: Columns, arcs: Arcs) -> NDArray[np.int64]:
    """Return facilities from which somebody who rests goes on, and nobody knows how."""
    ways = Ways(columns)
    if not ways.matter:
        return np.empty(0, np.int64)
    rests = columns.need_rest[arcs.need] > 0
    goes_on = (columns.need_person != NONE) | (columns.need_times > 1)
    places = np.unique(ways.places(arcs)[rests & goes_on[arcs.need]])
    places = places[places < len(columns.facility_ids)][:MOST_PLACES]
    count = len(places)
    seconds = ways.seconds(np.repeat(places, count), np.tile(places, count))
    unknown = seconds.reshape(count, count) == UNKNOWN
    unreached: NDArray[np.int64] = places[unknown.any(axis=1)]
    return unreached


def _empty_plan(policy: Policy) -> Iterator[Oddity]:
    """Name a goal best served by an empty plan, with none before it for service."""
    for position, goal in enumerate(policy.goals, 1):
        wants_more = goal.sense > 0
        if MEASURES[goal.measure].serves == goal.sense:
            return
        if not wants_more:
            message = Text(
                "remark.goal_comes_before_any_goal_that",
                number=position,
                goal=f"{goal.op} {goal.measure}",
            )
            yield Oddity("empty_plan", message)
            return


def _coupling(columns: Columns, arcs: Arcs, policy: Policy) -> Iterator[Oddity]:
    """Say what leaves the flows, if anything; names that do not exist are refused."""
    rules = [rule for rule in policy.rules if units_below_alone(rule) is None]
    flow = flow_of(Measures(columns, arcs), _known(rules), _known(policy.goals))
    if isinstance(flow, Reason):
        yield Oddity("couples", about(flow, "remark.solved_by_search_which_may_take"))


def _known(terms: Iterable[Any]) -> list[Any]:
    # What has moved is not known before there is a baseline.
    return [term for term in terms if not MEASURES[term.measure].needs_baseline]


def _ids(names: tuple[str, ...], mask: Any) -> tuple[str, ...]:
    return tuple(names[i] for i in np.flatnonzero(mask).tolist())


def _shown(columns: Columns, kind: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return what people are shown for the first of some ids."""
    label = labels(columns)
    return tuple(label(kind, id_) for id_ in ids[:SOME])


def _count(ids: Iterable[str], noun: str) -> str:
    number = len(list(ids))
    return Text(f"remark.{_PLURAL.get(noun, f'{noun}s')}", n=number)


_PLURAL = {"facility": "facilities"}
