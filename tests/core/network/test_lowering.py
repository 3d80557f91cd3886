"""What leaves the network class is named, and sums stop at 64 bits exactly."""

from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.measures import Baseline, Measures
from sharematch.core.network.lowering import lower
from sharematch.errors import InputError, UnsupportedError


def town(need: Any = None, slot: Any = None, **facility: Any) -> Measures:
    """Return two needs of one place and its hall with two slots."""
    time = {"start": "2026-01-05T10:00", "end": "2026-01-05T11:00"}
    fields: dict[str, Any] = {
        "communities": [{"id": "tianfeng"}],
        "facilities": [{"id": "hall", "community": "tianfeng", **facility}],
        "slots": [
            {"id": id_, "facility": "hall", "kinds": ["any"], "capacity": 5}
            | time
            | (slot or {})
            for id_ in ("mon", "tue")
        ],
        "needs": [
            {"id": id_, "community": "tianfeng", "kind": "any", "quantity": 2}
            | (need or {})
            for id_ in ("choir", "dance")
        ],
    }
    columns = encode(sm.Instance(**fields))
    return Measures(columns, arcs.build(columns))


@pytest.mark.parametrize(
    ("need", "slot", "message"),
    [
        ({"whole": True}, {}, 'need "choir": whole'),
        ({"min_quantity": 2}, {}, 'need "choir": min_quantity'),
        ({"sessions": 2, "quantity": 1}, {}, 'need "choir": sessions'),
        ({"person": "p"}, {}, 'need "choir": person'),
        ({"together": "t"}, {}, 'need "choir": together'),
        ({}, {"min_units": 2}, 'slot "mon": min_units'),
        ({}, {"either": "e"}, 'slot "mon": either'),
    ],
)
def test_the_record_that_couples_is_named(need: Any, slot: Any, message: str):
    with pytest.raises(UnsupportedError) as caught:
        lower(town(need, slot), [], [])
    assert str(caught.value) == f"{message} couples needs or slots"


GIFT = sm.Maximize("served")


@pytest.mark.parametrize(
    ("rules", "goals", "slot", "message"),
    [
        (
            [GIFT, sm.Within("fill_rate", 1, by="need")],
            [],
            {},
            "rule 2 (within fill_rate): Within couples groups",
        ),
        (
            [sm.AtMost("opened_slots", 1)],
            [],
            {},
            "rule 1 (at_most opened_slots): a bound on opened_slots couples slots",
        ),
        (
            [sm.AtMost("cost", 1)],
            [],
            {"opening_cost": 1},
            "rule 1 (at_most cost): opening_cost couples the units of a slot",
        ),
        (
            [],
            [GIFT, sm.Minimize("opened_slots")],
            {},
            "goal 2 (minimize opened_slots): opened_slots couples the units of a slot",
        ),
        (
            [],
            [GIFT, sm.Minimize("subsidy")],
            {"opening_cost": 1},
            "goal 2 (minimize subsidy): opening_cost couples the units of a slot",
        ),
        (
            [],
            [sm.Maximize("served", slack=1)],
            {},
            "goal 1 (maximize served): slack couples goals",
        ),
        (
            [],
            [GIFT, sm.Leximax("travel", by="need")],
            {},
            "goal 2 (leximax travel): travel by group couples",
        ),
    ],
)
def test_the_term_that_couples_is_named(
    rules: Any, goals: Any, slot: Any, message: str
):
    rules = [sm.AtMost("served", 9) if rule is GIFT else rule for rule in rules]
    with pytest.raises(UnsupportedError) as caught:
        lower(town(slot=slot), rules, goals)
    assert str(caught.value) == message


def test_sums_of_a_goal_stop_at_64_bits():
    goals = [GIFT, sm.Minimize("fees")]
    dear = {"fee": 10**12}  # 10^14 cents; 46,116 times that are below 2^62
    fits = lower(town({"quantity": 23_057}, dear), [], goals)
    assert fits.goals[1].cost.tolist() == [10**14] * 4  # type: ignore[union-attr]
    with pytest.raises(InputError) as caught:
        lower(town({"quantity": 23_058}, dear), [], goals)
    assert str(caught.value) == (
        "goal 2 (minimize fees): fees may grow beyond 64-bit integers "
        "(100000000000000 per unit × 46117 units)\n"
        "Maybe use larger units for quantities or money"
    )


def test_of_what_is_pinned_the_part_that_was_there_is_kept():
    measures = town()
    gone = measures.arcs.keep(np.zeros(4, bool))
    empty = np.zeros(0, np.int64)
    measures.baseline = Baseline(np.array([3, 1, 0, 2]), 0, gone, empty)
    pins = np.array([1, 2, 0, 0])
    program = lower(measures, [], [sm.Minimize("moved")], pins=pins)
    network, (own, kept) = program.network, np.split(program.arc_of_edge, [4])
    place = np.argsort(own)
    assert network.lower[place].tolist() == [0, 1, 0, 0]
    bounds = zip(network.lower[4:7].tolist(), network.upper[4:7].tolist(), strict=True)
    # Of three units that were there, no more than the two asked for.
    assert dict(zip(kept.tolist(), bounds, strict=True)) == {
        0: (1, 2),
        1: (1, 1),
        3: (0, 2),
    }
