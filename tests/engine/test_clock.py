"""Sessions in steps of whole days keep their clock time, also where clocks change."""

import random
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from tests import oracles

BEFORE, AFTER = "+02:00", "+01:00"


def town(starts: list[str], **need: Any) -> sm.Instance:
    """Return one hall with a slot of an hour at each start, and one choir."""
    slots: list[Any] = [
        {
            "id": f"s{i:02}",
            "facility": "hall",
            "kinds": ["choir"],
            "capacity": 1,
            "start": start,
            "end": start.replace(":00:00", ":59:00"),
        }
        for i, start in enumerate(starts)
    ]
    needs: list[Any] = [{"id": "n", "community": "junmiao", "kind": "choir", **need}]
    return sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=slots,
        needs=needs,
    )


def saturdays(*times: str) -> list[str]:
    """Return times on Saturdays; the clocks go back before the third."""
    days = ("2026-10-17", "2026-10-24", "2026-10-31", "2026-11-07")
    zones = (BEFORE, BEFORE, AFTER, AFTER)
    return [
        f"{day}T{time}:00{zone}"
        for day, time, zone in zip(days, times, zones, strict=False)
    ]


@pytest.mark.parametrize(
    ("times", "every", "served"),
    [
        (("18:00", "18:00", "18:00", "18:00"), 10080, 4),
        (("18:00", "18:00", "17:00", "17:00"), 10080, 0),
        (("18:00", "18:00", "17:00"), 10081, 0),
    ],
)
def test_a_week_later_is_the_same_clock_time(
    times: tuple[str, ...], every: int, served: int
):
    instance = town(saturdays(*times), sessions=len(times), every=every)
    result = sm.solve(instance)
    assert (result.status, result.value("served")) == ("optimal", served)
    plan = [(slot.id, "n", 1) for slot in instance.slots]
    codes = {v.code for v in sm.verify(instance, plan)}
    assert codes == (set() if served else {"every"})


def test_less_than_a_day_is_elapsed_time():
    night = [f"2026-10-25T{t}:00{z}" for t, z in (("02:00", BEFORE), ("02:00", AFTER))]
    instance = town(night, sessions=2, every=60)
    assert sm.solve(instance).value("served") == 2


def test_random_courses_equal_brute_force():
    served = 0
    for seed in range(60):
        rng = random.Random(seed)
        starts = [
            f"2026-10-{day:02}T{rng.choice(('17', '18'))}:00:00"
            f"{rng.choice((BEFORE, AFTER))}"
            for day in sorted(rng.sample(range(22, 30), rng.randint(3, 5)))
        ]
        every = rng.choice((1440, 2880, 1440, 1500, 1380))
        instance = town(starts, sessions=rng.choice((2, 3)), every=every)
        best = oracles.best(instance, sm.Policy.fair())
        assert best is not None
        result = sm.solve(instance)
        assert [goal.value for goal in result.goals] == best[0], seed
        served += bool(result.allocation)
    assert 10 < served < 60


def test_clock_times_are_in_the_hash_where_they_matter():
    weekly = saturdays("18:00", "18:00", "18:00")
    other = [*weekly[:2], "2026-10-31T19:00:00+02:00"]  # the same moment
    hashes = {
        (name, every): encode(town(starts, sessions=3, every=every)).digest
        for name, starts in (("one", weekly), ("other", other))
        for every in (10080, 10079)
    }
    assert hashes["one", 10080] != hashes["other", 10080]
    assert hashes["one", 10079] == hashes["other", 10079]
