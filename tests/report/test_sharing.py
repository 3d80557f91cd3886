"""Who loses by sharing is said first and listed, in towns of every kind."""

import re
from datetime import date
from typing import Any

import pytest

import sharematch as sm
from sharematch.report import html_report
from tests.report.conftest import Case
from tests.report.conftest import town as two
from tests.report.test_page import Reader, column, drawn, number

EACH = 10
CAPPED = sm.Policy(
    name="one for each",
    rules=[sm.AtMost("served", 1, by="community")],
    goals=[sm.Maximize("served")],
)
UNHARMED = sm.Policy(
    rules=[sm.AtLeast("fill_rate", "alone", by="community")],
    goals=sm.Policy.fair().goals,
)


def town(
    count: int,
    *,
    named: bool = True,
    located: bool = True,
    timed: bool = True,
    fee: int = 2,
    currency: str = "CNY",
) -> sm.Instance:
    """Return communities that ask for ten each and have 0, 4, 8 … 16 places."""
    when: dict[str, Any] = {}
    if timed:
        when = {"start": "2026-12-07T09:00", "end": "2026-12-07T11:00"}
    return sm.Instance(
        name="" if not named else "The valley",
        currency=currency,
        travel={"metric": "plane"},
        communities=[
            sm.Community(
                id=f"c{i}",
                name=f"Place {i}" if named else None,
                location=(i % 20, i // 20) if located else None,
            )
            for i in range(count)
        ],
        facilities=[sm.Facility(id=f"f{i}", community=f"c{i}") for i in range(count)],
        slots=[
            sm.Slot(
                id=f"s{i}", facility=f"f{i}", kinds=["x"], capacity=n, fee=fee, **when
            )
            for i in range(count)
            if (n := 4 * (i % 5))
        ],
        needs=[
            sm.Need(id=f"n{i}", community=f"c{i}", kind="x", quantity=EACH)
            for i in range(count)
        ],
    )


def losing(instance: sm.Instance, result: sm.Result) -> dict[str, int]:
    """Return how much less communities get than with their own places, by name."""
    rows: list[dict[str, Any]] = [dict(row) for row in result.by("community").rows]
    alone = {row["id"]: 0 for row in rows}
    homes = {facility.id: facility.community for facility in instance.facilities}
    for slot in instance.slots:
        alone[homes[slot.facility]] = min(slot.capacity, EACH)
    names = {one.id: one.name or one.id for one in instance.communities}
    return {
        names[row["id"]]: fewer
        for row in rows
        if (fewer := alone[row["id"]] - row["served"]) > 0
    }


@pytest.mark.parametrize("count", [1, 5, 40, 300])
@pytest.mark.parametrize(
    ("policy", "who"),
    [(sm.Policy.fair(), "some"), (CAPPED, "all"), (UNHARMED, "none")],
)
def test_losers_are_said_first_and_listed(count: int, policy: sm.Policy, who: str):
    instance = town(count, located=count != 5)
    result = sm.solve(instance, policy)
    wanted = losing(instance, result)
    reader = Reader(html_report(instance, result))
    assert bool(wanted) == (who != "none" and count > 1)
    if who == "all":  # of those with places of their own
        assert len(wanted) == count - count // 5 - bool(count % 5)
    first = reader.text.index("by sharing")
    assert first < reader.text.index("The rules in words")
    if not wanted:
        assert "losers" not in reader.tables
        assert "No community gets less by sharing" in reader.text
        return
    verb = "gets" if len(wanted) == 1 else "get"
    assert f"{len(wanted)} of {count} communities {verb} less by sharing" in reader.text
    assert f"{sum(wanted.values()):,} places fewer" in reader.text
    listed = dict(
        zip(
            column(reader, "losers", "Community"),
            map(number, column(reader, "losers", "Fewer")),
            strict=True,
        )
    )
    assert listed == wanted
    assert [*listed.values()] == sorted(listed.values(), reverse=True)
    marked = {
        row[0].strip()
        for row, cells in zip(
            reader.body("communities"), gains_of(reader, count), strict=True
        )
        if cells
    }
    assert marked == set(wanted)


def gains_of(reader: Reader, count: int) -> list[bool]:
    """Return for each community whether its gain is marked as a loss."""
    begin = next(
        i
        for i, (_, attr) in enumerate(reader.elements)
        if attr.get("id") == "communities"
    )
    cells = [attr for tag, attr in reader.elements[begin:] if tag == "td"][: 10 * count]
    return ["less" in (cells[10 * i + 7].get("class") or "") for i in range(count)]


@pytest.mark.parametrize("count", [1, 5, 20, 21, 40, 300])
def test_few_communities_have_bars_and_many_a_distribution(count: int):
    instance = town(count)
    result = sm.solve(instance)
    page = html_report(instance, result)
    bars = re.findall(r'<li class="bar', page)
    labels = re.findall(
        r'aria-label="Served (\S+): (\d+) communities with sharing, (\d+) by', page
    )
    if count <= 20:
        assert (len(bars), labels) == (count, [])
        return
    assert len(bars) == 10
    rates: list[Any] = [row["fill_rate"] for row in result.by("community").rows]
    wanted = [
        sum(min(int(rate * 10), 9) == tenth for rate in rates) for tenth in range(10)
    ]
    assert [int(after) for _, after, _ in labels] == wanted
    own = [min(4 * (i % 5), EACH) for i in range(count)]
    assert [int(before) for *_, before in labels] == [
        sum(min(n, 9) == tenth for n in own) for tenth in range(10)
    ]
    assert labels[0][0], labels[-1][0] == ("0–10%", "90–100%")


def test_every_bar_has_a_track_to_the_whole(old_town: Case):
    page = html_report(*old_town)
    assert page.count('<span class="whole">') == 2 * 8
    widths = [
        float(n) for n in re.findall(r'class="after" style="width:([\d.]+)%', page)
    ]
    every: list[Any] = [row["fill_rate"] for row in old_town[1].by("community").rows]
    rates = sorted(100 * float(rate) for rate in every)
    assert widths == pytest.approx(rates, abs=0.01)


BANNED = (
    "beyond the records",
    "prices",
    "At best",
    " units",
    "0 owners",
    "None",
    "Undefined",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"named": False},
        {"located": False},
        {"timed": False},
        {"fee": 0},
        {"currency": ""},
        {"named": False, "located": False, "timed": False, "fee": 0, "currency": ""},
    ],
)
def test_a_page_says_what_there_is_in_the_words_of_residents(
    fields: dict[str, Any], lang: str
):
    instance = town(5, **fields)
    result = sm.solve(instance)
    reader = Reader(html_report(instance, result, lang=lang))
    assert [word for word in BANNED if word in reader.text] == []
    assert not re.search(r"(?<!\d)0\.00", reader.text)
    least = min(result.by("community").rows, key=lambda r: (r["fill_rate"], r["id"]))
    (name,) = (
        one.name or one.id for one in instance.communities if one.id == least["id"]
    )
    card = {"en": "Least served community", "zh": "满足率最低的社区"}[lang]
    begin = reader.text.index(card)
    assert name in reader.text[begin : begin + 80]
    assert ("2026" in reader.text) == fields.get("timed", True)
    has_scale = any(
        "scale-bar" in (attr.get("class") or "") for _, attr in reader.elements
    )
    assert has_scale == fields.get("located", True)
    if lang == "en":
        assert ("no fees" in reader.text) == (fields.get("fee") == 0)
        is_paid_in_nothing = fields.get("currency") == "" and fields.get("fee") != 0
        assert ("name no currency" in reader.text) == is_paid_in_nothing


