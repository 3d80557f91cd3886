"""Arcs block by block are those of needs one by one."""

import random
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.alike import alike
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs, ways_in
from sharematch.core.eligibility.blocks import blocks
from tests.core.eligibility.test_arcs import (
    Town,
    columns_of,
    compare_build_with_reasons,
    compare_with_oracle,
)


def repeated(seed: int, needs: int, slots: int) -> dict[str, Any]:
    """Return a random town in which about half of all needs repeat another."""
    fields = Town(seed).fields(needs, slots)
    rng = random.Random(seed)
    for number, need in enumerate(rng.choices(fields["needs"], k=needs)):
        other = {"id": f"m{number}", "quantity": rng.randint(1, 3)}
        fields["needs"].append(need | other)
    return fields


@pytest.fixture(params=[20, ways_in.CHUNK])
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build arcs block by block, however few repeat."""
    monkeypatch.setattr(arcs, "MANY", 0)
    monkeypatch.setattr(arcs, "REPEATING", 1)
    monkeypatch.setattr(ways_in, "CHUNK", request.param)


@pytest.mark.usefixtures("forced")
@pytest.mark.parametrize("seed", range(40))
def test_blocks_have_the_arcs_of_brute_force(seed: int):
    compare_with_oracle(repeated(seed, 9, 12))


@pytest.mark.usefixtures("forced")
@pytest.mark.parametrize("seed", range(6))
def test_blocks_keep_limits_of_each_need(seed: int):
    columns = columns_of(repeated(seed, 120, 100))
    rng = np.random.default_rng(seed)
    far, tier = rng.choice([-1, 60, 3000], 240), rng.choice([-1, 0, 2], 240)
    compare_build_with_reasons(columns, max_travel=far)
    compare_build_with_reasons(columns, max_travel=far, max_tier=tier)


def test_needs_of_a_block_share_all_that_decides():
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=1)],
        needs=[
            sm.Need(id="a", community="tianfeng", kind="sport"),
            sm.Need(id="b", community="tianfeng", kind="sport", quantity=9, weight=2),
            sm.Need(id="c", community="lianqiao", kind="sport"),
            sm.Need(id="d", community="tianfeng", kind="sport", groups=["elderly"]),
            sm.Need(id="e", community="tianfeng", kind="sport", choices=["mon"]),
            sm.Need(id="f", community="tianfeng", kind="sport", choices=["mon"]),
            sm.Need(id="g", community="tianfeng", kind="sport", max_travel=1),
            sm.Need(id="h", community="tianfeng", kind="sport", windows=["tue"]),
            sm.Need(id="i", community="tianfeng", kind="sport", windows=["tue"]),
        ],
    )
    columns = encode(town)
    assert blocks(columns).kind.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 6]
    apart = np.arange(9) // 2
    assert blocks(columns, apart).kind.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7]


def test_alike_is_what_is_equal_in_columns_and_tables():
    for seed in range(300):
        rng = random.Random(seed)
        count = rng.randint(0, 12)
        columns = [[rng.randint(-1, 1) for _ in range(count)] for _ in range(2)]
        entries = [
            [rng.randint(0, 2) for _ in range(rng.randint(0, 2))] for _ in range(count)
        ]
        owner = [i for i, row in enumerate(entries) for _ in row]
        table = (
            np.array(owner, np.int64),
            np.array([x for row in entries for x in row], np.int64),
        )
        kinds = alike(count, [np.array(c, np.int64) for c in columns], [table])
        rows = zip(*columns, map(tuple, entries), strict=True)
        wanted = [(*values, *row) for *values, row in rows]
        seen = {value: wanted.index(value) for value in wanted}
        assert kinds.first.tolist() == sorted(seen.values())
        assert [int(kinds.first[k]) for k in kinds.kind] == [seen[v] for v in wanted]
