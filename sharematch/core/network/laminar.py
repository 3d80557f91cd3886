"""Laminar families: sets of arcs of which any two are nested or disjoint.

A family is given in layers, each a partition of some elements. Nested sets become a
forest, and a forest becomes one side of a network: the units of a set are the flow on
one edge, so bounds on all of them at once stay a flow (Edmonds & Giles, 1977).

Example, with four arcs of two needs from two communities:

    communities   0 0 0 1        forest   {0, 1, 2} ⊃ {0, 1}, {2}
    needs         0 0 1 2                 {3}, which is community and need at once
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import SPAN, mask_of, pairs

__all__ = ["Cut", "Forest", "are_laminar", "cut", "plant", "whole_sets"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Forest:
    """Distinct sets of a laminar family, numbered from 0; NONE stands for the root.

    `node` holds per layer the set that each of its labels became (NONE if empty),
    `leaf` the smallest set around each element, `depth` is 0 for outermost sets.
    """

    parent: Ints
    depth: Ints
    leaf: Ints
    node: tuple[Ints, ...]


def are_laminar(labels: Ints, other_labels: Ints) -> bool:
    """Return whether any two sets of two layers are nested or disjoint.

    Parameters
    ----------
    labels, other_labels
        The label of each element in a layer, NONE for elements in no set of it.
    """
    if _is_finer(labels, other_labels) or _is_finer(other_labels, labels):
        return True
    in_both = (labels != NONE) & (other_labels != NONE)
    if not in_both.any():
        return True
    width = int(other_labels.max()) + 1
    # Two sets are nested where what they share is all of one of them.
    met, count = np.unique(
        labels[in_both] * width + other_labels[in_both], return_counts=True
    )
    first, second = np.divmod(met, width)
    size = np.bincount(labels[labels != NONE])[first]
    other_size = np.bincount(other_labels[other_labels != NONE])[second]
    return bool(((count == size) | (count == other_size)).all())


def _is_finer(labels: Ints, other_labels: Ints) -> bool:
    """Return whether each set of one layer lies in a set of the other, or in none.

    So it mostly is, and is seen without sorting.
    """
    other_of_set = whole_sets(labels, int(labels.max(initial=NONE)) + 1, other_labels)
    return other_of_set is not None


def whole_sets(labels: Ints, num_labels: int, value: Ints) -> Ints | None:
    """Return the one value on each set, NONE if empty; None where some set has two.

    Examples
    --------
    >>> communities, kinds = np.array([0, 0, 2, -1]), np.array([5, 5, 6, 7])
    >>> whole_sets(communities, 3, kinds).tolist()
    [5, -1, 6]
    """
    if labels is value:
        is_present = mask_of(labels, num_labels + 1)[:-1]
        return np.where(is_present, np.arange(num_labels), NONE)
    few = slice(SPAN)
    if len(labels) > SPAN and whole_sets(labels[few], num_labels, value[few]) is None:
        return None  # few entries nearly always tell
    of_set = np.full(num_labels + 1, NONE, np.int64)
    of_set[labels] = value  # what is in no set comes last, and is not looked at
    differs = of_set[labels] != value
    if differs.any() and (differs & (labels != NONE)).any():
        return None
    return of_set[:-1]


class Cut(NamedTuple):
    """Elements parted such that every label is the same on all of a part."""

    part: Ints
    """Of each element."""
    labels: list[Ints]
    """By part, of each layer."""


def cut(part: Ints, num_parts: int, layers: Sequence[Ints]) -> Cut:
    """Return the coarsest parting that no part and no layer's set crosses.

    Examples
    --------
    >>> slots, guests = np.array([0, 0, 1, 1]), np.array([-1, 0, 1, 1])
    >>> parted = cut(slots, 2, [slots, guests])
    >>> len({*parted.part.tolist()}), parted.labels[1][parted.part].tolist()
    (3, [-1, 0, 1, 1])
    """
    labels: list[Ints] = []
    for layer in layers:
        label = np.full(num_parts, NONE, np.int64)
        label[part] = layer
        others = np.flatnonzero(label[part] != layer)
        if len(others):
            # Few parts have two labels, fewer have more: the second ones need no sort.
            extra = pairs(part[others], layer[others])
            part = part.copy()
            part[others] = num_parts + extra.place
            label = np.concatenate([label, extra.second])
            labels = [np.append(earlier, earlier[extra.first]) for earlier in labels]
            num_parts += len(extra.first)
        labels.append(label)
    return Cut(part, labels)


def plant(layers: Sequence[Ints], num_labels: Sequence[int]) -> Forest:
    """Return the forest of a laminar family; equal sets become one node.

    Parameters
    ----------
    layers
        Labels of the same elements, any two layers laminar.
    num_labels
        How many labels each layer has; some may mark no element.

    Examples
    --------
    >>> communities, needs = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])
    >>> forest = plant([communities, needs], [2, 3])
    >>> forest.parent.tolist(), forest.leaf.tolist()
    ([-1, 0, 0, -1], [1, 1, 2, 3])
    """
    num_elements = len(layers[0])
    starts = np.cumsum([0, *num_labels])
    total = int(starts[-1])
    labels = np.stack(
        [np.where(x == NONE, NONE, x + s) for x, s in zip(layers, starts, strict=False)]
    )
    size = np.append(np.bincount(labels[labels != NONE], minlength=total), 0)
    sizes = np.where(labels == NONE, NONE, size[labels])
    # Every element lists its sets from the largest to the smallest.
    order = np.argsort(-sizes, axis=0, kind="stable")
    chain = np.take_along_axis(labels, order, axis=0)
    same = np.arange(total)
    above = np.full(total, NONE)
    leaf = np.full(num_elements, NONE)
    depth = np.zeros(total, np.int64)
    for row in chain:
        inside = np.flatnonzero(row != NONE)
        sets, outer = row[inside], leaf[inside]
        equal = (outer != NONE) & (size[outer] == size[sets])
        same[sets[equal]] = outer[equal]
        above[sets[~equal]] = outer[~equal]
        nested = sets[~equal & (outer != NONE)]
        depth[nested] = depth[above[nested]] + 1
        leaf[inside] = same[sets]
    # Numbered by their first element: labels, which follow names, play no part.
    first = np.full(total, num_elements)
    for row in chain:
        inside = np.flatnonzero(row != NONE)[::-1]
        first[row[inside]] = inside
    distinct = np.flatnonzero((size[:-1] > 0) & (same == np.arange(total)))
    place = first[distinct] * (int(depth.max(initial=0)) + 1) + depth[distinct]
    distinct = distinct[np.argsort(place)]
    number = np.full(total + 1, NONE)
    number[distinct] = np.arange(len(distinct))
    node = np.where(size[:-1] > 0, number[same], NONE)
    return Forest(
        parent=number[above[distinct]],
        depth=depth[distinct],
        leaf=number[leaf],
        node=tuple(node[a:b] for a, b in pairwise(starts.tolist())),
    )
