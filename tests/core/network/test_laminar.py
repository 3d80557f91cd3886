"""Laminar families and their forests, against sets."""

import random

import numpy as np

from sharematch.core.network.laminar import are_laminar, plant


def sets_of(labels: np.ndarray) -> list[frozenset[int]]:
    return [
        frozenset(np.flatnonzero(labels == label).tolist())
        for label in range(int(labels.max(initial=-1)) + 1)
    ]


def nested_or_disjoint(one: frozenset[int], other: frozenset[int]) -> bool:
    return not (one & other) or one <= other or other <= one


def random_layers(rng: random.Random) -> list[np.ndarray]:
    size = rng.randint(1, 8)
    return [
        np.array([rng.randint(-1, rng.randint(0, 3)) for _ in range(size)])
        for _ in range(rng.randint(2, 4))
    ]


def test_are_laminar_equals_comparing_sets():
    for seed in range(2000):
        one, other, *_ = random_layers(random.Random(seed))
        expected = all(
            nested_or_disjoint(a, b) for a in sets_of(one) for b in sets_of(other)
        )
        assert are_laminar(one, other) == expected, seed


def test_plant_keeps_every_set_and_its_place():
    planted = 0
    for seed in range(4000):
        layers = random_layers(random.Random(seed))
        if not all(are_laminar(a, b) for a in layers for b in layers):
            continue
        planted += 1
        counts = [int(layer.max(initial=-1)) + 1 for layer in layers]
        forest = plant(layers, counts)
        members: dict[int, set[int]] = {}
        for element, leaf in enumerate(forest.leaf.tolist()):
            while leaf != -1:
                members.setdefault(leaf, set()).add(element)
                leaf = int(forest.parent[leaf])  # noqa: PLW2901 (climbing up)
        families = [sets_of(layer) for layer in layers]
        assert {frozenset(m) for m in members.values()} == {
            s for family in families for s in family if s
        }
        assert len(members) == len(forest.parent)
        for family, nodes in zip(families, forest.node, strict=True):
            for elements, node in zip(family, nodes.tolist(), strict=True):
                assert members.get(node, set()) == elements
        for node, parent in enumerate(forest.parent.tolist()):
            assert forest.depth[node] == (
                0 if parent == -1 else forest.depth[parent] + 1
            )
    assert planted > 500


def test_labels_play_no_part_in_the_numbers_of_nodes():
    renamed = 0
    for seed in range(2000):
        rng = random.Random(seed)
        layers = random_layers(rng)
        if not all(are_laminar(a, b) for a in layers for b in layers):
            continue
        counts = [int(layer.max(initial=-1)) + 1 for layer in layers]
        names = [np.array(rng.sample(range(n), n), np.int64) for n in counts]
        others = [
            np.array([name[x] if x >= 0 else -1 for x in layer.tolist()])
            for layer, name in zip(layers, names, strict=True)
        ]
        forest, other = plant(layers, counts), plant(others, counts)
        assert forest.parent.tolist() == other.parent.tolist(), seed
        assert forest.depth.tolist() == other.depth.tolist(), seed
        assert forest.leaf.tolist() == other.leaf.tolist(), seed
        for name, node, moved in zip(names, forest.node, other.node, strict=True):
            assert node.tolist() == moved[name].tolist(), seed
        renamed += 1
    assert renamed > 250
