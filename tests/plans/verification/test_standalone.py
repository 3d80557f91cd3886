"""What communities could be served alone: verifier, solver and brute force agree."""

from collections.abc import Callable

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility.arcs import build
from sharematch.core.measures.measures import Measures
from sharematch.plans.verification.standalone import alone
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.standalone import served_alone
from tests import oracles
from tests.offices.cases import office, plain_office, season_office
from tests.tiny import Fields, namespace


def of_one_community(fields: Fields) -> Fields:
    """Return a town in which all places are the own ones of whoever asks."""
    home = fields["communities"][0]["id"]
    moved = {
        name: [{**row, "community": home} for row in fields[name]]
        for name in ("facilities", "needs")
    }
    return {**fields, **moved}


def check_alone(fields: Fields) -> int:
    """Compare all communities of a town; return the units of all of them."""
    columns = encode(sm.Instance(**fields))
    arcs = build(columns)
    units = {
        row["id"]: oracles.alone(namespace(fields), (), row["id"])
        for row in fields["communities"]
    }
    assert alone(columns, arcs) == units
    assert served_alone(Measures(columns, arcs), Monitor.of()) == units
    return sum(units.values())


@pytest.mark.parametrize("draw", [office, plain_office, season_office])
def test_alone_equals_brute_force(draw: Callable[[int], Fields]):
    total = 0
    for seed in range(24):
        fields = draw(seed)["instance"]
        total += check_alone(fields) + check_alone(of_one_community(fields))
    assert total >= 60


def test_sessions_in_step_alone_are_none_without_times():
    """Slots without a time keep no rhythm, however few dates have to be held."""
    town = {
        "communities": [{"id": "lianqiao"}],
        "facilities": [{"id": "hall", "community": "lianqiao"}],
        "slots": [
            {"id": slot, "facility": "hall", "kinds": ["sport"], "capacity": 2}
            for slot in ("one", "two")
        ],
        "needs": [
            {
                "id": "course",
                "community": "lianqiao",
                "kind": "sport",
                "quantity": 2,
                "sessions": 2,
                "every": 60,
                "min_sessions": 1,
            }
        ],
    }
    assert check_alone(town) == 0
