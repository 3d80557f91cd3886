"""Answers to a draft, the plan made anew, its changes and letters."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.errors import InputError
from sharematch.io import instance_hash, read_result, schema, write_result
from sharematch.season import Answer, Revision, decide, resolve
from tests.halls import HALF_PAST_FIVE, PLAN, halls


def town(**changes: Any) -> sm.Instance:
    """Return two communities that share a station on two days."""
    fields: dict[str, Any] = {
        "communities": [sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        "facilities": [sm.Facility(id="station", community="tianfeng")],
        "slots": [
            sm.Slot(id="mon", facility="station", kinds=["health"], capacity=2),
            sm.Slot(id="tue", facility="station", kinds=["health"], capacity=2),
        ],
        "needs": [
            sm.Need(id="t", community="tianfeng", kind="health", quantity=2),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
        ],
    }
    return sm.Instance(**{**fields, **changes})


DRAFT = sm.Allocation([("mon", "t", 2), ("tue", "l", 2)])


def causes(revision: Revision) -> dict[tuple[str, str], str]:
    return {(c.need, c.slot): c.cause for c in revision.changes}


def test_without_answers_nothing_moves():
    draft = sm.solve(town())
    revision = resolve(draft)
    assert revision.allocation == draft.allocation
    assert (revision.moved, revision.changes, revision.letters) == (0, (), ())


def test_a_declined_pair_goes_elsewhere_and_says_why():
    answers = [Answer("t", "mon", "declined")]
    revision = resolve(DRAFT, answers, instance=town())
    assert (revision.moved, revision.forced) == (4, 2)
    assert causes(revision) == {
        ("t", "mon"): "declined",
        ("t", "tue"): "instead",
        ("l", "tue"): "made_way",
        ("l", "mon"): "instead",
    }
    (change,) = [c for c in revision.changes if c.cause == "made_way"]
    assert change.others == ("t",)


def test_what_was_accepted_stays_and_means_what_was_offered():
    accepted = {"need": "l", "slot": "tue", "status": "accepted"}
    declined = {"need": "t", "slot": "mon", "status": "declined"}
    revision = resolve(DRAFT, [accepted, declined], instance=town())
    assert [(a.slot, a.need, a.quantity) for a in revision.allocation] == [
        ("tue", "l", 2)
    ]
    (decision,) = (d for d in revision.instance.decisions if d.status == "accepted")
    assert decision.quantity == 2


def test_decisions_alone_make_the_same_columns_as_all_records():
    answers = [Answer("t", "mon", "declined"), Answer("l", "tue", "pinned", 1)]
    earlier = sm.Decision(need="t", slot="mon", status="pinned")
    later = sm.Decision(need="t", slot="tue", status="forbidden")
    instance = town(decisions=[earlier, later])
    found = resolve(DRAFT, answers, instance=instance).instance
    assert len(found.decisions) == 3
    assert instance_hash(found) == instance_hash(sm.Instance(**dict(found)))
    assert instance_hash(found) != instance_hash(instance)
    assert decide(instance, answers) == found


def test_a_need_withdraws_and_a_slot_goes():
    answers = [Answer("t", "", "withdrawn", 1), Answer("", "tue", "gone")]
    revision = resolve(DRAFT, answers, instance=town())
    assert causes(revision) == {
        ("t", "mon"): "withdrawn",
        ("l", "tue"): "gone",
        ("l", "mon"): "instead",
    }
    assert revision.instance.needs[0].quantity == 1
    assert resolve(DRAFT, [("t", "", "withdrawn")], instance=town()).moved == 2


def test_needs_arrive_and_slots_vanish_with_the_records_of_today():
    draft = sm.solve(town())
    now = town()
    late = sm.Need(id="late", community="lianqiao", kind="health")
    now = now.replace(needs=(*now.needs, late))
    revision = resolve(draft, instance=now)
    arrived = [c for c in revision.changes if c.cause == "arrived"]
    assert [c.need for c in arrived] == (["late"] if arrived else [])
    gone = now.replace(slots=now.slots[:1])
    revision = resolve(draft, instance=gone)
    assert "gone" in causes(revision).values()


def test_the_budget_of_moves_is_a_rule():
    answers = [Answer("t", "mon", "declined")]
    revision = resolve(DRAFT, answers, instance=town(), max_moved=2)
    assert revision.moved == 2
    share = sm.Policy(rules=[sm.AtMost("moved", "1/2")], goals=sm.Policy.fair().goals)
    for half in (
        resolve(DRAFT, answers, instance=town(), max_moved=0.5),
        resolve(DRAFT, answers, instance=town(), policy=share),
    ):
        assert half.result.policy.rules == (sm.AtMost("moved", 2),)
    with pytest.raises(InputError, match="must not be below 0"):
        resolve(DRAFT, instance=town(), max_moved=-1)
    none = resolve(DRAFT, answers, instance=town(), max_moved=1)
    assert none.result.status is sm.Status.INFEASIBLE
    assert none.changes == ()


def test_a_budget_ends_with_its_revision():
    first = resolve(DRAFT, [("t", "mon", "declined")], instance=town(), max_moved=2)
    second = resolve(first.result, [("l", "tue", "declined")])
    assert second.result.policy.rules == ()
    assert second.moved == 2
    none = resolve(DRAFT, [("t", "mon", "declined")], instance=town(), max_moved=1)
    with pytest.raises(InputError, match="the draft has no plan: it is infeasible"):
        resolve(none.result, instance=town())


def test_letters_say_it_in_two_languages():
    revision = resolve(DRAFT, [Answer("t", "mon", "declined")], instance=town())
    letters = {(letter.party, letter.id): letter for letter in revision.letters}
    assert letters["need", "t"].text() == (
        "To t, tianfeng:\n"
        "You no longer have 2 places at station (mon): it was declined. "
        "You now have 2 places at station (tue) instead."
    )
    assert (
        letters["facility", "station"].text("zh").startswith("致 tianfeng 的 station：")
    )
    assert [line.units for line in letters["facility", "station"].lines] == [2] * 4


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([("x", "mon", "declined")], "need: x: names no need"),
        ([("t", "x", "declined")], "slot: x: names no slot"),
        ([("t", "mon", "maybe")], "status maybe is not one of"),
        ([("t", "", "declined")], "declined names a need and a slot"),
        ([("t", "mon", "withdrawn")], "withdrawn names a need alone"),
        ([("", "mon", "gone", -1)], "quantity -1 must be a whole number"),
        ([{"need": "t", "when": 1}], "when is not a known field"),
    ],
)
def test_answers_that_mean_nothing_are_named(answers, message):
    with pytest.raises(InputError, match=message.replace(": ", ".*")):
        resolve(DRAFT, answers, instance=town())


def test_all_bad_answers_are_listed_with_field_and_value():
    answers = [
        {"need": "t", "slot": "mon", "status": "maybe", "quantity": 1.5, "when": 3},
        {"need": "x", "slot": "y", "status": "declined"},
        ("t", "", "accepted"),
        ("t", "mon", "declined"),
        object(),
    ]
    with pytest.raises(InputError) as caught:
        resolve(DRAFT, answers, instance=town())
    assert [(p.id, p.field, p.value) for p in caught.value.problems] == [
        ("1", "when", "3"),
        ("1", "status", "maybe"),
        ("1", "quantity", "1.5"),
        ("2", "need", "x"),
        ("2", "slot", "y"),
        ("3", "slot", ""),
        ("5", "status", "None"),
    ]
    assert 'answer "1": status maybe is not one of pinned' in str(caught.value)


def test_a_draft_needs_its_records_and_a_policy_with_goals():
    with pytest.raises(InputError, match="without its instance"):
        resolve(DRAFT)
    with pytest.raises(InputError, match="has no goals"):
        resolve(DRAFT, instance=town(), policy=sm.Policy.first_come())


def test_a_file_holds_what_was_said_and_can_be_checked(tmp_path: Path):
    instance = town()
    write_result(sm.solve(instance), tmp_path / "draft.json")
    draft = read_result(tmp_path / "draft.json", instance)
    first = resolve(draft, [("t", "mon", "declined"), ("t", "", "withdrawn", 1)])
    second = resolve(first.result, [("l", "tue", "accepted"), ("", "mon", "gone")])
    write_result(second.result, tmp_path / "second.json")
    found = read_result(tmp_path / "second.json", instance)
    assert check_claims(instance, found) == ()
    assert found.instance == second.instance
    assert found.baseline == first.allocation
    assert found.value("moved") == second.moved
    assert [answer.status for answer in found.answers] == [
        *("declined", "withdrawn", "accepted", "gone")
    ]
    document = found.to_dict()
    Draft202012Validator(schema("result")).validate(document)
    document["goals"][-1]["value"] += 1
    wrong = sm.Result.from_dict(document, instance)
    assert [finding.code for finding in check_claims(instance, wrong)] == ["value"]


def test_letters_of_bookings_say_from_when_to_when():
    declined = {"need": "girls", "slot": "hall-tue", "start": HALF_PAST_FIVE}
    answers = [declined | {"status": "declined"}]
    letters = resolve(PLAN, answers, instance=halls()).letters
    (girls,) = (letter for letter in letters if letter.id == "girls")
    assert (
        girls.text()
        .splitlines()[1]
        .startswith(
            "You no longer have 1 place (part A) at School hall on Tuesday, "
            "7 September 2027, 17:30–19:00: it was declined. You now have 1 place ("
        )
    )
    assert "您不再使用 2027年9月7日（周二）17:30–19:00 在 School hall 的" in girls.text(
        "zh"
    )
    first, second = girls.to_dict()["changes"]
    assert (first["start"], first["end"]) == (HALF_PAST_FIVE, "2027-09-07T19:00")
    assert second["start"] != second["end"]


def test_letters_about_bookings_name_hours_and_parts():
    start = "2027-09-07T18:00"
    no = {"need": "men", "slot": "hall-tue", "start": start, "status": "declined"}
    gone = {"need": "girls", "status": "withdrawn"}
    revision = sm.season.resolve(PLAN, [no, gone], instance=halls())
    letters = {letter.id: letter for letter in revision.letters}
    assert (
        "You no longer have 2 places (parts B and C) at School hall on Tuesday, "
        "7 September 2027, 18:00–19:30: it was declined."
    ) in letters["men"].text()
    # Who withdrew is known by name though no longer in the records.
    assert (
        "您不必再提供 2027年9月7日（周二）17:30–19:00 为 Tianfeng girls 保留的"
        " 1 个名额（分区 A）：需求已减少或撤回。"
    ) in letters["hall"].text("zh")
    lost = next(c for c in revision.changes if c.need == "men" and c.lost)
    told = lost.to_dict()
    assert (told["end"], told["parts"]) == ("2027-09-07T19:30", ["B", "C"])
