"""The old town keeps the facts it is made from, and its story adds up."""

import json
import re

import pytest

from sharematch.datasets.old_town import facts
from sharematch.scenario import Story, old_town, tell
from sharematch.text import say
from sharematch.text.tables import cells_of

OLD_TOWN = ("tianfeng", "lianqiao", "junmiao", "qinqiao")


def people(group: str) -> int:
    column = facts._GROUPS.index(group)
    return sum(facts._PEOPLE[community][column] for community in OLD_TOWN)


def test_people_of_the_old_town_are_as_many_as_the_facts_say():
    population = {c.id: c.population or 0 for c in old_town().communities}
    assert population["tianfeng"] + population["lianqiao"] == 11_600
    residents = sum(population[community] for community in OLD_TOWN)
    assert people("elderly") == 5_400
    assert 0.19 < people("elderly") / residents < 0.20
    assert people("disabled") == 242
    assert people("mind") == 76


def test_who_owns_what():
    owned: dict[str, list[str]] = {}
    for facility in old_town().facilities:
        owned.setdefault(facility.community, []).append(facility.id)
    assert owned["tianfeng"] == [
        "tianfeng-plaza-east",
        "tianfeng-plaza-west",
        "tianfeng-station",
    ]
    assert "lianqiao" not in owned
    assert {"junmiao-association", "junmiao-home"} <= set(owned["junmiao"])


def test_all_sectors_and_protections_stand_in_it():
    town = old_town()
    sectors = {provider.sector for provider in town.providers}
    assert sectors == {"public", "host", "volunteer", "market"}
    assert any(facility.closed for facility in town.facilities)
    assert any(facility.max_units for facility in town.facilities)
    assert any(slot.reserve for slot in town.slots)
    assert any(slot.fee > (slot.staff_fee or slot.fee) for slot in town.slots)
    assert any(slot.radius for slot in town.slots)


def test_pay_out_days_are_the_seventh_to_the_ninth():
    days = {
        slot.start.day
        for slot in old_town().slots
        if slot.start is not None and "payout" in slot.kinds
    }
    assert days == {7, 8, 9}


def test_it_has_the_size_of_a_demo():
    town = old_town()
    assert (len(town.communities), len(town.areas)) == (8, 3)
    assert 15 <= len(town.facilities) <= 30
    assert 100 <= len(town.slots) <= 150
    assert 100 <= len(town.needs) <= 200


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


def test_the_wider_places_are_shared_the_more_are_served(story: Story):
    assert story.alone.total < story.subdistrict.total < story.district.total
    assert story.alone.served["lianqiao"] == 0
    assert story.district.served["lianqiao"] > story.subdistrict.served["lianqiao"]


def test_extra_services_add_up_to_the_difference_of_the_plans(story: Story):
    for plan, gains in (
        (story.subdistrict, story.gains_subdistrict),
        (story.district, story.gains_district),
    ):
        assert sum(gains.extra.values()) == plan.total - story.alone.total
        assert all(amount > 0 for amount in gains.income.values())
        assert all(places > 0 for places in gains.places.values())


def test_fairness_lifts_the_worst_community_and_serves_as_many(story: Story):
    worst = {
        plan.name: min(story.fill_rate(plan, community) for community in story.demand)
        for plan in (story.cheapest, story.district)
    }
    assert worst["cheapest"] < worst["district"]
    assert story.cheapest.total == story.district.total


def test_nobody_loses_where_the_rule_says_so(story: Story):
    alone, shared = story.alone.served, story.nobody_loses.served
    assert all(shared[community] >= alone[community] for community in alone)


def test_story_fits_a_terminal_and_is_plain_json(story: Story):
    assert str(story) == story.text("en")
    for text in (story.text("en"), story.text("zh")):
        assert max(map(cells_of, text.splitlines())) <= 80
    values = json.loads(json.dumps(story.to_dict(), allow_nan=False))
    assert values["plans"]["district"]["served"] == story.district.total
    rates = [c["fill_rate"] for c in values["plans"]["own"]["communities"]]
    assert rates[1] == "0/1"


def test_the_story_has_the_same_numbers_and_columns_in_both_languages(story: Story):
    english, chinese = (story.text(lang) for lang in ("en", "zh"))
    assert not re.search("[a-z]{3,} [a-z]{3,}", chinese)

    def rows(text: str) -> list[list[str]]:
        lines = (line for line in text.splitlines() if re.search(r"  .*\d(| %)$", line))
        return [re.findall(r"\d[\d,.]*", line) for line in lines]

    assert rows(english) == rows(chinese)
    for text in (english, chinese):
        widths = {cells_of(line) for line in text.splitlines() if "  " in line[13:]}
        assert widths == {76, 77}  # two kinds of tables


def test_all_kinds_of_service_have_words_of_both_languages(story: Story):
    for kind in story.gains_district.places:
        assert say(f"story.kind_{kind}", "zh") != f"kind_{kind}"
