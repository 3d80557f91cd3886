"""What of earlier rounds counts, against sums written down by hand."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.season import Count, Rule, Used, counts_of, past_of
from sharematch.season.ledger import used_of

FIRST = [
    Count("spring", "community", "lianqiao", demand=10, served=2, unused=1),
    Count("spring", "community", "tianfeng", demand=20, served=15),
    Count("spring", "person", "p1", demand=2, served=1),
]
SECOND = [Count("summer", "community", "lianqiao", demand=7, served=5)]


def rows(past: tuple[sm.Past, ...]) -> list[tuple[str, int, int]]:
    return [(p.community or p.person or "", p.served, p.demand) for p in past]


def town(*communities: str) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id=name) for name in communities],
        needs=[
            sm.Need(
                id=f"need-{name}", community=name, kind="health", person=f"p-{name}"
            )
            for name in communities
        ],
    )


def test_everything_counts_in_full_by_default():
    expected = [("lianqiao", 7, 17), ("tianfeng", 15, 20), ("p1", 1, 2)]
    assert rows(past_of([FIRST, SECOND])) == expected


def test_window_leaves_out_what_is_older():
    assert rows(past_of([FIRST, SECOND], Rule(window=1))) == [("lianqiao", 5, 7)]


def test_decay_is_exact_and_rounds_down():
    # 5 + 2 × 0.9 = 6.8 and 7 + 10 × 0.9 = 16; 15 × 0.9 = 13.5 and 20 × 0.9 = 18.
    expected = [("lianqiao", 6, 16), ("tianfeng", 13, 18), ("p1", 0, 1)]
    assert rows(past_of([FIRST, SECOND], Rule(decay=0.9))) == expected


def test_cap_keeps_the_ratio():
    found = rows(past_of([FIRST, SECOND], Rule(cap=8)))
    assert found == [("lianqiao", 3, 8), ("tianfeng", 6, 8), ("p1", 1, 2)]


def test_places_not_used_can_be_returned():
    found = rows(past_of([FIRST, SECOND], Rule(unused="returned")))
    assert found[0] == ("lianqiao", 6, 16)


def test_only_those_who_take_part_get_a_past():
    assert rows(past_of([FIRST], None, town("lianqiao"))) == [("lianqiao", 2, 10)]


def test_newcomers_can_start_with_the_average():
    rule = Rule(newcomers="average")
    found = rows(past_of([FIRST], rule, town("lianqiao", "junmiao")))
    assert found == [
        ("junmiao", 8, 15),
        ("lianqiao", 2, 10),
        ("p-junmiao", 1, 2),
        ("p-lianqiao", 1, 2),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6),
    st.fractions("1/10", 1, max_denominator=20),
    st.none() | st.integers(1, 40),
)
def test_served_never_exceeds_demand(
    sums: list[tuple[int, int]], decay: Fraction, cap: int | None
):
    rounds = [
        [Count(str(i), "community", "a", demand=max(pair), served=min(pair))]
        for i, pair in enumerate(sums)
    ]
    found = past_of(rounds, Rule(decay=decay, cap=cap))
    whole = sum(max(pair) * decay ** (len(sums) - 1 - i) for i, pair in enumerate(sums))
    if not found:
        assert whole < 1
        return
    (past,) = found
    assert past.served <= past.demand
    assert past.demand == int(min(whole, whole if cap is None else cap))


def test_counts_of_a_round():
    instance = sm.Instance(
        communities=[sm.Community(id="a"), sm.Community(id="b")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[sm.Slot(id="s", facility="f", kinds=["k"], capacity=9)],
        needs=[
            sm.Need(id="n", community="a", kind="k", quantity=4, person="p"),
            sm.Need(id="m", community="a", kind="k", quantity=2),
            sm.Need(id="c", community="b", kind="k", quantity=1, sessions=3),
        ],
    )
    plan = sm.Allocation([("s", "n", 3), ("s", "m", 2)])
    used = [Used("n", "s", 3), Used("n", "s", 1)]
    assert counts_of("spring", instance, plan, used) == (
        Count("spring", "community", "a", demand=6, served=5, unused=2),
        Count("spring", "community", "b", demand=3, served=0),
        Count("spring", "person", "p", demand=4, served=3, unused=2),
    )


@pytest.mark.parametrize(
    ("used", "message"),
    [
        (Used("n", "t", 1), "n has no place in t"),
        (Used("n", "s", 4), "used 4: must be from 0 to 3"),
    ],
)
def test_use_of_what_was_not_given_is_refused(used: Used, message: str):
    plan = sm.Allocation([("s", "n", 3)])
    with pytest.raises(sm.SharematchError, match=message):
        counts_of("spring", town("a"), plan, [used])


def girls(*used: dict[str, object]) -> list[tuple[str, int, int, int]]:
    """Return what counts of two bookings in one evening, and one block beside."""
    opened: dict[str, Any] = {"start": "2027-09-07T17:00", "end": "2027-09-07T22:00"}
    instance = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[
            sm.Slot(id="s", facility="f", kinds=["k"], capacity=3, step=30, **opened),
            sm.Slot(id="block", facility="f", kinds=["k"], capacity=3, **opened),
        ],
        needs=[
            sm.Need(id="n", community="a", kind="k", quantity=2, minutes=60, times=4)
        ],
    )
    plan = sm.Allocation(
        [
            ("s", "n", 2, "2027-09-07T17:00"),
            ("s", "n", 2, "2027-09-07T20:00"),
            ("block", "n", 2),
        ]
    )
    counts = counts_of("spring", instance, plan, used_of(used))
    return [(c.id, c.demand, c.served, c.unused) for c in counts]


def test_bookings_in_one_opening_count_each_and_are_used_each():
    assert girls() == [("a", 8, 6, 0)]
    late = {"need": "n", "slot": "s", "used": 0, "start": "2027-09-07T20:00"}
    early = {**late, "used": 1, "start": "2027-09-07T17:00"}
    assert girls(late) == [("a", 8, 6, 2)]
    assert girls(late, early) == [("a", 8, 6, 3)]
    block = {"need": "n", "slot": "block", "used": 0}
    assert girls(block) == girls({**block, "start": "2027-09-07T17:00"})
    assert used_of([late])[0].to_dict() == late


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"slot": "s"}, "start: it has 2 bookings there: say which"),
        ({"slot": "s", "start": "2027-09-07T18:00"}, "n has no place in s"),
        ({"slot": "block", "start": "2027-09-07T18:00"}, "n has no place in block"),
        ({"slot": "s", "start": "tomorrow"}, "tomorrow"),
    ],
)
def test_use_of_a_booking_names_it(own: dict[str, str], message: str):
    with pytest.raises(sm.SharematchError, match=message):
        girls({"need": "n", "used": 0, **own})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("window", 0),
        ("cap", 0),
        ("decay", 0),
        ("decay", "1.1"),
        ("decay", "much"),
        ("newcomers", "all"),
        ("unused", "lost"),
    ],
)
def test_a_rule_out_of_range_is_refused(field: str, value: object):
    with pytest.raises(sm.SharematchError, match=f"{field} {value}"):
        Rule(**{field: value})  # type: ignore[arg-type]
