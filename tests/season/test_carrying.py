"""A plan carried to another season: same place, weekday and clock time, or listed."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.cli import main
from sharematch.season import carry
from tests.halls import PLAN, halls

YEAR = timedelta(weeks=52)


def next_year(**fields: Any) -> sm.Instance:
    """Return the halls with other ids of slots, a year later."""
    slots = []
    for slot in halls().slots:
        assert slot.start
        assert slot.end
        new = {"id": f"new {slot.id}", "start": slot.start + YEAR}
        slots.append(slot.model_copy(update={**new, "end": slot.end + YEAR}))
    return halls(**{"slots": slots, **fields})


def codes(carried: sm.season.Carried) -> dict[tuple[str, str], str]:
    return {(m.assignment.need, m.assignment.slot): m.code for m in carried.missing}


def test_all_is_carried_where_the_season_is_the_same():
    carried = carry(PLAN, instance=next_year(), earlier=halls())
    assert not carried.missing
    expected = [
        (f"new {a.slot}", a.need, a.quantity, a.start and a.start + YEAR) for a in PLAN
    ]
    found = [(a.slot, a.need, a.quantity, a.start) for a in carried.plan]
    assert sorted(map(str, found)) == sorted(map(str, expected))
    town = next_year()
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("moved")])
    result = sm.solve(town, policy, baseline=carried.plan)
    assert result.value("moved") == 0


def test_what_finds_no_place_is_listed_with_its_reason():
    girls, men, _ = halls().needs
    tue, _, gym, later = next_year().slots
    closed = {"start": "2028-09-05T18:00", "end": "2028-09-05T21:00"}
    _, court = next_year().facilities
    shut = sm.Facility(id="hall", community="tianfeng", closed=[closed])
    assert gym.end
    short = gym.model_copy(update={"end": gym.end - timedelta(minutes=30)})
    town = next_year(
        facilities=[shut, court],
        needs=[girls, men.model_copy(update={"quantity": 2})],
        slots=[tue, short, later],
    )
    assert codes(carry(PLAN, instance=town, earlier=halls())) == {
        ("dance", "gym-next"): "need",
        ("dance", "gym-tue"): "need",
        ("girls", "hall-thu"): "slot",
        ("men", "hall-thu"): "slot",
        ("girls", "hall-tue"): "length",
        ("men", "hall-tue"): "closed",
    }
    town = next_year(slots=[short, later])
    found = codes(carry(PLAN, instance=town, earlier=halls()))
    assert found["dance", "gym-tue"] == "slot"
    assert ("dance", "gym-next") not in found


def test_a_start_off_the_raster_finds_no_place():
    tue, *others = next_year().slots
    hourly = tue.model_copy(update={"step": 60})
    found = codes(
        carry(PLAN, instance=next_year(slots=[hourly, *others]), earlier=halls())
    )
    assert found == {("girls", "hall-tue"): "time", ("men", "hall-tue"): "length"}


def test_within_one_season_a_week_on():
    carried = carry(PLAN, 1, earlier=halls())
    assert [(a.slot, a.need) for a in carried.plan] == [("gym-next", "dance")]
    assert len(carried.missing) == 5
    with pytest.raises(sm.SharematchError, match="without its instance"):
        carry(PLAN)


@pytest.mark.parametrize("offset", ["+02:00", "+01:00"])
def test_the_clock_on_the_wall_counts(offset: str):
    def hall(day: str, zone: str) -> sm.Instance:
        times: dict[str, Any] = {
            "start": f"{day}T17:00{zone}",
            "end": f"{day}T20:00{zone}",
        }
        slot = sm.Slot(
            id=day, facility="hall", kinds=["x"], capacity=1, step=30, **times
        )
        need = sm.Need(id="n", community="tianfeng", kind="x", minutes=60)
        return sm.Instance(
            communities=[sm.Community(id="tianfeng")],
            facilities=[sm.Facility(id="hall", community="tianfeng")],
            slots=[slot],
            needs=[need],
        )

    old, now = hall("2026-09-01", "+02:00"), hall("2026-11-10", offset)
    last = sm.Allocation([("2026-09-01", "n", 1, "2026-09-01T18:00+02:00")])
    (one,) = carry(last, 10, instance=now, earlier=old).plan
    assert one.start == datetime.fromisoformat(f"2026-11-10T18:00{offset}")


def test_a_round_is_carried_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    io.write_instance(halls(), "old.json")
    _, *others = next_year().slots
    io.write_instance(next_year(slots=others), "new.json")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        printed = capsys.readouterr()
        assert not end.value.code, printed.err
        return printed.out

    run("season", "init", "s.db")
    run("season", "open", "s.db", "autumn", "old.json")
    run("season", "solve", "s.db", "autumn")
    table = ("--assignments", "last.csv")
    told = run("season", "carry", "s.db", "autumn", "new.json", *table)
    assert "nothing is open there at that time" in told
    told = run("season", "carry", "s.db", "autumn", "new.json", "--lang", "zh")
    assert "那里那时不开放" in told
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("moved")])
    io.write_policy(policy, "policy.toml")
    told = run("solve", "new.json", "--policy", "policy.toml", "--baseline", "last.csv")
    assert "minimize moved" in told
