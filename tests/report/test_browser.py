"""The page in a real browser: no errors, sorting, search, languages, width, axe-core.

Skipped where there is no chromium, or no playwright to drive it.
"""

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch.generate import make_instance
from sharematch.report import html_report, write_report
from tests.report.conftest import Case
from tests.services import own_browser

CHROMIUM = os.environ.get("SHAREMATCH_CHROMIUM") or own_browser()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium to open the page in"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright, of the extra dev, drives the browser"
    )
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def crowd() -> Case:
    """A district of many communities that stand close together."""
    district = make_instance(communities=60, needs=300, slots=120, seed=3)
    return district, sm.solve(district)


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory,
    old_town: Case,
    hostile: Case,
    booked: Case,
    crowd: Case,
) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write_report(*old_town, folder / "old_town.html")
    write_report(*old_town, folder / "small.html", suppress_below=5, lang="zh")
    write_report(*hostile, folder / "hostile.html")
    write_report(*booked, folder / "halls.html")
    write_report(*crowd, folder / "crowd.html")
    return folder


class Opened:
    """A page in the browser, with everything it complained of or asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        viewport = {"width": options.pop("width", 1280), "height": 900}
        self.context = browser.new_context(viewport=viewport, **options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def column(self, table: str, number: int) -> list[str]:
        cells = f"#{table} tbody tr:not([hidden]) td:nth-child({number})"
        return [text.strip() for text in self.page.locator(cells).all_inner_texts()]

    def axe(self) -> list[str]:
        axe = pytest.importorskip(
            "axe_playwright_python.sync_playwright",
            reason="axe-core is of the extra dev",
        )
        found = axe.Axe().run(self.page).response["violations"]
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]


@pytest.fixture
def opened(browser: Any, pages: Path) -> Iterator[Any]:
    made: list[Opened] = []

    def opened(name: str = "old_town", **options: Any) -> Opened:
        made.append(Opened(browser, pages / f"{name}.html", **options))
        return made[-1]

    yield opened
    for each in made:
        each.context.close()


@pytest.mark.parametrize("name", ["old_town", "small", "hostile", "halls", "crowd"])
def test_it_opens_without_a_complaint_or_a_request(opened: Any, name: str):
    here = opened(name)
    assert here.complaints == []
    assert [
        url for url in here.requests if not url.startswith(("file:", "data:"))
    ] == []


def test_tables_sort_by_number_and_by_name(opened: Any):
    here = opened()
    names = here.column("communities", 1)
    asked = [int(cell.replace(",", "")) for cell in here.column("communities", 2)]
    heading = here.page.locator("#communities th").nth(1)
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    order = sorted(range(len(asked)), key=lambda i: -asked[i])
    assert here.column("communities", 1) == [names[i] for i in order]
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert here.column("communities", 1) == [names[i] for i in reversed(order)]
    here.page.locator("#communities th button").first.click()
    assert here.column("communities", 1) == sorted(names)
    assert heading.get_attribute("aria-sort") is None
    # +4 before +51 before +337: as numbers, not as text
    here.page.locator("#communities th", has_text="Gain").locator("button").click()
    gains = [int(cell.replace("–", "-")) for cell in here.column("communities", 8)]
    assert gains == sorted(gains, reverse=True)


def test_search_filters_and_counts(opened: Any):
    here = opened()
    here.page.fill("#facilities-search", "LAKESIDE-c")
    assert here.column("facilities", 1) == ["lakeside-center", "lakeside-clinic"]
    assert here.page.inner_text("#facilities-count") == "2"
    assert here.page.locator("#communities tbody tr:not([hidden])").count() == 8
    here.page.fill("#facilities-search", "")
    assert here.page.inner_text("#facilities-count") == "26"


def test_the_language_switches_and_back(opened: Any):
    here = opened()
    before = here.page.inner_text("body")
    assert "Who is served" in before
    here.page.click("[data-speak=zh]")
    assert here.page.get_attribute("html", "lang") == "zh-Hans"
    chinese = here.page.inner_text("body")
    assert "谁得到了服务" in chinese
    for word in ("Who is served", "Search", "rows", "every place"):
        assert word not in chinese
    label = here.page.get_attribute("svg.map", "aria-label")
    assert "社区" in label
    assert here.page.get_attribute("[data-speak=zh]", "aria-pressed") == "true"
    here.page.click("[data-speak=en]")
    assert here.page.inner_text("body") == before
    assert here.complaints == []


def test_light_and_dark(opened: Any):
    def paper(here: Opened) -> str:
        return str(
            here.page.evaluate("getComputedStyle(document.body).backgroundColor")
        )

    light, dark = opened(color_scheme="light"), opened(color_scheme="dark")
    bright, dim = paper(light), paper(dark)
    assert bright != dim
    light.page.click("#theme")
    dark.page.click("#theme")
    assert (paper(light), paper(dark)) == (dim, bright)


@pytest.mark.parametrize("name", ["old_town", "small", "hostile", "halls", "crowd"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_overflows_a_narrow_screen(opened: Any, name: str, lang: str):
    here = opened(name, width=375)
    here.page.click(f"[data-speak={lang}]")
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize(
    ("name", "scheme", "lang", "width"),
    [
        ("old_town", "light", "en", 1280),
        ("old_town", "dark", "zh", 1280),
        ("old_town", "light", "zh", 375),
        ("old_town", "dark", "en", 375),
        ("small", "light", "zh", 1280),
        ("halls", "light", "en", 1280),
        ("halls", "dark", "zh", 375),
        ("crowd", "light", "zh", 375),
        ("crowd", "dark", "zh", 1280),
        ("crowd", "light", "en", 1280),
        ("hostile", "light", "zh", 1280),
    ],
)
def test_contrast_and_labels_pass_axe(
    opened: Any, name: str, scheme: str, lang: str, width: int
):
    here = opened(name, color_scheme=scheme, width=width)
    here.page.click(f"[data-speak={lang}]")
    assert here.axe() == []


def test_axe_sees_what_is_wrong(opened: Any):
    here = opened()
    here.page.evaluate("document.body.style.color = '#bbb'")
    here.page.evaluate("document.getElementById('theme').textContent = ''")
    found = " ".join(here.axe())
    assert "button-name" in found
    assert "color-contrast" in found


def test_hostile_names_run_nothing(opened: Any):
    here = opened("hostile")
    here.page.click("[data-speak=zh]")
    here.page.click("[data-speak=en]")
    here.page.locator("#communities th button").first.click()
    here.page.fill("#communities-search", "<script>")
    assert here.page.locator("#communities tbody tr:not([hidden])").count() == 1
    assert here.page.locator("img, body > b, script").count() == 1
    assert here.complaints == []


def test_it_prints_light_and_without_controls(opened: Any):
    here = opened(color_scheme="dark")
    here.page.emulate_media(media="print")
    background = here.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
    assert not here.page.locator(".controls").is_visible()
    assert not here.page.locator(".finder").first.is_visible()
    assert here.page.pdf().startswith(b"%PDF")


def test_it_reads_without_scripts(browser: Any, old_town: Case, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(html_report(*old_town, lang="zh"), encoding="utf-8")
    here = Opened(browser, path, java_script_enabled=False)
    assert here.page.locator("h2").first.inner_text() == "规则说明"
    here.context.close()


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_bookings_of_the_week_can_be_read(opened: Any, width: int, media: str):
    here = opened("halls", width=width)
    here.page.emulate_media(media=media)
    blocks = here.page.locator("#week_plan li")
    assert blocks.count() == 5
    assert not [
        block.inner_text()
        for block in blocks.all()
        if block.evaluate("e => e.scrollHeight > e.clientHeight + 1")
        or block.evaluate("e => e.scrollWidth > e.clientWidth + 1")
    ]
    boxes = [block.bounding_box() for block in blocks.all()]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            beside = one["x"] + one["width"] <= other["x"] + 1
            beside |= other["x"] + other["width"] <= one["x"] + 1
            below = one["y"] + one["height"] <= other["y"] + 1
            assert beside or below or other["y"] + other["height"] <= one["y"] + 1


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", ["old_town", "crowd"])
def test_names_on_the_map_cover_no_other(opened: Any, name: str, width: int):
    here = opened(name, width=width)
    boxes = here.page.evaluate(
        """[...document.querySelectorAll("svg.map text")]
        .filter((text) => getComputedStyle(text).display !== "none")
        .map((text) => text.getBoundingClientRect())
        .map((box) => [box.left, box.top, box.right, box.bottom])"""
    )
    assert len(boxes) >= 8
    for one, other in combinations(boxes, 2):
        beside = one[2] <= other[0] + 1 or other[2] <= one[0] + 1
        # The box of a line is higher than its letters.
        below = one[3] <= other[1] + 4 or other[3] <= one[1] + 4
        assert beside or below


@pytest.mark.parametrize("width", [375, 1280])
def test_circles_of_the_legend_are_as_large_as_those_of_the_map(
    opened: Any, width: int
):
    here = opened("crowd", width=width)
    scale = "e => e.getBoundingClientRect().width / e.viewBox.baseVal.width"
    of_map = here.page.locator("svg.map").evaluate(scale)
    legend = here.page.locator(".legend svg")
    assert legend.count() >= 4
    for each in legend.all():
        assert each.evaluate(scale) == pytest.approx(of_map, rel=0.02)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_says_that_there_is_more_until_its_end(opened: Any, lang: str):
    here = opened("crowd", width=375)
    here.page.click(f"[data-speak={lang}]")
    block = here.page.locator(".block", has=here.page.locator("#communities"))
    rows, columns = block.locator(".more").all()
    assert rows.is_visible()
    assert columns.is_visible()
    scroll = "e => { e.scrollTop = e.scrollHeight; e.scrollLeft = e.scrollWidth; }"
    block.locator(".scroll").evaluate(scroll)
    rows.wait_for(state="hidden")
    columns.wait_for(state="hidden")
    first = block.locator("tbody td").first
    assert first.bounding_box()["x"] >= block.bounding_box()["x"] - 1  # stays in sight
    here.page.fill("#communities-search", "no such community")
    assert not rows.is_visible()


def test_on_paper_headings_repeat_and_figures_stand_in_a_row(opened: Any):
    here = opened("crowd", width=720)
    here.page.emulate_media(media="print")
    tops = {box.bounding_box()["y"] for box in here.page.locator(".figure").all()}
    assert len(tops) == 1

    def style(selector: str, name: str) -> set[str]:
        found = here.page.evaluate(
            """([selector, name]) => [...document.querySelectorAll(selector)]
            .map((e) => getComputedStyle(e).getPropertyValue(name))""",
            [selector, name],
        )
        assert found
        return set(found)

    assert style("thead", "display") == {"table-header-group"}
    assert style("thead", "break-after") == {"avoid"}
    # A button would be painted in the first of the repeated headings only.
    assert style(".sheet th button", "display") == {"contents"}
    assert style("h2, h3, .lead", "break-after") == {"avoid"}
    assert style(".map-box, tr, .spread", "break-inside") == {"avoid"}
    assert style(".scroll", "overflow-x") == {"visible"}
    for table in here.page.locator("table").all():
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 721
