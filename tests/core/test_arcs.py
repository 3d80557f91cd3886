"""Arcs against brute force, and what their values are."""

from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core import arcs, travel
from sharematch.core.columns import Columns, encode
from tests.oracles import Case
from tests.tiny import namespace, tiny_case


def every_pair(columns: Columns) -> tuple[Any, Any]:
    needs, slots = len(columns.need_ids), len(columns.slot_ids)
    return np.repeat(np.arange(needs), slots), np.tile(np.arange(slots), needs)


def compare_with_oracle(fields: dict[str, Any]) -> None:
    columns = encode(sm.Instance.model_validate(fields))
    case = Case(namespace(fields))
    need, slot = every_pair(columns)
    found = arcs.reasons(columns, need, slot)
    far = travel.pair_travel(columns, need, slot)
    for n, s, code, distance in zip(need, slot, found, far, strict=True):
        pair = columns.need_ids[n], columns.slot_ids[s]
        wanted = case.codes[pair]
        assert (arcs.CODES[code] if code >= 0 else None) == wanted, pair
        known = case.travel(case.needs[pair[0]], case.slots[pair[1]])
        assert distance == (travel.UNKNOWN if known is None else known), pair
    built = arcs.build(columns)
    good = found == -1
    assert built.need.tolist() == need[good].tolist()
    assert built.slot.tolist() == slot[good].tolist()


@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_reasons_and_travel_are_those_of_brute_force(start: int):
    for seed in range(start, start + 250):
        compare_with_oracle(tiny_case(seed)[0])
