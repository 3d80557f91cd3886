"""Arguments of public functions: one order, named types, signatures, examples."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.comparison import Frontier
from sharematch.model.arguments import typed
from sharematch.plans.results.given import with_instance
from sharematch.text.tables import Table

MODULES = ["", *sorted(sm._MODULES), "advice", "claims", "explanation", "lots"]


def public() -> Iterator[tuple[str, Any]]:
    """Yield each public class and function once, under its full name."""
    seen = set()
    for module in MODULES:
        name = f"sharematch.{module}".rstrip(".")
        for each in import_module(name).__all__:
            value = getattr(import_module(name), each)
            is_code = inspect.isfunction(value) or inspect.isclass(value)
            if is_code and value not in seen:
                seen.add(value)
                yield f"{name}.{each}", value


PUBLIC = dict(public())
FUNCTIONS = {name: each for name, each in PUBLIC.items() if inspect.isfunction(each)}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_an_example(name: str):
    assert ">>> " in (inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", PUBLIC)
def test_signatures_show_no_private_names(name: str):
    try:
        shown = inspect.signature(PUBLIC[name])
    except ValueError:  # of an exception
        return
    for parameter in shown.parameters.values():
        assert not parameter.name.startswith("_")
        shown_type = str(parameter.annotation)
        assert not re.search(r"Validator|<function|sharematch\S*\._", shown_type)


# ── wrong types ──────────────────────────────────────────────────────────────────────


class Odd:
    """Of no type that anything takes."""


@pytest.fixture(scope="module")
def town() -> sm.Instance:
    return sm.generate.make_instance(communities=2, needs=6, slots=3)


@pytest.fixture(scope="module")
def result(town: sm.Instance) -> sm.Result:
    return sm.solve(town)


@pytest.fixture(scope="module")
def right(town: sm.Instance, result: sm.Result) -> dict[str, Any]:
    """Return a value of the right type for each argument that has no default."""
    day = date(2026, 12, 7)
    plans = {"allocation": result.allocation, "plan": result.allocation}
    lists = ("spans", "offers", "closed", "answers", "before", "now", "vary", "rounds")
    return {
        **dict.fromkeys(lists, ()),
        **plans,
        "instance": town,
        "instances": [town],
        "result": result,
        "results": result,
        "previous": result,
        "today": result,
        "policy": sm.Policy.fair(),
        "points": Frontier("community", "travel", ()),
        "key": b"a key of the office",
        "seed": 0,
        "needs": ["n"],
        "drawn": {},
        "flow": {},
        "document": {},
        "coefficients": len,
        "graph": nx.Graph(),
        "cutting": sm.openings.Cutting(first=day, last=day),
        "horizon": (datetime(2026, 12, 7), datetime(2026, 12, 8)),
    }


def calls(
    function: Callable[..., Any], right: dict[str, Any], wrong: str
) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments of which one is odd and the others, if needed, are right."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    seeds = {"seed": "text"} if _wants_text(function, "seed") else {}
    values = {**right, **seeds}
    for name, parameter in inspect.signature(function).parameters.items():
        value = Odd() if name == wrong else values.get(name, "x")
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.append(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            continue
        elif name == wrong or parameter.default is parameter.empty:
            kwargs[name] = value
    return args, kwargs


def _wants_text(function: Callable[..., Any], name: str) -> bool:
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.annotation in (str, "str")


PLACES = [
    (name, parameter)
    for name, function in FUNCTIONS.items()
    for parameter, about in inspect.signature(function).parameters.items()
    if about.kind is not about.VAR_KEYWORD
]


@pytest.mark.parametrize(("name", "parameter"), PLACES)
def test_a_wrong_type_is_named(name: str, parameter: str, right: dict[str, Any]):
    args, kwargs = calls(FUNCTIONS[name], right, parameter)
    with pytest.raises(sm.InputError) as caught:
        FUNCTIONS[name](*args, **kwargs)
    assert parameter.rstrip("s") in str(caught.value)
    assert "Odd" in str(caught.value)


@typed
def several(
    number: float,
    names: list[str] | None = None,
    *more: int,
    share: Fraction | None = None,
    frame: "Frame | str" = "",  # type: ignore[name-defined]  # noqa: F821
) -> None:
    """Have arguments of several types."""


def test_what_will_do_as_well_is_taken():
    class Frame:
        pass

    anyhow: Any = several
    several(1)
    anyhow(Fraction(1, 2), ("a",))
    anyhow(1.5, {"a"}, 1, 2, share=0.5, frame=Frame())
    with pytest.raises(sm.InputError, match="more 2"):
        several(1, None, 1, "x")  # type: ignore[arg-type]
    with pytest.raises(sm.InputError, match='"names": str'):
        several(1, "abc")  # type: ignore[arg-type]
    with pytest.raises(sm.InputError, match="must be Frame or text"):
        several(1, frame=3)
    with pytest.raises(sm.InputError, match="must be a number"):
        several(True)


@given(st.integers() | st.floats() | st.text() | st.none() | st.booleans())
def test_what_the_signature_says_decides(value: object):
    try:
        several(value)  # type: ignore[arg-type]
    except sm.InputError:
        assert isinstance(value, (str, bool)) or value is None
    else:
        assert isinstance(value, (int, float))


# ── one order ────────────────────────────────────────────────────────────────────────


def test_an_instance_may_stand_before_its_result(town: sm.Instance, result: sm.Result):
    own = sm.solve(town, sm.Policy.own_only())
    need, plan = town.needs[0].id, result.allocation
    compare: Any = sm.compare  # by name it is known when run alone
    same: list[tuple[Any, Any]] = [
        (sm.explain(town, result, need=need), sm.explain(result, need=need)),
        (sm.advise(town, result), sm.advise(result)),
        (sm.compare(town, own, result), sm.compare(own, result)),
        (sm.compare(town, own, result), compare(own, result, instance=town)),
    ]
    for one, other in same:
        assert one.to_dict() == other.to_dict()
    gone = [sm.Decision(need=a.need, slot=a.slot, status="declined") for a in plan][:1]
    first, *others = (
        sm.season.resolve(town, result, gone),
        sm.season.resolve(result, gone, instance=town),
        sm.season.resolve(instance=town, previous=result, decisions=gone),
    )
    for other in others:
        assert other.result.to_dict() == first.result.to_dict()
    assert sm.season.what_if(town, result).path[0].moved == 0
    assert sm.season.carry(town, result, 0) == sm.season.carry(result, 0, instance=town)
    repeated: Any = sm.season.repeat
    by_name = repeated(plan=plan, last="2027-06-30", instance=town)
    assert repeated(town, plan, "2027-06-30") == by_name
    assert repeated(plan, "2027-06-30", instance=town) == by_name
    assert repeated(result, "2027-06-30") == repeated(town, result, "2027-06-30")
    counts = sm.season.counts_of(town, "2026", plan)
    assert counts == sm.season.counts_of("2026", town, plan)
    assert sm.season.past_of(town, [counts]) == sm.season.past_of([counts], None, town)
    assert len(sm.plots.fill_rates(town, result).get_yticklabels()) == 2


def test_a_result_may_stand_before_or_after_the_policy_of_a_flow(
    town: sm.Instance, result: sm.Result
):
    policy = sm.Policy.own_only()
    flow: Any = sm.graph.flow_network
    after = flow(town, policy, result)
    for other in (
        flow(town, result, policy),
        flow(town, policy=policy, result=result),
        flow(town, result, policy=policy),
    ):
        assert nx.utils.graphs_equal(after, other)
    assert nx.utils.graphs_equal(flow(town, result), flow(town, None, result))
    with pytest.raises(sm.InputError, match='"result": Policy: must be Result'):
        flow(town, policy, policy)


def test_a_result_from_a_file_gets_its_instance(
    town: sm.Instance, result: sm.Result, tmp_path: Path
):
    sm.io.write_result(result, tmp_path / "r.json")
    read = sm.io.read_result(tmp_path / "r.json")
    need = town.needs[0].id
    with pytest.raises(sm.InputError, match="needs the instance"):
        sm.explain(read, need=need)
    assert str(sm.explain(town, read, need=need)) == str(sm.explain(result, need=need))
    assert with_instance(town, read).to_dict() == result.to_dict()


def test_the_result_of_another_instance_is_refused(
    town: sm.Instance, result: sm.Result
):
    other = sm.generate.make_instance(communities=2, needs=6, slots=3, seed=1)
    for call in (sm.explain, sm.advise, sm.compare):
        with pytest.raises(sm.InputError, match=r'"result".*another instance'):
            call(other, result)
    with pytest.raises(sm.InputError, match="given twice"):
        sm.season.resolve(town, result, instance=town)


# ── values ───────────────────────────────────────────────────────────────────────────


def test_tables_give_floats_to_pandas_and_stay_exact(result: sm.Result):
    table = result.by("community")
    floats, exact = table.to_pandas(), table.to_pandas(floats=False)
    assert floats.fill_rate.dtype == "float64"
    assert floats.fees.dtype == "float64"
    assert floats.served.dtype.kind == "i"
    assert list(exact.fill_rate) == [row["fill_rate"] for row in table]
    assert list(floats.fill_rate) == [float(row["fill_rate"]) for row in table]  # type: ignore[arg-type]
    empty = Table([{"rate": None}, {"rate": Fraction(1, 4)}]).to_pandas()
    assert empty.rate.isna().tolist() == [True, False]


def test_explanations_show_in_notebooks(town: sm.Instance, result: sm.Result):
    told = sm.explain(town, result, need=town.needs[0].id)
    html = told._repr_html_()
    assert re.fullmatch(r"(<p>[^<>]+</p>|<ul>(<li>[^<>]+</li>)+</ul>)+", html)
    words = re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").split()
    assert words == [word for word in str(told).split() if word != "-"]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_schemas_say_what_numbers_must_be(mode: Any):
    schema = sm.Instance.model_json_schema(mode=mode)["$defs"]
    unlimited = {
        f"{record}.{field}"
        for record, about in schema.items()
        for field, said in about.get("properties", {}).items()
        for kind in said.get("anyOf", [said])
        if kind.get("type") in ("number", "integer")
        if not {"minimum", "exclusiveMinimum"} & kind.keys()
    }
    assert unlimited == set()
