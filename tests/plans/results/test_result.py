"""Results: values, tables, text and the document of the contract."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator

import sharematch as sm
from sharematch.errors import InputError
from sharematch.io import schema
from sharematch.text.tables import Table


@pytest.fixture(scope="module")
def town() -> sm.Instance:
    return sm.Instance(
        communities=[
            sm.Community(id="tianfeng", tags={"old"}),
            sm.Community(id="lianqiao"),
        ],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[
            sm.Slot(
                id="mon",
                facility="station",
                kinds=["health/check"],
                capacity=3,
                start="2026-01-05T10:00",
                end="2026-01-05T11:00",
                fee="2.50",
                unit_cost=4,
            )
        ],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
        ],
    )


@pytest.fixture(scope="module")
def result(town: sm.Instance) -> sm.Result:
    return sm.solve(town)


def test_values_have_the_type_of_their_unit(result: sm.Result):
    assert result.value("served") == 3
    assert result.value("fill_rate") == Fraction(1, 2)
    assert result.value("fees") == Decimal("7.50")
    assert result.value("subsidy") == Decimal("4.50")
    assert result.value("served", {"community": "lianqiao"}) == 1
    assert result.value("fill_rate", {"tags": "old"}) == Fraction(1, 2)
    with pytest.raises(InputError, match="is not a measure"):
        result.value("happiness")
    with pytest.raises(InputError, match="baseline"):
        result.value("moved")


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("community", {"id": "lianqiao", "demand": 2, "served": 1, "borrowed": 1}),
        ("kind", {"id": "health", "served": 3, "fill_rate": Fraction(1, 2)}),
        ("facility", {"id": "station", "used": 3, "lent": 1}),
        ("day", {"id": "2026-01-05", "utilization": Fraction(1)}),
        ("week", {"id": "2026-W02", "fees": Decimal("7.50")}),
        (("community", "kind"), {"id": "lianqiao | health", "served": 1}),
        (("community", "day"), {"id": "lianqiao | 2026-01-05", "served": 1}),
    ],
)
def test_tables_by_group(result: sm.Result, group: str, expected: dict[str, object]):
    first = result.by(group).rows[0]
    assert {key: first[key] for key in expected} == expected


def test_tables_go_into_dataframes_and_text(result: sm.Result):
    table = result.by("community")
    assert pl.DataFrame(table)["served"].to_list() == [1, 2]
    assert pd.DataFrame.from_arrow(table)["fill_rate"].tolist() == [0.5, 0.5]
    assert table.to_dict()["id"] == ["lianqiao", "tianfeng"]
    assert str(table).splitlines()[0].split()[:3] == ["id", "demand", "served"]
    assert repr(table).startswith("<Table 2 rows")
    assert str(Table([])) == "(empty)"


def test_document_is_that_of_the_contract(town: sm.Instance, result: sm.Result):
    document = result.to_dict()
    Draft202012Validator(schema("result")).validate(document)
    assert document["status"] == "optimal"
    assert document["structure"] == "network"
    assert document["goals"][0] == {
        "op": "leximin",
        "measure": "fill_rate",
        "by": "community",
        "value": ["1/2", "1/2"],
        "bound": ["1/2", "1/2"],
        "gap": "0/1",
    }
    assert document["measures"]["fees"] == "7.50"
    assert document["by"]["community"][0]["fill_rate"] == "1/2"
    assert document["assignments"] == [
        {"slot": "mon", "need": "l", "quantity": 1},
        {"slot": "mon", "need": "t", "quantity": 2},
    ]
    assert document["unmet"] == [
        {"need": "l", "quantity": 1, "reason": "full"},
        {"need": "t", "quantity": 2, "reason": "full"},
    ]
    assert document["conflict"] is None
    assert document["provenance"]["seed"] == 0
    assert document["provenance"]["instance"].startswith("sha256:")
    assert "worst-off" in document["provenance"]["text"]
    assert not document.keys() & {"timings", "seconds"}
    infeasible = sm.solve(town, sm.Policy(rules=[sm.AtLeast("served", 9)]))
    Draft202012Validator(schema("result")).validate(infeasible.to_dict())
    assert infeasible.to_dict()["conflict"][0]["rule"] == 1
    assert "Cannot hold together" in str(infeasible)


def test_text_is_honest(result: sm.Result):
    assert repr(result) == "<Result optimal, served 3, 2 assignments>"
    assert "leximin fill_rate by community: (1/2, 1/2)" in str(result)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"status": "great"},
        {"goals": [{"op": "maximize"}]},
        {"assignments": [{"slot": "mon", "need": "t", "quantity": -1}]},
        {"assignments": 7},
        {"policy": {"goals": "all"}},
    ],
)
def test_documents_that_are_no_results(result: sm.Result, change: dict[str, object]):
    with pytest.raises(InputError):
        sm.Result.from_dict({**result.to_dict(), **change})


def test_a_document_needs_its_instance_for_more(town: sm.Instance, result: sm.Result):
    read = sm.Result.from_dict(result.to_dict())
    with pytest.raises(InputError, match="needs the instance"):
        read.by("week")
    with pytest.raises(InputError, match="needs the instance"):
        read.value("served", {"kind": "health"})
    changed = {
        **result.to_dict(),
        "assignments": [{"slot": "x", "need": "t", "quantity": 1}],
    }
    with pytest.raises(InputError, match="x is not in the instance"):
        sm.Result.from_dict(changed, town)


def test_a_goal_that_was_not_solved_for_has_a_value():
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[sm.Slot(id="s", facility="f", kinds=["h"], capacity=3, fee="1.50")],
        needs=[sm.Need(id="n", community="a", kind="h", quantity=4)],
    )
    result = sm.solve(town)
    assert result.goal_value(sm.Minimize("fees")) == Decimal("4.50")
    assert result.goal_value(sm.Leximax("fees", by="community")) == (Fraction(9, 2),)
    assert result.goal_value(sm.Maximize("served", where={"kind": "h"})) == 3
    with pytest.raises(InputError, match="b is not in the instance"):
        result.goal_value(sm.Maximize("served", where={"community": "b"}))
    with pytest.raises(InputError, match="moved needs a baseline"):
        result.goal_value(sm.Minimize("moved"))
    read = sm.Result.from_dict(result.to_dict())
    with pytest.raises(InputError, match="needs a plan and its instance"):
        read.goal_value(sm.Maximize("served"))


def test_a_plan_goes_out_by_arrow():
    plan = sm.Allocation([("s", "n", 2), ("s", "m", 10**12)])
    table = pa.table(plan)
    assert table.to_pydict() == {
        "slot": ["s", "s"],
        "need": ["m", "n"],
        "quantity": [10**12, 2],
    }
    empty = pa.table(sm.Allocation())
    assert empty.schema == table.schema
    assert empty.num_rows == 0
