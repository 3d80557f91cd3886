"""The chain of blocks in the proof of a group goal: tight cuts, worst-off groups first.

Prices add up to a potential of every set, from the outside in. The sets below a
threshold are a part of the town that no unit can leave: what leads out of it is full,
what leads into it is at its least. So the units of the groups in it are known exactly,
and no plan left can give them more. Each threshold at which further groups come in
makes a block.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.attributes import Key
from sharematch.core.columns.codes import NONE
from sharematch.core.measures.bounds import names_of, sizes_of

__all__ = ["Priced", "chain"]

Ints = NDArray[np.int64]


class Priced(NamedTuple):
    """A family of disjoint sets with prices; `label` is each arc's set or NONE.

    `units`, those of the plan, and `price` are by set.
    """

    name: str
    keys: Sequence[Key]
    label: Ints
    units: Ints
    price: Ints
    is_group: bool = False


class _Edges(NamedTuple):
    """What may lead from one side of a cut to the other: potentials and units."""

    family: Priced | None
    tail: Ints
    head: Ints
    units: Ints


def chain(
    group_side: Sequence[Priced], far_side: Sequence[Priced], units: Ints, sign: int
) -> list[dict[str, Any]]:
    """Return the blocks: groups that come in, units of all the cut holds, the cut.

    Parameters
    ----------
    group_side, far_side
        Families on the groups' side, the groups among them, and on the other side.
    units
        The plan, on each arc.
    sign
        1 where a group stands better with more units, -1 where with fewer.

    Returns
    -------
    For each block ``groups`` that the blocks before do not have, ``units`` of all
    groups that its cut holds, and by name ``cut``: how many sets, their units, and the
    ids of those that the block before does not have (needs and arcs are only counted).
    Units of the cut add up to ``units``; those of sets at their least count against it.
    """
    edges = [*_edges(group_side, units, 1), *_edges(far_side, units, -1)]
    carrying = np.flatnonzero(units)
    units = units[carrying]
    inside, outside = (
        sum((_at(f, carrying) for f in side), 0 * units)
        for side in (group_side, far_side)
    )
    edges.append(_Edges(None, inside, -outside, units))
    groups = [e for e in edges if e.family is not None and e.family.is_group]
    shift = 0 if sign > 0 else -1
    entered = (e.head[sign * (e.head - e.tail) < 0] + shift for e in groups)
    thresholds = np.unique(np.concatenate([np.empty(0, np.int64), *entered]))
    blocks: list[dict[str, Any]] = [
        {"groups": [], "units": 0, "cut": {}} for _ in thresholds
    ]
    for edge in edges:
        _add(blocks, thresholds, edge, sign)
    for block in blocks:
        for names in (
            block["groups"],
            *(x.get("ids", []) for x in block["cut"].values()),
        ):
            names.sort()
    return blocks


def _at(family: Priced, arcs: Ints) -> Ints:
    return np.append(family.price, 0)[family.label[arcs]]


def _edges(side: Sequence[Priced], units: Ints, sign: int) -> Iterator[_Edges]:
    """Yield the edges of sets; those of the other side lead from the inside out."""
    sizes = [sizes_of(f.label) for f in side]
    for i, family in enumerate(side):
        priced = np.flatnonzero(family.price)
        # An arc of each set; the last cell is that of arcs in none.
        arc = np.full(len(family.keys) + 1, NONE, np.int64)
        arc[family.label] = np.arange(len(units))
        priced = priced[arc[priced] != NONE]
        outer = np.zeros(len(priced), np.int64)
        for j, around in enumerate(side):
            label = around.label[arc[priced]]
            is_around = (i != j) & (label != NONE)
            size, outer_size = sizes[i][priced], sizes[j][label]
            is_around &= (outer_size > size) | ((outer_size == size) & (j < i))
            outer += np.where(is_around, np.append(around.price, 0)[label], 0)
        inner = outer + family.price[priced]
        total = family.units[priced]
        priced_family = family._replace(keys=[family.keys[k] for k in priced.tolist()])
        tail, head = (outer, inner) if sign > 0 else (-inner, -outer)
        yield _Edges(priced_family, tail, head, total)


def _add(
    blocks: list[dict[str, Any]], thresholds: Ints, edges: _Edges, sign: int
) -> None:
    """Add edges to the blocks whose thresholds they cross."""
    family, tail, head, units = edges
    # An edge is in the cut of every threshold between its two potentials.
    first = np.searchsorted(thresholds, np.minimum(tail, head))
    last = np.searchsorted(thresholds, np.maximum(tail, head))
    if sign < 0:
        first, last = len(thresholds) - last, len(thresholds) - first
    toward = sign * np.sign(head - tail)
    in_cut = first < last
    if family is not None and family.is_group:
        comes = np.flatnonzero(in_cut & (toward < 0))
        _add_groups(blocks, family, first, comes, _span(first, last, units, comes))
        in_cut &= toward > 0
    crosses = np.flatnonzero(in_cut)
    name = "arcs" if family is None else family.name
    counts = _span(first, last, np.ones_like(units), crosses)
    totals = _span(first, last, toward * units, crosses)
    spanned = list(zip(blocks, counts, totals, strict=False))
    for block, count, total in spanned:
        block["cut"] |= {name: {"count": count, "units": total}} if count else {}
    if family is not None and name != "quantity":
        for position, names in _by_block(first, crosses, family):
            blocks[position]["cut"][name]["ids"] = names


def _add_groups(
    blocks: list[dict[str, Any]],
    family: Priced,
    first: Ints,
    comes: Ints,
    total: list[int],
) -> None:
    for block, units in zip(blocks, total, strict=False):
        block["units"] += units
    for position, names in _by_block(first, comes, family):
        blocks[position]["groups"] += names


def _by_block(
    first: Ints, chosen: Ints, family: Priced
) -> Iterator[tuple[int, list[str]]]:
    """Yield each block that some sets come in with, and their names."""
    chosen = chosen[np.argsort(first[chosen], kind="stable")]
    names = names_of([family.keys[int(k)] for k in chosen])
    positions, begins = np.unique(first[chosen], return_index=True)
    ends = np.append(begins, len(names))[1:]
    spans = positions.tolist(), begins.tolist(), ends.tolist()
    for position, begin, end in zip(*spans, strict=True):
        yield position, names[begin:end]


def _span(first: Ints, last: Ints, amount: Ints, chosen: Ints) -> list[int]:
    """Return by block the sum of some amounts that span it; none after the last."""
    change = np.zeros(int(last.max(initial=0)) + 1, np.int64)
    np.add.at(change, first[chosen], amount[chosen])
    np.subtract.at(change, last[chosen], amount[chosen])
    sums: list[int] = np.cumsum(change).tolist()
    return sums
