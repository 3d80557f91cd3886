"""What advice looks at, in which order it tells it, and what it refuses."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.advice.places import changed
from sharematch.analysis.advice.wording import advice_text
from sharematch.errors import InputError
from tests.analysis.advice.towns import town


def old_town(**extra: Any) -> sm.Instance:
    """Return three communities: Lianqiao worst off, the hall full, the stairs steep."""
    fields: dict[str, Any] = {
        "communities": [sm.Community(id=c) for c in ("tianfeng", "lianqiao", "garden")],
        "facilities": [
            sm.Facility(id="station", community="tianfeng", features={"step-free"}),
            sm.Facility(id="hall", community="garden"),
        ],
        "slots": [
            sm.Slot(
                id="mon",
                facility="station",
                kinds=["health"],
                capacity=3,
                start=datetime(2026, 3, 2, 9),
                end=datetime(2026, 3, 2, 11),
                groups={"elderly"},
            ),
            sm.Slot(id="tue", facility="hall", kinds=["health"], capacity=4),
        ],
        "needs": [
            sm.Need(
                id="t",
                community="tianfeng",
                kind="health",
                quantity=2,
                groups={"elderly"},
                choices=["station"],
            ),
            sm.Need(
                id="l",
                community="lianqiao",
                kind="health",
                quantity=6,
                groups={"elderly"},
                requires={"step-free"},
            ),
            sm.Need(id="g", community="garden", kind="health", quantity=2),
        ],
    }
    return sm.Instance(**{**fields, **extra})


def test_places_are_ranked_by_what_they_lift_and_others_are_left_out():
    advice = sm.advise(sm.solve(old_town()))
    assert str(advice.table) == (
        "slot  facility  community  +1  +2  +5  gains\n"
        "mon   station   tianfeng    1   2   5  lianqiao"
    )
    assert advice.num_places == 2
    assert dict(advice.rates.now) == {
        "garden": 1,
        "lianqiao": Fraction(1, 3),
        "tianfeng": Fraction(1, 2),
    }
    first, second, third = advice[0].steps
    assert first.changes == {"lianqiao": 1}
    assert [*advice.rates_after(first)] == [Fraction(1, 2), Fraction(1, 2), 1]
    assert second.changes == {"lianqiao": 1, "tianfeng": 1}
    assert third.served == 5
    assert {*advice.rates_after(third)} == {1}


@pytest.mark.parametrize(("add", "served"), [("feature", 2), ("hours", 3), ("slot", 1)])
def test_what_is_added_brings_what_the_instance_that_has_it_does(add: str, served: int):
    instance = old_town()
    before = sm.solve(instance)
    advice = sm.advise(before, add=[add], amounts=[1])
    option = advice[0]
    step = option.steps[0]
    assert (step.served, step.is_exact) == (served, True)
    if add == "feature":
        hall = sm.Facility(id="hall", community="garden", features={"step-free"})
        after = sm.solve(changed(instance, {"facilities": [hall]}))
    else:
        fields: dict[str, dict[str, Any]] = {
            "hours": {
                "facility": "station",
                "start": datetime(2026, 3, 2, 11),
                "end": datetime(2026, 3, 2, 13),
                "capacity": 3,
                "groups": {"elderly"},
            },
            "slot": {"facility": "station", "capacity": 1},
        }
        new = sm.Slot(id="new", kinds=["health"], **fields[add])
        after = sm.solve(changed(instance, {"slots": [new]}))
    assert int(after.value("served")) - int(before.value("served")) == served
    assert advice.rates_after(step) == after.goals[0].value


def with_choices_of_places(instance: sm.Instance) -> sm.Instance:
    """Return an instance whose needs choose places: new slots there are chosen too."""
    place = {slot.id: slot.facility for slot in instance.slots}
    needs = [
        need.model_copy(update={"choices": sorted({place[s] for s in need.choices})})
        for need in instance.needs
    ]
    return instance.replace(needs=needs)


def test_new_slots_of_random_towns_are_those_of_solving():
    compared = 0
    for seed in range(25):
        instance = with_choices_of_places(town(seed))
        before = sm.solve(instance)
        advice = sm.advise(before, add=["slot"], amounts=[2], most=3)
        for option in advice:
            new = sm.Slot(
                id="new", facility=option.place["facility"], kinds=["help"], capacity=2
            )
            after = sm.solve(changed(instance, {"slots": [new]}))
            (step,) = option.steps
            assert advice.rates_after(step) == after.goals[0].value
            compared += 1
    assert compared > 20


def test_further_reach_serves_those_who_lived_too_far():
    far = old_town(
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", groups={"elderly"}),
            sm.Need(
                id="l",
                community="lianqiao",
                kind="health",
                groups={"elderly"},
                max_travel=1,
            ),
        ],
        links=[
            sm.Link(source="tianfeng", target="lianqiao", travel=2),
            sm.Link(source="garden", target="lianqiao", travel=5),
            sm.Link(source="tianfeng", target="garden", travel=1),
        ],
    )
    (option,) = sm.advise(sm.solve(far), add=["reach"], further=1)
    assert option.place == {"community": "lianqiao"}
    assert option.steps[0].changes == {"lianqiao": 1}
    assert option.steps[0].amount == 1


def test_places_are_gathered_by_facility_area_and_kind():
    result = sm.solve(town(3))
    slots = {o.place["slot"]: o for o in sm.advise(result, amounts=[1])}
    for by in ("facility", "kind", ("kind", "community")):
        advice = sm.advise(result, by=by, amounts=[1, 2])
        assert all(len(option.steps) == 2 for option in advice)
        best = max(option.steps[0].served for option in advice)
        assert best == max(option.steps[0].served for option in slots.values())


def test_what_couples_is_solved_anew():
    instance = old_town()
    whole = sm.Need(
        id="choir", community="lianqiao", kind="health", quantity=3, whole=True
    )
    coupled = changed(instance, {"needs": [whole]})
    before = sm.solve(coupled)
    assert before.structure == "coupled"
    advice = sm.advise(before, amounts=[1, 2], most=2)
    assert len(advice) == 2
    for option in advice:
        for step in option.steps:
            slot = next(s for s in coupled.slots if s.id == option.place["slot"])
            fields = {name: getattr(slot, name) for name in type(slot).model_fields}
            wider = sm.Slot(**{**fields, "capacity": slot.capacity + step.amount})
            after = sm.solve(changed(coupled, {"slots": [wider]}))
            assert advice.rates_after(step) == after.goals[0].value
            gained = int(after.value("served")) - int(before.value("served"))
            assert step.served == gained


def test_first_come_is_played_again():
    (option,) = sm.advise(sm.solve(old_town(), sm.Policy.first_come()), amounts=[2])
    assert option.place["slot"] == "mon"
    assert option.steps[0].served == 2
    assert not option.steps[0].is_exact


def test_prices_rank_equal_places_and_say_what_a_unit_costs():
    instance = old_town(
        slots=[
            sm.Slot(id=name, facility="station", kinds=["health"], capacity=1)
            for name in ("dear", "cheap")
        ]
    )
    prices = {"dear": 50, "cheap": "12.5"}
    advice = sm.advise(sm.solve(instance), prices=prices, amounts=[1, 2])
    assert [option.place["slot"] for option in advice] == ["cheap", "dear"]
    assert advice[0].price == Decimal("12.50")
    assert advice[0].per_money == Fraction(1) / Fraction("12.5")


def test_a_budget_buys_for_the_worst_off_first():
    advice = sm.advise(sm.solve(old_town()), budget=2, amounts=[1])
    bought = advice.purchase
    assert bought is not None
    assert bought.places == {"mon": 2}
    assert bought.step.changes == {"lianqiao": 1, "tianfeng": 1}
    assert bought.spent == 2
    assert bought.is_best
    data = advice.to_dict()
    assert data["purchase"]["places"] == {"mon": 2}
    assert data["options"][0]["steps"][0]["rates"] == ["1/2", "1/2", "1/1"]


def test_words_say_where_what_and_for_whom():
    advice = sm.advise(sm.solve(old_town()), budget=1)
    assert str(advice) == (
        "1. One more place at mon (station, tianfeng): 1 more unit served, for "
        "lianqiao, the lowest share served rises from 33.3% to 50.0% (2 more: 2 units; "
        "5 more: 5 "
        "units).\n\n"
        "Spending 1.00 of 1.00 buys 1 place: mon.\n"
        "1 more unit served, for lianqiao, the lowest share served rises from 33.3% "
        "to 50.0%."
    )
    chinese = advice_text(advice, "zh")
    assert "在 mon（station，tianfeng）处增加 1 个名额：多安排 1 个名额" in chinese
    nothing = sm.advise(sm.solve(old_town(needs=[])))
    assert str(nothing) == "Nothing of this would serve anybody more."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"add": "capacity"}, "must list some of capacity"),
        ({"add": ["chairs"]}, "chairs"),
        ({"amounts": [0]}, "amounts"),
        ({"further": 0}, "further 0"),
        ({"most": 0}, "most 0"),
        ({"by": "chair"}, "by chair"),
        ({"prices": {"mom": 1}}, '"mom" is no slot or facility'),
        ({"prices": {"mon": "much"}}, "price of mon much"),
        ({"budget": -1}, "budget -1"),
    ],
)
def test_bad_requests_are_named(options: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        sm.advise(sm.solve(old_town()), **options)


def test_a_result_needs_a_plan_and_its_instance():
    result = sm.solve(old_town())
    with pytest.raises(InputError, match="read_result"):
        sm.advise(replace(result, instance=None))
    rule = sm.AtLeast("served", 99, by="community")
    with pytest.raises(InputError, match="no plan"):
        sm.advise(sm.solve(old_town(), sm.Policy(rules=[rule])))


@pytest.mark.parametrize("changes", [["capacity"], ["slot"], ["hours"], ["reach"]])
def test_openings_of_several_steps_are_solved_anew(changes: list[str]):
    times: dict[str, Any] = {"start": "2026-12-04T17:00", "end": "2026-12-04T20:00"}
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="gym", community="a")],
        slots=[
            sm.Slot(id="room", facility="gym", kinds=["x"], capacity=1),
            sm.Slot(
                id="fri", facility="gym", kinds=["z"], capacity=1, step=60, **times
            ),
        ],
        needs=[
            sm.Need(id=f"team {i}", community="a", kind="z", minutes=60)
            for i in range(4)
        ],
    )
    result = sm.solve(town)
    assert result.structure == "network"
    advice = sm.advise(result, add=changes)
    if changes == ["capacity"]:
        assert "1 more unit served" in str(advice)
