"""What ends a search and what it tells, on a clock that the tests turn on."""

from fractions import Fraction
from threading import Event

import pytest

from sharematch.progress import Progress, Stop
from sharematch.solvers import monitor as module
from sharematch.solvers.monitor import UNWATCHED, Monitor


class Hands:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands()
    monkeypatch.setattr(module, "time", hands)
    return hands


def test_each_phase_ends_with_its_share(clock: Hands):
    whole = Monitor.of(limit=10, effort=8)
    half = whole.share(0.5)
    fifth = half.share(0.4)
    assert [m.remaining() for m in (whole, half, fifth)] == [10, 5, 2]
    assert [m.effort for m in (whole, half, fifth)] == [8, 4, 1.6]
    clock.now += 2
    assert [m.is_over() for m in (whole, half, fifth)] == [False, False, True]
    assert half.share(1).remaining() == 3
    clock.now += 90
    assert whole.share(0.5).remaining() == 0
    with pytest.raises(Stop):
        whole.share(0.5).check()


def test_work_is_a_clock_that_stands_still_until_somebody_works():
    whole = Monitor.of(effort=8)
    half = whole.share(0.5)
    half.spend(3)
    assert [m.effort for m in (whole, half)] == [5, 1]
    assert half.within(2).effort == 2
    whole.spend(1)
    assert [m.is_over() for m in (whole, half)] == [False, True]
    with pytest.raises(Stop):
        half.share(0.5).check()
    assert not any(
        m.is_over() for m in (half.after(), half.to_the_end(), half.within(None))
    )
    assert Monitor.of().is_limited is half.within(None).is_limited is False


def test_what_follows_the_search_has_time_of_its_own(clock: Hands):
    monitor = Monitor.of(limit=10, effort=8)
    clock.now += 4
    assert monitor.after().remaining() == pytest.approx(6 + 0.8)
    clock.now += 20
    after = monitor.share(0.1).after()
    assert after.remaining() == pytest.approx(0.8)
    assert after.effort == pytest.approx(0.2 * 8)
    assert Monitor.of(effort=0.1).after().effort == 1
    assert Monitor.of().after().effort == 60
    assert Monitor.of().after().remaining() is None


def test_a_last_look_is_as_long_however_often_it_is_taken(clock: Hands):
    def stop(_: Progress) -> None:
        raise Stop

    monitor = Monitor.of(on_progress=stop)
    monitor.enter("lower")
    clock.now += 0.25
    assert monitor.last_look().remaining() == pytest.approx(1.25)
    assert monitor.last_look().last_look(0.5).remaining() == pytest.approx(0.25)
    limited = Monitor.of(10)
    clock.now += 4
    assert limited.last_look().remaining() == pytest.approx(6)
    assert limited.sparing(2).remaining() == pytest.approx(4)
    assert limited.sparing(20).remaining() == pytest.approx(2.4)
    assert limited.share(0.1).at_least(1).remaining() == pytest.approx(1)
    assert limited.share(0.5).at_least(1).remaining() == pytest.approx(3)
    assert Monitor.of().sparing(1).at_least(1).remaining() is None


def test_a_wish_to_stop_ends_all_but_what_is_finished_in_any_case():
    def stop(_: Progress) -> None:
        raise Stop

    monitor = Monitor.of(on_progress=stop, goals=["as many as possible"])
    others = monitor.share(0.5), monitor.aside(), monitor.until(Event())
    monitor.enter("lower")
    assert all(one.is_over() for one in (monitor, *others, monitor.after()))
    assert not monitor.to_the_end().is_over()
    with pytest.raises(Stop):
        monitor.goal(0)
    monitor.to_the_end().goal(0)
    assert monitor.run.event.goal == 1


def test_an_event_ends_what_waits_for_it():
    class OtherError(Exception):
        pass

    event = Event()
    patient, beside = Monitor().until(event, OtherError), Monitor().until(event)
    assert not patient.share(0.5).is_over()
    event.set()
    assert beside.share(0.5).is_over()
    with pytest.raises(OtherError):
        patient.share(0.5).check()


def test_a_long_goal_is_told_of_again_with_what_is_known(clock: Hands):
    told: list[Progress] = []
    monitor = Monitor.of(10, told.append, goals=["first", "second"])
    monitor.goal(0)
    monitor.goal(0)
    monitor.report(Fraction(3), Fraction(5))
    monitor.share(0.5).check()
    assert len(told) == 1
    clock.now += 1
    monitor.share(0.5).check()
    assert [(e.text, e.value, e.share) for e in told] == [
        ("first", None, 0),
        ("first", 3, 0.1),
    ]
    monitor.close(Fraction(2, 5))
    monitor.goal(1, gap=Fraction(0))
    monitor.goal(2)  # a turn: nothing to tell
    assert (told[-1].text, told[-1].gap) == ("second", Fraction(2, 5))
    assert len(told) == 3


def test_what_stands_aside_tells_nothing():
    told: list[Progress] = []
    monitor = Monitor.of(None, told.append, goals=["first"])
    for one in (monitor.aside(), monitor.until(Event()), monitor.after()):
        one.goal(0)
        one.report(Fraction(1), Fraction(2))
        one.close(Fraction(1))
    monitor.to_the_end().close(Fraction(1))
    assert (told, monitor.run.gap, monitor.run.event.value) == ([], None, None)


def test_phases_are_timed(clock: Hands):
    monitor = Monitor.of()
    for phase, seconds in (("arcs", 1), ("lower", 2), ("arcs", 4), ("done", 8)):
        monitor.enter(phase)
        clock.now += seconds
    assert monitor.run.timings == {"arcs": 5, "lower": 2}


def test_unwatched_nothing_ends_and_nobody_is_told(clock: Hands):
    clock.now += 1e9
    UNWATCHED.goal(0)
    UNWATCHED.share(0.5).check()
    assert (UNWATCHED.remaining(), UNWATCHED.effort) == (None, None)
    assert UNWATCHED.run.event.phase == ""
