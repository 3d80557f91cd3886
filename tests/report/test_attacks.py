"""An attacker reads a page with small counts hidden, and adds up what it shows."""

import os
import random
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.core.columns.encoding import encode
from sharematch.generate import make_instance
from sharematch.report import html_report
from sharematch.report.facts import gather
from tests.report.conftest import town
from tests.report.test_page import Reader, column, number

Name = tuple[str, ...]
PAGES = {"ci": 12, "deep": 400}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 6)


class Attacker:
    """What a page says, as linear sums over numbers, of which some are hidden.

    Hidden are at least 1, as zeros are shown; what is left of places or of other counts
    is not below 0.
    """

    def __init__(self, page: str) -> None:
        self.known: dict[Name, int] = {}
        self.hidden: set[Name] = set()
        self.rest: list[Name] = []
        self.sums: list[tuple[Name, list[Name]]] = []
        self.laws: list[tuple[dict[Name, int], int]] = []
        self.page, self.reader = page, Reader(page)
        self.totals()
        self.communities()
        self.kinds()
        self.facilities()
        self.owners()
        self.flows()
        self.days()

    def read(self, name: Name, text: str) -> None:
        if text.strip() == "•":
            self.hidden.add(name)
        else:
            self.known[name] = number(text.strip().lstrip("+"))

    def at_most(self, part: Name, whole: Name) -> None:
        rest = ("rest", *part, *whole)
        self.rest.append(rest)
        self.sums.append((whole, [part, rest]))

    def rows(self, table: str) -> Iterable[Mapping[str, str]]:
        if table not in self.reader.tables:
            return
        heads = [cell.strip() for cell in self.reader.tables[table][0]]
        for row in self.reader.body(table):
            yield dict(zip(heads, (cell.strip() for cell in row), strict=True))

    def totals(self) -> None:
        figures = re.findall(
            r'<span class="big">([^<]*)</span><br><span class="note">(.*?)</dd>',
            self.page,
        )
        for big, note in figures:
            if found := re.search(r"([\d,]+|•) of ([\d,]+|•)", note):
                self.read(("served",), found[1])
                self.read(("demand",), found[2])
            elif found := re.search(r"([\d,]+|•) without sharing", note):
                self.read(("alone",), found[1])
            elif "of all given" in note:
                self.read(("borrowed",), big)
        reasons = re.findall(r"<li><b>([^<]*)</b>", self.page)
        # One reason alone stands in a sentence.
        reasons += re.findall(r"([\d,]+|•) of the places asked for", self.reader.text)
        for i, text in enumerate(reasons):
            self.read(("why", str(i)), text)
        self.rest.append(("unmet",))
        self.sums.append((("demand",), [("served",), ("unmet",)]))
        self.sums.append((("unmet",), [("why", str(i)) for i in range(len(reasons))]))

    def communities(self) -> None:
        heads = {"Asked": "demand", "Given": "served", "Not given": "unmet"}
        heads |= {"Own only": "alone", "Borrowed": "borrowed", "Lent": "lent"}
        ids = []
        for row in self.rows("communities"):
            one = row["Community"]
            ids.append(one)
            for head, name in heads.items():
                if head in row:
                    self.read((name, one), row[head])
            self.sums.append((("demand", one), [("served", one), ("unmet", one)]))
            self.at_most(("borrowed", one), ("served", one))
            if "Own only" in row:
                self.at_most(("alone", one), ("demand", one))
        for name in ("demand", "served", "borrowed", "alone", "unmet"):
            if (name, ids[0]) in self.known.keys() | self.hidden:
                if (name,) not in self.known.keys() | self.hidden | {*self.rest}:
                    continue
                self.sums.append(((name,), [(name, one) for one in ids]))
        self.sums.append((("borrowed",), [("lent", one) for one in ids]))

    def kinds(self) -> None:
        ids = []
        for row in self.rows("kinds"):
            one = row["Service"]
            ids.append(one)
            for head, name in (("Asked", "demand"), ("Given", "served")):
                self.read((f"{name} of", one), row[head])
            self.read(("unmet of", one), row["Not given"])
            parts: list[Name] = [("served of", one), ("unmet of", one)]
            self.sums.append((("demand of", one), parts))
        for name in ("demand", "served", "unmet"):
            self.sums.append(((name,), [(f"{name} of", one) for one in ids]))

    def facilities(self) -> None:
        at: dict[str, list[str]] = {}
        self.owned: dict[str, list[str]] = {}
        for row in self.rows("facilities"):
            one = row["Facility"]
            at.setdefault(row["Community"], []).append(one)
            self.owned.setdefault(row.get("Provider", ""), []).append(one)
            self.read(("places", one), row["Places"])
            self.read(("given", one), row["Given"])
            self.read(("lent at", one), row["Lent"])
            self.at_most(("given", one), ("places", one))
            self.rest.append(("kept", one))
            self.sums.append((("given", one), [("lent at", one), ("kept", one)]))
        every = [one for names in at.values() for one in names]
        self.sums.append((("served",), [("given", one) for one in every]))
        for row in self.rows("communities"):
            one, names = row["Community"], at.get(row["Community"], [])
            self.sums.append((("lent", one), [("lent at", name) for name in names]))
            kept: list[Name] = [("kept", name) for name in names]
            self.sums.append((("served", one), [("borrowed", one), *kept]))
            if ("alone", one) in self.known.keys() | self.hidden:
                room = ("own places", one)
                self.rest.append(room)
                self.sums.append((room, [("places", name) for name in names]))
                self.at_most(("alone", one), room)

    def owners(self) -> None:
        for row in self.rows("owners"):
            owner = row["Provider"]
            self.read(("given by", owner), row["Given"])
            self.read(("lent by", owner), row["Lent"])
            own = self.owned.get(owner, [])
            for name in ("given", "lent"):
                parts: list[Name] = [
                    (f"{name} at" if name == "lent" else name, x) for x in own
                ]
                self.sums.append(((f"{name} by", owner), parts))

    def flows(self) -> None:
        by_host: dict[str, list[Name]] = {}
        by_home: dict[str, list[Name]] = {}
        for row in self.rows("flows"):
            name = "flow", row["Lender"], row["Borrower"]
            self.read(name, row["Places"])
            by_host.setdefault(row["Lender"], []).append(name)
            by_home.setdefault(row["Borrower"], []).append(name)
        for row in self.rows("communities"):
            one = row["Community"]
            self.sums.append((("lent", one), by_host.get(one, [])))
            self.sums.append((("borrowed", one), by_home.get(one, [])))

    def days(self) -> None:
        used: list[Name] = []
        for row in self.reader.elements:
            tag, attributes = row
            title = attributes.get("title") or ""
            if tag != "td" or not title or " in use" in title:  # hours, not days
                continue
            name = "day", str(len(used))
            used.append(name)
            found = re.match(r"\S+: ([\d,]+|•) of ([\d,]+|•) places", title)
            if found:
                self.read(name, found[1])
                self.read(("room", *name), found[2])
                self.at_most(name, ("room", *name))
            else:
                self.read(name, "•")
        untimed = ("untimed",)
        found = re.search(r"([\d,]+|•) places have no time", self.reader.text)
        self.read(untimed, found[1] if found else "0")
        if used:
            self.sums.append((("served",), [*used, untimed]))

    def hear(self, rule: Any, groups: Iterable[str]) -> None:
        """Take in a rule of the policy, which stands on the page."""
        family = "served" if rule.measure == "fill_rate" else str(rule.measure)
        keys: list[Name] = [(family, one) for one in groups]
        if rule.by == "facility":
            keys = [("lent at", one) for one in groups]
        elif rule.by is None:
            keys = [(family,)]
        for i, key in enumerate(keys):
            over, under, bound = 1, 0, rule.bound
            if bound == "alone":
                under, bound = 1, 0
                other: Name = ("alone", *key[1:])
            elif rule.measure == "fill_rate":
                over, under, bound = bound.denominator, bound.numerator, 0
                other = ("demand", *key[1:])
            else:
                other = key
            rest = ("rest", "rule", str(i))
            self.rest.append(rest)
            factors = {other: -under}
            factors[key] = factors.get(key, 0) + over
            factors[rest] = 1 if rule.op == "at_most" else -1
            self.laws.append((factors, int(bound)))

    # What follows

    def system(self, unknown: list[Name]) -> tuple[Any, Any]:
        """Return what sums say of unknown numbers, as a matrix and a right side."""
        at = {name: i for i, name in enumerate(unknown)}
        row, column, sign = [], [], []
        laws = [({whole: -1, **dict.fromkeys(p, 1)}, 0) for whole, p in self.sums]
        laws += self.laws
        right = np.array([bound for _, bound in laws], float)
        for i, (factors, _) in enumerate(laws):
            for name, by in factors.items():
                if name in at:
                    row.append(i)
                    column.append(at[name])
                    sign.append(by)
                else:
                    right[i] -= by * self.known[name]
        shape = len(right), len(unknown)
        return csr_array((sign, (row, column)), shape=shape), right

    def fixed(self) -> tuple[list[Name], list[Name]]:
        """Return hidden numbers with one value, and those with one whole value."""
        unknown = [*sorted(self.hidden), *dict.fromkeys(self.rest)]
        unknown = [name for name in unknown if name not in self.known]
        at = {name: i for i, name in enumerate(unknown)}
        matrix, right = self.system(unknown)
        least = [1 if name in self.hidden else 0 for name in unknown]
        bounds = [(low, None) for low in least]

        def point(cost: Any) -> Any:
            done = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds)
            if done.status == 3:  # as large as you like
                capped = [(low, 10**6) for low in least]
                done = linprog(cost, A_eq=matrix, b_eq=right, bounds=capped)
            assert done.status == 0, done.message
            return done.x

        rng = np.random.default_rng(1)
        low = high = point(np.zeros(len(unknown)))
        for _ in range(12):
            x = point(rng.normal(size=len(unknown)))
            low, high = np.minimum(low, x), np.maximum(high, x)
        for name in sorted(self.hidden):
            if high[at[name]] - low[at[name]] < 1:
                cost = np.zeros(len(unknown))
                for way in (1, -1):
                    cost[at[name]] = way
                    x = point(cost)
                    low, high = np.minimum(low, x), np.maximum(high, x)
        tiny = 1e-6
        one = [x for x in self.hidden if high[at[x]] - low[at[x]] < tiny]
        whole = [
            x
            for x in self.hidden
            if np.floor(high[at[x]] + tiny) - np.ceil(low[at[x]] - tiny) < 1
        ]
        return one, whole


