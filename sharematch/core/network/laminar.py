"""Laminar families: sets of arcs of which any two are nested or disjoint.

A family is given in layers, each a partition of some elements. Nested sets become a
forest, and a forest becomes one side of a network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE

__all__ = ["Forest", "are_laminar", "plant"]

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


def are_laminar(one: Ints, other: Ints) -> bool:
    """Return whether any two sets of two layers are nested or disjoint.

    Parameters
    ----------
    one, other
        The label of each element in a layer, NONE for elements in no set of it.
    """
    both = (one != NONE) & (other != NONE)
    if not both.any():
        return True
    width = int(other.max()) + 1
    met, count = np.unique(one[both] * width + other[both], return_counts=True)
    first, second = np.divmod(met, width)
    size_one = np.bincount(one[one != NONE])[first]
    size_other = np.bincount(other[other != NONE])[second]
    return bool(((count == size_one) | (count == size_other)).all())


def plant(layers: Sequence[Ints], num_labels: Sequence[int]) -> Forest:
    """Return the forest of a laminar family; equal sets become one node.

    Parameters
    ----------
    layers
        Labels of the same elements, any two layers laminar.
    num_labels
        How many labels each layer has; some may mark no element.
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
        here = np.flatnonzero(row != NONE)
        sets, outer = row[here], leaf[here]
        equal = (outer != NONE) & (size[outer] == size[sets])
        same[sets[equal]] = outer[equal]
        above[sets[~equal]] = outer[~equal]
        nested = sets[~equal & (outer != NONE)]
        depth[nested] = depth[above[nested]] + 1
        leaf[here] = same[sets]
    # Numbered by their first element: labels, which follow names, play no part.
    first = np.full(total, num_elements)
    for row in chain:
        here = np.flatnonzero(row != NONE)[::-1]
        first[row[here]] = here
    kept = np.flatnonzero((size[:-1] > 0) & (same == np.arange(total)))
    kept = kept[np.lexsort((depth[kept], first[kept]))]
    number = np.full(total + 1, NONE)
    number[kept] = np.arange(len(kept))
    node = np.where(size[:-1] > 0, number[same], NONE)
    return Forest(
        parent=number[above[kept]],
        depth=depth[kept],
        leaf=number[leaf],
        node=tuple(node[a:b] for a, b in pairwise(starts.tolist())),
    )
