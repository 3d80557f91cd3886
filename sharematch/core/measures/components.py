"""Components: needs and slots that no pair, record, rule or goal joins to others.

A plan of the whole is one plan for each component, put together, and the plans that
are best in the whole are those that are best in every component:

- sums over components are greatest, or least, where each summand is;
- a sorted vector of groups, each within one component, is lexicographically greatest
  where each component's own is, for whatever improves one improves the merged vector
  (and only those plans attain it, so the next goal finds components independent too).

What breaks this joins components: bounds on sums over several, the width between
groups, and slack, which any of them may use up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.eligibility.travel import UNKNOWN, Travel
from sharematch.core.measures.ceilings import has_ceilings
from sharematch.core.measures.groups import Members, group_members
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES

__all__ = ["Components", "Joint", "components", "members"]

Ints = NDArray[np.int64]


class Joint(NamedTuple):
    """Something that joins components.

    Attributes
    ----------
    kind, position
        A field of records, ``decision``, ``location``, ``travel``, or ``rule`` or
        ``goal`` with its position in the policy.
    joined
        How many components fewer there are for it, after all before it in the list.
    example
        The facility, person, group, … that joins the most of them; may be empty.
    """

    kind: str
    position: int
    joined: int
    example: str


@dataclass(frozen=True)
class Components:
    """Which component each need and each slot belongs to, and what joined them.

    Components are numbered by their first need, those without needs by their slot.
    """

    count: int
    need: Ints
    slot: Ints
    joints: tuple[Joint, ...]


def components(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any], *, by_travel: bool
) -> Components:
    """Return the components of an instance under a policy.

    Parameters
    ----------
    measures
        Over the arcs that the rules by assignment leave.
    rules, goals
        Of the policy.
    by_travel
        Whether travel is looked at without being named in a rule or goal.
    """
    columns, arcs = measures.columns, measures.arcs
    num_needs, num_slots = len(columns.need_ids), len(columns.slot_ids)
    count, label = _connected(
        np.arange(num_needs + num_slots), arcs.need, num_needs + arcs.slot
    )
    joints = []
    # One cause after the other, so that each is told what it joins beyond those before.
    for kind, position, joined in _joins(measures, rules, goals, by_travel=by_travel):
        node, group, start = [], [], count
        for part in joined:
            shift = num_needs if part.side == "slot" else 0
            node.append(label[part.record + shift])
            group.append(part.group)
        nodes, groups = np.concatenate(node), np.concatenate(group)
        groups_at, place = np.unique(groups, return_inverse=True)
        count, new = _connected(np.arange(start + len(groups_at)), nodes, start + place)
        label = new[label]
        if count < start:
            pairs = np.unique(place * start + nodes)
            widest = int(groups_at[np.bincount(pairs // start).argmax()])
            joints.append(Joint(kind, position, start - count, joined[0].name(widest)))
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    place = np.empty(count, np.int64)
    place[np.argsort(first)] = np.arange(count)
    number = place[number]
    return Components(count, number[:num_needs], number[num_needs:], tuple(joints))


def _connected(nodes: Ints, source: Ints, target: Ints) -> tuple[int, Ints]:
    """Return how many components a graph has, and that of each node.

    Nodes that stand for nothing but a group are in one with its members.
    """
    ones = np.ones(len(source), bool)
    graph = coo_array((ones, (source, target)), shape=(len(nodes), len(nodes)))
    count, label = connected_components(graph, directed=False)
    return int(count), label.astype(np.int64)


def members(measures: Measures, term: Any) -> list[Members]:
    """Return the records that a rule or goal is about, by the groups that it joins."""
    if term.measure == "mix":  # who is named counts wherever others are
        counts = len(measures.columns.need_ids), len(measures.columns.slot_ids)
        return [
            _as_one_group(side, np.arange(count))
            for side, count in zip(("need", "slot"), counts, strict=True)
        ]
    if term.by is None and not measures.form(term.measure).looks_at_size:
        grouping = measures.grouping(term.measure, None, term.where)
        needs = np.unique(measures.arcs.need[grouping.arc])
        return [_as_one_group("need", needs)]
    by_side = group_members(measures.columns, term.measure, term.by, term.where)
    if term.op == "within":
        by_side = [_as_one_group(part.side, part.record) for part in by_side]
    return by_side


def _as_one_group(side: str, record: Ints) -> Members:
    return Members(side, record, np.zeros(len(record), np.int64), ())


def _joins(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any], *, by_travel: bool
) -> Iterator[tuple[str, int, list[Members]]]:
    yield from _by_records(measures)
    terms = (*rules, *goals)
    if by_travel or any(
        "pair.travel" in MEASURES[term.measure].reads and term.by != "assignment"
        for term in terms
    ):
        yield "travel", 0, [_unknown(measures)]
    counted = {t.measure for t in terms if MEASURES[t.measure].priced == "never"}
    for name in sorted(counted):
        if measures.form(name).facility_use is not None:
            facility = measures.columns.slot_facility
            yield name, 0, [_labeled(measures, "slot", "facility", facility)]
    for position, rule in enumerate(rules):
        if rule.by != "assignment":
            yield "rule", position, members(measures, rule)
    for position, goal in enumerate(goals):
        if _compares_groups(goal) or goal.slack:
            yield "goal", position, members(measures, goal)


def _compares_groups(goal: Any) -> bool:
    """Return whether units of a group are worth more or less for others in it."""
    if goal.op in ("maximize", "minimize") and not has_ceilings(goal):
        return goal.by is not None and MEASURES[goal.measure].unit == "ratio"
    return True


def _by_records(measures: Measures) -> Iterator[tuple[str, int, list[Members]]]:
    """Yield what records join, whatever the policy."""
    columns = measures.columns
    facility = columns.slot_facility
    is_unlocated = (
        np.isnan(columns.community_xy).all() & np.isnan(columns.facility_xy).all()
    )
    travel = Travel(columns)
    if is_unlocated and not (travel.has_links or travel.is_nowhere):
        # All that is known is where needs are: what is unknown is decided by all.
        everything = (("need", len(columns.need_ids)), ("slot", len(columns.slot_ids)))
        yield (
            "location",
            0,
            [_as_one_group(side, np.arange(n)) for side, n in everything],
        )
    for kind, limited in (
        ("max_units", columns.facility_max_units != NONE),
        ("opening_cost", columns.facility_opening_cost > 0),
    ):
        label = np.where(limited[facility], facility, NONE)
        yield kind, 0, [_labeled(measures, "slot", "facility", label)]
    yield "either", 0, [_labeled(measures, "slot", "either", columns.slot_either)]
    yield "person", 0, [_labeled(measures, "need", "person", columns.need_person)]
    yield "together", 0, [_labeled(measures, "need", "together", columns.need_together)]
    keeps = columns.decision_status < STATUSES.index("declined")
    place = np.arange(int(keeps.sum()))
    pairs = (columns.decision_need[keeps], columns.decision_slot[keeps])
    names = tuple(map(columns.need_ids.__getitem__, pairs[0].tolist()))
    yield (
        "decision",
        0,
        [
            Members(side, record, place, (names,))
            for side, record in zip(("need", "slot"), pairs, strict=True)
        ],
    )


def _labeled(measures: Measures, side: str, name: str, label: Ints) -> Members:
    """Return the records that bear a label, which names records of some type."""
    record = np.flatnonzero(label != NONE)
    names: tuple[str, ...] = getattr(measures.columns, f"{name}_ids")
    return Members(side, record, label[record], (names,))


def _unknown(measures: Measures) -> Members:
    """Return needs with unknown distances, which count as the largest that is known."""
    arcs = measures.arcs
    unknown = arcs.travel == UNKNOWN
    needs = np.unique(arcs.need[unknown])
    if len(needs):
        needs = np.union1d(needs, arcs.need[[int(arcs.travel.argmax())]])
    return _as_one_group("need", needs)