@pytest.mark.parametrize(
    ("communities", "below", "seed"),
    [(4, 5, 0), (5, 5, 1), (8, 3, 2), (12, 5, 3), (12, 10, 4), (40, 5, 5)],
)
def test_no_hidden_count_follows_from_the_page(communities: int, below: int, seed: int):
    instance = make_instance(
        communities=communities,
        needs=12 * communities,
        slots=5 * communities,
        seed=seed,
    )
    page = html_report(instance, sm.solve(instance), suppress_below=below)
    attacker = Attacker(page)
    assert len(attacker.hidden) > communities
    assert attacker.fixed() == ([], [])


def test_no_hidden_count_follows_in_any_of_many_towns():
    count = 0
    for seed in range(PAGES):
        rng = random.Random(seed)
        size = rng.choice([1, 2, 3, 5, 9, 15, 25])
        instance = make_instance(
            communities=size,
            needs=size * rng.choice([3, 8, 15]) + 2,
            slots=size * rng.choice([2, 6]) + 1,
            seed=seed,
            scarcity=rng.choice([0.4, 0.8, 1.2]),
        )
        page = html_report(
            instance, sm.solve(instance), suppress_below=3 + 2 * (seed % 4)
        )
        attacker = Attacker(page)
        assert attacker.fixed() == ([], []), seed
        count += len(attacker.hidden)
    print(f"{count:,} hidden counts on {PAGES} pages")  # noqa: T201
    assert count > 10 * PAGES


