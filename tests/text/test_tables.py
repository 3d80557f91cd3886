"""A table is shown the same way everywhere: as text, in notebooks, as dataframe."""

from decimal import Decimal
from fractions import Fraction

import sharematch as sm
from sharematch.register import register
from sharematch.text.tables import MOST_ROWS, Table, Value

ROWS: list[dict[str, Value]] = [
    {"id": "天封", "served": 2, "rate": Fraction(1, 2), "fees": Decimal("3.00")},
    {"id": "<b>", "served": 10, "rate": None, "fees": Decimal("0.00")},
]


def test_text_has_chinese_signs_two_cells_wide():
    assert str(Table(ROWS)).splitlines() == [
        "id    served  rate  fees",
        "天封       2   50%  3.00",
        "<b>       10     -  0.00",
    ]


def test_repr_is_one_honest_line():
    assert repr(Table(ROWS)) == "<Table 2 rows: id, served, rate, fees>"
    assert repr(Table([])) == "<Table 0 rows: >"
    assert str(Table([])) == "(empty)"


def test_notebooks_get_html_with_everything_escaped():
    html = Table(ROWS)._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert '<td style="text-align:right">50%</td>' in html
    assert '<th style="text-align:left">id</th>' in html


def test_notebooks_get_the_first_rows_of_a_long_table():
    html = Table([{"n": i} for i in range(MOST_ROWS + 5)])._repr_html_()
    assert html.count("<tr>") == MOST_ROWS + 1
    assert "and 5 more rows" in html


def test_results_and_registers_have_tables_in_notebooks():
    town = sm.Instance(
        communities=[sm.Community(id="<b>")],
        facilities=[sm.Facility(id="hall", community="<b>")],
        slots=[sm.Slot(id="s", facility="hall", kinds=["culture"], capacity=2)],
        needs=[sm.Need(id="n", community="<b>", kind="culture", quantity=3)],
    )
    result = sm.solve(town)
    for shown in (result._repr_html_(), register(town)._repr_html_()):
        assert "<table>" in shown
        assert "&lt;b&gt;" in shown
        assert "<b>" not in shown
    assert "leximin" in result._repr_html_()
    assert "\n" not in repr(result)
    read = sm.Result.from_dict(result.to_dict())
    assert read._repr_html_() == result._repr_html_()
