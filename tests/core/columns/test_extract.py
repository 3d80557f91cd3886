"""What is cut out of an instance has the pairs that it had in the whole."""

from dataclasses import fields

import numpy as np
import pytest

import sharematch as sm
from sharematch.batch import find_parts
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.extract import extract
from sharematch.core.columns.sets import Labels
from sharematch.core.eligibility import arcs as arcs_module
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case


@pytest.mark.parametrize("case", [tiny_case, tiny_coupled_case])
def test_pairs_of_a_part_are_those_of_the_whole(case):
    seen = 0
    for seed in range(60):
        instance, policy, *_ = case(seed)
        columns = encode(sm.Instance(**instance))
        parts = find_parts(columns, sm.Policy(**policy), size=1)
        every = arcs_module.build(columns)
        for part in range(len(parts)):
            needs = np.flatnonzero(parts.part[parts.found.need] == part)
            slots = np.flatnonzero(parts.part[parts.found.slot] == part)
            inside = np.isin(every.need, needs) & np.isin(every.slot, slots)
            expected = every.keep(inside)
            found = arcs_module.build(extract(columns, needs, slots))
            assert needs[found.need].tolist() == expected.need.tolist(), seed
            assert slots[found.slot].tolist() == expected.slot.tolist(), seed
            for name in ("travel", "tier", "rank", "cost", "units"):
                own, other = getattr(found, name), getattr(expected, name)
                assert own.tolist() == other.tolist(), (seed, name)
            seen += len(parts) > 1
    assert seen > 20


@pytest.mark.parametrize("seed", range(20))
def test_all_of_an_instance_is_the_instance(seed):
    fields_, *_ = tiny_coupled_case(seed)
    columns = encode(sm.Instance(**fields_))
    needs, slots = (np.arange(len(ids)) for ids in (columns.need_ids, columns.slot_ids))
    part = extract(columns, needs, slots)
    # Records that no need or slot refers to stay behind.
    for field in fields(Columns):
        if field.name.partition("_")[0] in ("need", "slot", "area", "window", "pair"):
            one, other = getattr(part, field.name), getattr(columns, field.name)
            if isinstance(one, Labels):
                one, other = one.indices, other.indices
            if field.name not in ("slot_facility", "need_community", "need_person"):
                assert np.array_equal(one, other, equal_nan="xy" in field.name)


def test_what_is_unknown_in_the_whole_is_unknown_in_a_part():
    # Of nothing known all is at distance 0; here the station is known, the rest is not.
    columns = encode(
        sm.Instance(
            communities=[
                sm.Community(id="tianfeng", location=(121.6, 29.9)),
                sm.Community(id="junmiao"),
                sm.Community(id="qinqiao"),
            ],
            facilities=[sm.Facility(id="hall", community="qinqiao")],
            slots=[sm.Slot(id="mon", facility="hall", kinds=["course"], capacity=1)],
            needs=[sm.Need(id="go", community="junmiao", kind="course", quantity=1)],
        )
    )
    only = np.zeros(1, np.int64)
    part = extract(columns, only, only)
    for one in (columns, part):
        assert arcs_module.pairs(one, only, only).travel.tolist() == [
            arcs_module.UNKNOWN
        ]