def test_what_is_borrowed_on_the_only_day_is_what_is_saved():
    instance = town(
        communities=[sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id="mon",
                facility="hall",
                kinds=["health"],
                capacity=40,
                start="2026-03-02T10:00",
                end="2026-03-02T12:00",
            )
        ],
        needs=[
            sm.Need(id=c, community=c, kind="health", quantity=quantity)
            for c, quantity in (("tianfeng", 20), ("lianqiao", 9), ("junmiao", 2))
        ],
    )
    result = sm.solve(instance)
    facts = gather(instance, result, suppress_below=5)
    assert facts.counts.values["saved",] == facts.counts.values["borrowed",] == 11
    shown = [facts.counts.shown(name) for name in ("borrowed", "saved")]
    assert shown in ([11, 11], [None, None])


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        (sm.AtMost("served", 3, by="community"), 90),
        (sm.AtLeast("served", 3, by="community"), 9),
        (sm.AtMost("unmet", 3, by="community"), 9),
        (sm.AtLeast("unmet", 3, by="community"), 90),
        (sm.AtLeast("fill_rate", "1/2", by="community"), 9),
        (sm.AtMost("fill_rate", "1/2", by="community"), 90),
        (sm.AtLeast("fill_rate", "alone", by="community"), 9),
        (sm.AtMost("lent", 3, by="facility"), 9),
        (sm.AtMost("borrowed", 6), 90),
    ],
)
def test_rules_on_the_page_give_nothing_away(rule: Any, places: int):
    """Three each: with six or nine of all shown, a rule would leave nothing open."""
    names = ("tianfeng", "lianqiao", "junmiao")
    instance = town(
        communities=[sm.Community(id=c) for c in names],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["health"], capacity=places)],
        needs=[sm.Need(id=c, community=c, kind="health", quantity=6) for c in names],
    )
    result = sm.solve(instance, sm.Policy(rules=[rule], goals=[sm.Maximize("served")]))
    assert result.status == "optimal"
    attacker = Attacker(html_report(instance, result, suppress_below=5))
    attacker.hear(rule, ["hall"] if rule.by == "facility" else names)
    assert attacker.fixed() == ([], [])


