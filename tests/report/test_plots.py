"""Figures show the numbers of results, on their own axes, and leave no state behind."""

import re
import sys
from typing import Any

import pytest
from matplotlib.figure import Figure

import sharematch as sm
from sharematch import plots
from sharematch.comparison import frontier
from sharematch.errors import InputError
from sharematch.report import plots as drawing


@pytest.fixture(scope="module")
def town() -> sm.Instance:
    town: sm.Instance = sm.scenario.old_town()
    return town


@pytest.fixture(scope="module")
def alone(town: sm.Instance) -> sm.Result:
    return sm.solve(town, sm.Policy.own_only())


@pytest.fixture(scope="module")
def fair(town: sm.Instance) -> sm.Result:
    return sm.solve(town)


def test_fill_rates_before_and_after(fair: sm.Result, alone: sm.Result):
    ax: Any = plots.fill_rates(fair, alone)
    names = [label.get_text() for label in ax.get_yticklabels()]
    widths = [patch.get_width() for patch in ax.patches]
    for result, shown in ((fair, widths[:8]), (alone, widths[8:])):
        rates = {str(r["id"]): float(r["fill_rate"]) for r in result.by("community")}  # type: ignore[arg-type]
        assert dict(zip(names, shown, strict=True)) == pytest.approx(rates)
    assert names[0] == "lianqiao"
    heights = [patch.get_y() for patch in ax.patches[:8]]
    assert heights == sorted(heights, reverse=True)


def test_lorenz_curve_bends_below_the_diagonal(fair: sm.Result, alone: sm.Result):
    ax: Any = plots.lorenz_curve(alone, fair)
    diagonal, *curves = ax.lines
    assert list(diagonal.get_xdata()) == [0, 1]
    for line in curves:
        x, y = (list(map(float, part)) for part in line.get_data())
        assert (x[0], y[0], x[-1], y[-1]) == pytest.approx((0, 0, 1, 1))
        assert x == sorted(x)
        assert all(b <= a + 1e-12 for a, b in zip(x, y, strict=True))
    below = [sum(line.get_ydata()) - sum(line.get_xdata()) for line in curves]
    assert below[0] < below[1] <= 0


def test_lending_matrix_has_every_unit(town: sm.Instance, fair: sm.Result):
    ax: Any = plots.lending_matrix(town, fair)
    (image,) = ax.images
    table: Any = image.get_array()
    assert table.sum() == fair.value("served")
    assert table.sum() - table.trace() == fair.value("lent")
    assert len(ax.texts) == (table > 0).sum()


def test_frontier_has_a_point_for_each_plan(town: sm.Instance):
    steps = frontier(town, points=3)
    ax: Any = plots.frontier(steps)
    (line,) = ax.lines
    assert list(line.get_xdata()) == [float(point.spent) for point in steps.points]
    assert list(line.get_ydata()) == [float(point.rates[0]) for point in steps.points]
    assert ax.get_xlabel() == "travel"


def test_figures_speak_the_language_asked_for(
    town: sm.Instance, fair: sm.Result, alone: sm.Result
):
    drawn: list[Any] = [
        plots.fill_rates(fair, alone, lang="zh"),
        plots.lorenz_curve(alone, fair, lang="zh"),
        plots.lending_matrix(town, fair, lang="zh"),
        plots.frontier(frontier(town, points=2), lang="zh"),
    ]
    for ax in drawn:
        legend = ax.get_legend()
        said = [ax.get_xlabel(), ax.get_ylabel()]
        said += [text.get_text() for text in legend.get_texts()] if legend else []
        assert not [text for text in said if re.search("[A-Za-z]", text)]
    assert drawn[0].get_xlabel() == "满足率"
    assert drawn[3].get_ylabel() == "满足率最低社区的满足率"
    own = [text.get_text() for text in drawn[1].get_legend().get_texts()]
    assert own == ["仅用自有名额", "公平"]
    with pytest.raises(InputError, match="lang 'fr': must be en or zh"):
        plots.lorenz_curve(fair, lang="fr")


def test_a_font_with_chinese_characters_stands_behind_the_usual_one(
    fair: sm.Result, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drawing, "CHINESE", ("No Such Font", "DejaVu Serif"))
    ax: Any = plots.fill_rates(fair, lang="zh")
    for text in (ax.xaxis.label, *ax.get_yticklabels()):
        assert text.get_fontfamily() == ["sans-serif", "DejaVu Serif"]
    again: Any = plots.fill_rates(fair, ax=ax)
    assert again.xaxis.label.get_fontfamily() == ["sans-serif", "DejaVu Serif"]


def test_axes_that_are_given_are_drawn_on(fair: sm.Result):
    figure = Figure()
    ax = figure.add_subplot()
    assert plots.fill_rates(fair, ax=ax) is ax
    assert plots.lorenz_curve(fair, names=["fair"], ax=ax) is ax


def test_no_state_is_left(fair: sm.Result, town: sm.Instance):
    plots.fill_rates(fair)
    plots.lending_matrix(town, fair)
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_a_figure_can_be_written(fair: sm.Result, tmp_path: Any):
    figure = plots.fill_rates(fair).get_figure()
    assert isinstance(figure, Figure)
    figure.savefig(tmp_path / "rates.png")
    assert (tmp_path / "rates.png").stat().st_size > 5_000


def test_nothing_to_draw_is_an_error(fair: sm.Result):
    empty = sm.solve(sm.Instance())
    with pytest.raises(InputError, match="no community asks for anything"):
        plots.fill_rates(empty)
    with pytest.raises(InputError, match="no result"):
        plots.lorenz_curve()
    other = sm.solve(
        sm.Instance(
            communities=[sm.Community(id="elsewhere")],
            needs=[sm.Need(id="n", community="elsewhere", kind="health")],
        )
    )
    with pytest.raises(InputError, match="different instances"):
        plots.fill_rates(fair, other)