def test_money_stands_with_its_currency(old_town: Case):
    reader = Reader(html_report(*old_town))
    heads = [cell.strip() for cell in reader.tables["owners"][0]]
    assert "Earned from others (CNY)" in heads
    assert "7,010.00 CNY" in reader.text


def test_one_reason_is_a_sentence_and_several_are_bars():
    instance = two()
    page = html_report(instance, sm.solve(instance))
    assert "30 of the places asked for could not be given, all for one reason" in page
    assert 'class="why"' not in page
    instance = two(
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=40),
            sm.Need(id="l", community="lianqiao", kind="repair", quantity=7),
        ]
    )
    page = html_report(instance, sm.solve(instance))
    assert re.findall(r"<li><b>(\d+)</b>", page) == ["10", "7"]


def test_days_issue_and_issuer_stand_on_top(old_town: Case):
    plain = Reader(html_report(*old_town)).text
    assert "7 December 2026 to 13 December 2026" in plain
    assert "Issued" not in plain
    issued: dict[str, Any] = {
        "issuer": "Office of <Lianqiao>",
        "issued": date(2026, 11, 30),
    }
    reader = Reader(html_report(*old_town, **issued))
    top = reader.text[: reader.text.index("The rules in words")]
    assert "Office of <Lianqiao>" in top
    assert "30 November 2026" in top
    chinese = Reader(html_report(*old_town, lang="zh", **issued)).text
    assert "2026年12月7日至2026年12月13日" in chinese
    assert "2026年11月30日" in chinese
    one = town(2)
    assert "7 December 2026 to" not in Reader(html_report(one, sm.solve(one))).text


def test_outlines_are_drawn_where_they_are_known():
    instance = town(5)
    result = sm.solve(instance)
    square = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    far = [(50, 50), (60, 50), (60, 60), (50, 50)]
    page = html_report(instance, result, outlines={"c1": [square, far], "else": [far]})
    paths = [
        path for path in drawn(Reader(page), "path") if path.get("class") == "outline"
    ]
    assert len(paths) == 2
    for path in paths:
        corners = re.findall(r"([\d.-]+),([\d.-]+)", path.get("d") or "")
        assert all(0 <= float(x) <= 800 and 0 <= float(y) <= 800 for x, y in corners)
    nowhere = town(5, located=False)
    page = html_report(nowhere, sm.solve(nowhere), outlines={"c1": [square]})
    assert 'class="outline"' not in page


def test_hidden_counts_make_no_loser():
    """Who loses is told of those alone whose counts are shown."""
    instance = town(5)
    result = sm.solve(instance, CAPPED)
    reader = Reader(html_report(instance, result, suppress_below=5))
    assert "losers" not in reader.tables
    assert "whose numbers are shown" in reader.text
    assert "it is not told, as small numbers are hidden" in reader.text


def test_policies_of_the_library_are_called_in_chinese():
    instance = two(name="Two villages")
    for policy, name in (
        (sm.Policy.fair(), "公平"),
        (sm.Policy.own_only(), "仅用自有名额"),
        (sm.Policy.vulnerable_first("elderly"), "elderly 优先"),
        (sm.Policy(name="our own"), "our own"),
    ):
        result = sm.solve(instance, policy)
        assert (
            f"共享方案 · {name}"
            in Reader(html_report(instance, result, lang="zh")).text
        )