def test_the_value_of_a_goal_for_few_people_is_withheld():
    instance = town(
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=9),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=9),
            sm.Need(
                id="few",
                community="tianfeng",
                kind="health",
                quantity=3,
                groups={"disabled"},
            ),
        ]
    )
    policy = sm.Policy(
        goals=[
            sm.Maximize("served", where={"group": "disabled"}),
            sm.Leximin("served", by="need"),
            sm.Maximize("served"),
        ]
    )
    result = sm.solve(instance, policy)
    reached = [
        column(Reader(page), "goals", "Reached")
        for page in (
            html_report(instance, result),
            html_report(instance, result, suppress_below=5),
        )
    ]
    assert reached == [
        ["3", "lowest 3, highest 9", "21"],
        ["withheld", "withheld", "21"],
    ]


def test_the_records_cannot_be_guessed_at():
    instance = make_instance(communities=5, needs=40, slots=20)
    result = sm.solve(instance)
    digest = encode(instance).digest
    assert digest in html_report(instance, result)
    assert digest not in html_report(instance, result, suppress_below=5)


def test_what_is_wrong_with_a_result_is_told_without_numbers():
    instance = town()
    document = sm.solve(instance).to_dict()
    document["measures"] = {**document["measures"], "served": 31}
    claimed = sm.Result.from_dict(document, instance)
    assert check_claims(instance, claimed)
    public = Reader(html_report(instance, claimed, suppress_below=5)).text
    assert "is claimed" not in public
    assert "These claims do not hold" in public


def test_income_tells_no_units_that_are_hidden():
    """Fees are public: two halls of one owner, each with its own."""
    instance = town(
        providers=[sm.Provider(id="host", sector="host")],
        communities=[sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao")],
        facilities=[
            sm.Facility(id=f, community="tianfeng", provider="host")
            for f in ("hall", "court")
        ],
        slots=[
            sm.Slot(id=f, facility=f, kinds=["health"], capacity=places, fee=fee)
            for f, places, fee in (("hall", 3, "2.00"), ("court", 8, "3.50"))
        ],
        needs=[
            sm.Need(id=c, community=c, kind="health", quantity=quantity)
            for c, quantity in (("lianqiao", 6), ("junmiao", 5))
        ],
    )
    result = sm.solve(instance)
    assert result.value("fees") == 34
    assert "34.00" in Reader(html_report(instance, result)).text
    public = Reader(html_report(instance, result, suppress_below=5))
    assert "34.00" not in public.text
    assert Attacker(html_report(instance, result, suppress_below=5)).fixed() == ([], [])
