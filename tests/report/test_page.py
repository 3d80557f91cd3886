"""What the page holds: the numbers of the result, escaped, alike every time."""

import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

import sharematch as sm
from sharematch.errors import InputError
from sharematch.generate import make_instance
from sharematch.report import html_report, write_report
from sharematch.report.facts import gather
from tests.report.conftest import HOSTILE, Case, town


class Reader(HTMLParser):
    """Elements with their attributes, and the tables' rows."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self._table = ""
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self._table = dict(attrs).get("id") or dict(attrs).get("class") or ""
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            self.tables[self._table][-1][-1] += data

    def body(self, table: str) -> list[list[str]]:
        return self.tables[table][1:]


def number(text: str) -> int:
    return int(text.replace(",", "").replace("–", "-"))


def drawn(reader: Reader, tag: str) -> list[dict[str, str | None]]:
    """Return the elements of one kind on the map, not those of its legend."""
    first = [name for name, _ in reader.elements].index("svg")
    last = next(
        i
        for i, (name, attributes) in enumerate(reader.elements)
        if attributes.get("class") == "legend"
    )
    return [attr for name, attr in reader.elements[first:last] if name == tag]


def column(reader: Reader, table: str, head: str) -> list[str]:
    at = [cell.strip() for cell in reader.tables[table][0]].index(head)
    return [row[at].strip() for row in reader.body(table)]


def test_numbers_are_those_of_the_result(old_town: Case):
    instance, result = old_town
    reader = Reader(html_report(instance, result))
    rows = {str(row["id"]): row for row in result.by("community")}
    names = column(reader, "communities", "Community")
    assert set(names) == set(rows)
    for head, measure in (
        ("Asked", "demand"),
        ("Given", "served"),
        ("Not given", "unmet"),
        ("Borrowed", "borrowed"),
        ("Lent", "lent"),
    ):
        shown = map(number, column(reader, "communities", head))
        assert dict(zip(names, shown, strict=True)) == {
            name: row[measure] for name, row in rows.items()
        }
    places = {str(row["id"]): row["served"] for row in result.by("facility")}
    shown = map(number, column(reader, "facilities", "Given"))
    assert (
        dict(zip(column(reader, "facilities", "Facility"), shown, strict=True))
        == places
    )
    assert sum(map(number, column(reader, "flows", "Places"))) == result.value("lent")
    assert "2,501 of 3,454" in reader.text


def test_before_sharing_and_gains_are_those_of_the_story(old_town: Case):
    story = sm.scenario.tell()
    reader = Reader(html_report(*old_town))
    alone = map(number, column(reader, "communities", "Own only"))
    names = column(reader, "communities", "Community")
    assert dict(zip(names, alone, strict=True)) == story.alone.served
    gains = story.gains_district
    assert f"+{sum(gains.extra.values()):,}" in reader.text
    assert f"{sum(gains.income.values()):,.2f} CNY" in reader.text
    facts = gather(*old_town)
    assert facts.places_saved == gains.places
    assert facts.income == gains.income


def test_everything_adds_up(old_town: Case, hostile: Case):
    for case in (old_town, hostile):
        counts = gather(*case).counts
        for whole, *parts in counts.sums:
            found = sum(counts.values.get(part, 0) for part in parts)
            assert counts.values[whole] == found, whole


def test_the_page_needs_no_network(old_town: Case):
    page = html_report(*old_town)
    assert not re.search(r"https?:|@import|//[a-z]|url\((?!#)", page)
    loads = [
        value
        for _, attributes in Reader(page).elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data")
    ]
    assert all(value and value.startswith(("#", "data:")) for value in loads)


def test_hostile_names_stay_text(hostile: Case):
    page = html_report(*hostile)
    reader = Reader(page)
    tags = [tag for tag, _ in reader.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert tags.count("i") % 5 == 0  # of the color scales
    assert "b" not in tags
    names = {name for _, attributes in reader.elements for name in attributes}
    assert not [name for name in names if name.startswith("on")]
    shown = {row[0].strip() for row in reader.body("communities")}
    wanted = {f"{i} {name}" for i, name in enumerate(HOSTILE)}
    assert shown == wanted
    assert "49" not in shown


def test_only_its_own_script_may_run(old_town: Case):
    page = html_report(*old_town)
    (policy,) = (
        attributes["content"]
        for tag, attributes in Reader(page).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy


def test_the_same_input_gives_the_same_page(old_town: Case):
    instance, result = old_town
    again = sm.Result.from_dict(result.to_dict(), instance)
    assert html_report(instance, again) == html_report(instance, result)


def test_both_languages_are_in_the_page(old_town: Case):
    english, chinese = (html_report(*old_town, lang=lang) for lang in ("en", "zh"))
    assert '<html lang="en">' in english
    assert '<html lang="zh-Hans">' in chinese
    assert "谁得到了服务" in english
    assert "Who is served" in chinese
    assert "谁得到了服务" in Reader(chinese).text
    assert "Who is served" not in Reader(chinese).text


def small_numbers(cells: Iterable[str]) -> list[str]:
    return [cell for cell in cells if cell.strip("+–") in ("1", "2", "3", "4")]


@pytest.mark.parametrize("seed", range(6))
def test_small_counts_are_not_shown(seed: int):
    instance = make_instance(communities=5, needs=60, slots=25, seed=seed)
    result = sm.solve(instance)
    reader = Reader(html_report(instance, result, suppress_below=5))
    assert "•" in reader.text
    heads = {
        "communities": ("Asked", "Given", "Not given", "Own only", "Borrowed", "Lent"),
        "kinds": ("Asked", "Given", "Not given"),
        "facilities": ("Given", "Lent"),
        "owners": ("Given", "Lent"),
        "flows": ("Places",),
    }
    for table, names in heads.items():
        for name in names:
            if table in reader.tables and name in {
                cell.strip() for cell in reader.tables[table][0]
            }:
                assert small_numbers(column(reader, table, name)) == [], (table, name)
    assert "unmet" not in reader.tables
    facts = gather(instance, result, suppress_below=5)
    for key in facts.counts.out:
        if key[0] == "flow":
            assert f"{key[1]} lends" not in html_report(
                instance, result, suppress_below=5
            ) or all(f"{key[1]} lends {n} " not in reader.text for n in range(1, 5))


def test_flows_too_small_to_show_are_not_drawn():
    instance = town(
        communities=[sm.Community(id=f"c{i}", location=(i, 0)) for i in range(4)],
        travel={"metric": "plane"},
        facilities=[sm.Facility(id="station", community="c0")],
        needs=[
            sm.Need(id=f"n{i}", community=f"c{i}", kind="health", quantity=quantity)
            for i, quantity in enumerate((5, 3, 4, 9))
        ],
    )
    result = sm.solve(instance)
    shown = Reader(html_report(instance, result))
    assert [one.get("class") for one in drawn(shown, "path")].count("flow") == 3
    hidden = html_report(instance, result, suppress_below=5)
    few = drawn(Reader(hidden), "path")
    assert [one.get("class") for one in few].count("flow") == 1
    assert "c0 lends 9 places to c3" in hidden
    assert "c0 lends 3 places" not in hidden


@pytest.mark.parametrize(
    "policy",
    [
        sm.Policy.fair(),
        sm.Policy.first_come(),
        sm.Policy(name="nothing"),
        sm.Policy(
            rules=[sm.AtLeast("fill_rate", "alone", by="community")],
            goals=[
                sm.Leximax("utilization", by="slot"),
                sm.Maximize("fees", slack="0.1"),
                sm.Leximin("served", by="community", weights="population"),
            ],
        ),
    ],
)
def test_any_policy_has_a_page(policy: sm.Policy):
    instance = town(
        communities=[
            sm.Community(id="tianfeng", population=10),
            sm.Community(id="lianqiao", population=20),
        ]
    )
    page = html_report(instance, sm.solve(instance, policy))
    assert "Undefined" not in page
    assert "tianfeng" in page


def test_without_coordinates_communities_stand_in_a_circle():
    instance = town()
    reader = Reader(html_report(instance, sm.solve(instance)))
    assert "stand in a circle" in reader.text
    assert len(drawn(reader, "circle")) == 2
    assert "the places of this plan have no times" in reader.text.lower()


@pytest.mark.parametrize(
    "instance",
    [
        sm.Instance(),
        sm.Instance(communities=[sm.Community(id="tianfeng")]),
        town(needs=[]),
        town(slots=[], facilities=[]),
        town(
            communities=[
                sm.Community(id=c, location=(1, 1)) for c in ("tianfeng", "lianqiao")
            ]
        ),
    ],
)
def test_little_or_nothing_to_tell(instance: sm.Instance):
    page = html_report(instance, sm.solve(instance))
    assert "<main" in page


def test_an_infeasible_policy_is_told_with_its_conflict():
    instance = town()
    policy = sm.Policy(rules=[sm.AtLeast("served", 100)], goals=[sm.Maximize("served")])
    reader = Reader(html_report(instance, sm.solve(instance, policy)))
    assert "No plan keeps all rules" in reader.text
    assert "places given at least 100" in reader.text
    assert "svg" not in {tag for tag, _ in reader.elements}


def test_in_public_a_conflict_names_no_need():
    instance = town(
        decisions=[sm.Decision(need="l", slot="mon", status="pinned", quantity=3)]
    )
    policy = sm.Policy(
        rules=[sm.AtMost("served", 0, by="community")], goals=[sm.Maximize("served")]
    )
    result = sm.solve(instance, policy)
    assert "l keeps" in Reader(html_report(instance, result)).text
    public = Reader(html_report(instance, result, suppress_below=5)).text
    assert "l keeps" not in public
    assert "An earlier decision" in public


def test_a_result_that_claims_too_much_is_told():
    instance = town()
    document = sm.solve(instance).to_dict()
    document["measures"] = {**document["measures"], "served": 31}
    claimed = sm.Result.from_dict(document, instance)
    reader = Reader(html_report(instance, claimed))
    assert "served: 31 is claimed, 30 found" in reader.text


def test_unmet_needs_stand_there_with_their_reason():
    instance = town(
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=40),
            sm.Need(id="l", community="lianqiao", kind="repair", quantity=7),
        ]
    )
    reader = Reader(html_report(instance, sm.solve(instance)))
    reasons = dict(
        zip(
            column(reader, "unmet", "Need"),
            column(reader, "unmet", "Reason"),
            strict=True,
        )
    )
    assert "no place offers this service" in reasons["l"]
    assert reasons["t"] == "every place in reach is full"


def test_it_is_written_whole(old_town: Case, tmp_path: Any):
    path = tmp_path / "report.html"
    write_report(*old_town, path)
    assert path.read_text(encoding="utf-8") == html_report(*old_town)
    assert [*tmp_path.iterdir()] == [path]


def test_wrong_options_are_refused(old_town: Case):
    with pytest.raises(InputError, match="lang 'fr'"):
        html_report(*old_town, lang="fr")
    with pytest.raises(InputError, match="suppress_below -1"):
        html_report(*old_town, suppress_below=-1)


def test_the_page_does_not_grow_with_the_needs():
    sizes = []
    for needs in (1_000, 8_000):
        instance = make_instance(communities=30, needs=needs, slots=300, seed=1)
        sizes.append(len(html_report(instance, sm.solve(instance)).encode()))
    assert sizes[1] < 1.4 * sizes[0]


@pytest.mark.slow
def test_a_hundred_thousand_needs_take_less_than_five_megabytes():
    instance = make_instance(communities=300, needs=100_000, slots=20_000, seed=1)
    result = sm.solve(instance)
    page = html_report(instance, result)
    assert len(page.encode()) < 5_000_000


def test_remarks_stand_in_both_languages(old_town: Case):
    instance, result = old_town
    remark = "not proved within the time limit: another run may differ"
    result = replace(result, warnings=(remark,))
    told = {"en": remark.capitalize(), "zh": "未能在时限内证明：再次运行可能不同"}
    for lang, text in told.items():
        page = html_report(instance, result, lang=lang)
        assert text in Reader(page).text
        assert all(other in page for other in told.values())


def test_only_what_is_proved_is_called_so(old_town: Case):
    """In the badge at the top, and where it says how it was checked."""
    instance, result = old_town
    best, doubted = "Best plan, proved", "Valid plan, not proved best"
    assert best in Reader(html_report(instance, result)).text
    for false in (
        replace(result, certificate=None),
        replace(result, structure="coupled"),
        replace(result, allocation=sm.Allocation()),
    ):
        page = Reader(html_report(instance, false)).text
        assert "Not valid: what the result says does not hold" in page
        assert best not in page
    floor = sm.Within("served", 99, by="community")
    coupled = sm.solve(
        instance, sm.Policy(rules=[floor], goals=[sm.Maximize("served")])
    )
    page = Reader(html_report(instance, coupled)).text
    assert coupled.is_optimal == (doubted in page)
    assert best not in page
    impossible = sm.Policy(rules=[sm.AtLeast("served", 9_999)])
    denied = sm.solve(instance, impossible)
    assert "No plan keeps all rules" in Reader(html_report(instance, denied)).text
    page = html_report(instance, replace(denied, conflict=()))
    assert "No plan keeps all rules" not in Reader(page).text
