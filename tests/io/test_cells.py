"""Tables as others read them: no cell is a formula, no line break ends a row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharematch.batch.summary import csv_line
from sharematch.model.cells import csv_row, guarded, unguarded

TEXTS = st.text(st.sampled_from("=+-@＝;'\t\r\n \",a1.\u00a0"), max_size=8)


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_cells_come_back_and_none_begins_like_a_formula(cells: list[str]):
    row = csv_row(cells)
    # Read as strictly and as loosely as readers do: a lone CR may end a row.
    for text in (f"{row}\n", f"{row}\r\n", f"{row}\r"):
        (found,) = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert [unguarded(cell) for cell in found] == cells
        for cell in found:
            for part in cell.split(";"):
                if part[:1] in {"\t", "\r", "\n"} or part.lstrip()[:1] in {*"=@＝"}:
                    raise AssertionError((cells, row))


@pytest.mark.parametrize("lead", ["\t", "\r", "\n", " ", "\t \r"])
def test_what_cannot_be_seen_before_a_formula_is_guarded(lead: str):
    assert guarded(f"{lead}=1+1") == f"'{lead}=1+1"
    assert unguarded(guarded(f"{lead}=1+1")) == f"{lead}=1+1"
    assert csv_line(["name", f"{lead}=1+1"]).startswith(("name,'", "name,\"'"))
