"""Every measure by every group under filters, against the oracle, on random plans."""

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.groups import group_members
from sharematch.core.measures.measures import Baseline, Measures
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import group_side
from tests import oracles
from tests.tiny import tiny_case

GOAL_MEASURES = [name for name, each in MEASURES.items() if not each.only_in_rules]
NEED = ("community", "area", "kind", "need", "person", "group")
SLOT = ("slot", "facility", "provider", "sector", "day", "week", "month", "weekday")
PAIRS = (("community", "kind"), ("facility", "day"), ("group", "need"), ("kind", "day"))
BY: tuple[Any, ...] = (None, *NEED, *SLOT, *PAIRS)


def fits(measure: str, by: Any) -> bool:
    side = MEASURES[measure].side
    groups = () if by is None else (by,) if isinstance(by, str) else by
    return side == "both" or all(group_side(g, measure) == side for g in groups)


def filters(
    rng: random.Random, instance: sm.Instance
) -> dict[str, tuple[str, ...]] | None:
    """Return a random filter, or none."""
    options: dict[str, list[str]] = {
        "community": [c.id for c in instance.communities],
        "kind": sorted({n.kind.split("/")[0] for n in instance.needs}),
        "group": ["elderly", "disabled"],
        "tags": ["old"],
        "slot": [s.id for s in instance.slots],
        "facility": [f.id for f in instance.facilities],
        "sector": ["public", "volunteer"],
        "weekday": ["mon", "thu", "sat"],
        "time": ["mon-fri 8:00-20:00", "fri-sun", "wed 22:00-14:00", "tue,thu"],
    }
    keys = [key for key in options if options[key] and rng.random() < 0.2]
    return {key: tuple(sorted(rng.sample(options[key], 1))) for key in keys} or None


def units_of(value: Any, measure: str) -> Fraction:
    """Return an oracle's value in the smallest unit."""
    return Fraction(value) * (100 if MEASURES[measure].unit == "money" else 1)


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_measures_equal_the_oracle(first: int):
    compared = 0
    for seed in range(first, first + 40):
        rng = random.Random(seed)
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        columns = encode(instance)
        everything = arcs.build(columns)
        kept = everything.keep(admitted(Measures(columns, everything), policy.rules))
        measures = Measures(columns, kept)
        units = np.array([rng.randint(0, 2) for _ in range(len(kept))], np.int64)
        units[columns.slot_capacity[kept.slot] == 0] = 0  # no share of nothing
        plan = {
            (columns.need_ids[n], columns.slot_ids[s]): u
            for n, s, u in zip(
                kept.need.tolist(), kept.slot.tolist(), units.tolist(), strict=True
            )
            if u
        }
        for measure in GOAL_MEASURES:
            by = rng.choice([by for by in BY if fits(measure, by)])
            where = filters(rng, instance)
            if measure == "moved":
                continue
            expected = oracles.measure(
                instance, plan, measure, by, where, rules=policy.rules
            )
            values = measures.values(measure, units, by, where)
            if by is None:
                assert values.fraction(0) == units_of(expected, measure), seed
                continue
            found = {
                key: values.fraction(i)
                for i, key in enumerate(values.keys)
                if values.judged[i]
            }
            expected = {k: units_of(v, measure) for k, v in expected.items()}
            shared = found.keys() & expected.keys()
            assert found.keys() <= expected.keys(), (seed, measure, by, where)
            assert {k: found[k] for k in shared} == {k: expected[k] for k in shared}, (
                seed,
                measure,
                by,
                where,
            )
            compared += len(shared)
    assert compared > 200


def test_sums_beyond_64_bits_are_exact():
    instance = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[sm.Slot(id="s", facility="f", kinds=["k"], capacity=10**12, fee=10**12)],
        needs=[sm.Need(id="n", community="a", kind="k", quantity=10**12)],
    )
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    values = measures.values("fees", np.array([10**12]))
    assert values.fraction(0) == 10**12 * 10**14


