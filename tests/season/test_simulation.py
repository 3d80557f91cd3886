"""The ledger over many rounds: rates draw together, also those of newcomers."""

from fractions import Fraction

import pytest

import sharematch as sm
from sharematch.season import Rule, simulate


def uneven_town() -> sm.Instance:
    """Return a town where whole places make each single round unfair."""
    names = ("tianfeng", "lianqiao", "junmiao", "qinqiao")
    return sm.Instance(
        communities=[sm.Community(id=name) for name in names],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id=f"evening-{i}", facility="hall", kinds=["hall"], capacity=1)
            for i in range(3)
        ],
        needs=[
            sm.Need(id=f"club-{name}", community=name, kind="hall", quantity=size)
            for name, size in zip(names, (1, 2, 2, 3), strict=True)
        ],
    )


def test_long_run_rates_draw_together():
    played = simulate(uneven_town(), rounds=50, seed=4)
    assert played.num_rounds == 50
    assert played.spread() < Fraction(1, 20)
    assert played.spread() < played.spread(ledger=False) / 4
    assert played.spread() < played.spread(after=10)


def test_a_newcomer_neither_floods_nor_starves():
    arrivals = {"qinqiao": 26}
    for rule in (Rule(), Rule(newcomers="average"), Rule(decay="0.9")):
        town = uneven_town()
        played = simulate(town, rounds=50, seed=4, rule=rule, arrivals=arrivals)
        rates = {name: series[-1] for name, series in played.with_ledger.items()}
        others = [rate for name, rate in rates.items() if name != "qinqiao"]
        newcomer = rates["qinqiao"]
        assert min(others) - Fraction(1, 5) < newcomer < max(others) + Fraction(1, 5)


def test_the_same_seed_plays_the_same():
    first, second = (simulate(uneven_town(), rounds=5, seed=9) for _ in range(2))
    assert first == second
    assert first.to_dict() == second.to_dict()
    assert first != simulate(uneven_town(), rounds=5, seed=10)


def test_what_it_says():
    played = simulate(uneven_town(), rounds=3)
    assert "after 3 rounds" in str(played)
    assert next(row["id"] for row in played.table) == "junmiao"


@pytest.mark.parametrize(
    ("options", "message"),
    [({"rounds": 0}, "rounds 0"), ({"arrivals": {"nowhere": 2}}, "nowhere")],
)
def test_bad_options(options: dict[str, object], message: str):
    with pytest.raises(sm.SharematchError, match=message):
        simulate(uneven_town(), **options)  # type: ignore[arg-type]