def test_groups_that_a_filter_names_are_compared_alone():
    """A need bears other labels too; what is lent is told by who lends."""
    instance = sm.Instance(
        communities=[sm.Community(id="junmiao"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["k"], capacity=9)],
        needs=[
            sm.Need(id="n", community="junmiao", kind="k", groups={"girls", "north"}),
            sm.Need(id="m", community="lianqiao", kind="k", groups={"boys", "south"}),
        ],
    )
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    named = {"group": ("girls", "boys", "!misspelt")}
    for by, keys in (
        ("group", ("boys", "girls")),
        (("group", "need"), (("boys", "m"), ("girls", "n"))),
        (("slot", "group"), (("mon", "boys"), ("mon", "girls"))),
    ):
        grouping = measures.grouping("served", by, named)
        assert grouping.keys == keys
        assert not grouping.overlaps
        assert grouping.size.tolist() == [1, 1]
        found = oracles.measure(instance, {("n", "mon"): 1}, "served", by, named)
        values = measures.values("served", np.array([0, 1]), by, named)
        assert found == dict(zip(keys, values.numerator.tolist(), strict=True))
    (members,) = group_members(columns, "served", "group", named)
    assert {members.name(group) for group in members.group} == {"boys", "girls"}
    lent = measures.grouping("lent", "group", named)
    assert lent.keys == ("boys", "girls", "north", "south")


def test_moved_counts_what_left_and_pairs_that_are_gone():
    instance = sm.Instance(
        communities=[sm.Community(id="junmiao"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[
            sm.Slot(id="mon", facility="hall", kinds=["k", "l"], capacity=9),
            sm.Slot(id="tue", facility="hall", kinds=["k"], capacity=9),
        ],
        needs=[
            sm.Need(id="j", community="junmiao", kind="k", quantity=9),
            sm.Need(id="l", community="lianqiao", kind="l", quantity=9),
        ],
    )
    columns = encode(instance)
    every = arcs.build(columns)  # j in mon, j in tue, l in mon
    gone = arcs.pairs(columns, np.array([0, 1]), np.array([1, 1]))
    baseline = Baseline(np.array([5, 0, 4]), 6, gone, np.array([1, 3]))
    measures = Measures(columns, every, baseline)
    units = np.array([3, 2, 4])

    def moved(by: Any = None, where: Any = None) -> dict[Any, Fraction]:
        values = measures.values("moved", units, by, where)
        return {key: values.fraction(i) for i, key in enumerate(values.keys)}

    assert moved() == {"": 2 + 6}  # two of whose records are no longer there
    assert moved(where={"kind": ("k",)}) == {"": 2 + 1}
    assert moved("community") == {"junmiao": 2 + 1, "lianqiao": 3}
    assert moved("slot", {"community": ("lianqiao",)}).get("tue", 3) == 3
    with pytest.raises(KeyError, match="moved"):
        Measures(columns, every).values("moved", units)


def test_a_rule_on_travel_alone_bars_unknown_distances():
    instance = sm.Instance(
        communities=[
            sm.Community(id="junmiao", location=(0, 0)),
            sm.Community(id="lianqiao"),
        ],
        facilities=[
            sm.Facility(id="near", community="junmiao", location=(0, 1)),
            sm.Facility(id="lost", community="lianqiao"),
        ],
        slots=[
            sm.Slot(id=f"in-{name}", facility=name, kinds=["k"], capacity=1, fee=2)
            for name in ("near", "lost")
        ],
        needs=[sm.Need(id="n", community="junmiao", kind="k", quantity=2)],
        travel={"metric": "plane"},
    )
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    assert measures.arcs.travel.tolist() == [-1, 1000]
    for rule, admits in (
        (sm.AtMost("travel", 10**6, by="assignment"), [False, True]),
        (sm.AtMost("fees", 2, by="assignment"), [True, True]),
        (sm.AtMost("fees", 1, by="assignment"), [False, False]),
        (sm.AtMost("tier", 0, by="assignment"), [False, True]),
    ):
        assert admitted(measures, [rule]).tolist() == admits, rule


@pytest.mark.parametrize(("measure", "side"), [("served", "need"), ("used", "slot")])
def test_a_total_is_of_the_records_of_its_side(measure: str, side: str):
    fields, _ = tiny_case(3)
    columns = encode(sm.Instance(**fields))
    (members,) = group_members(columns, measure, None)
    ids = columns.need_ids if side == "need" else columns.slot_ids
    assert members.side == side
    assert members.record.tolist() == list(range(len(ids)))
