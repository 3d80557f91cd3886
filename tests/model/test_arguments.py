"""Arguments of a wrong type are named, whatever public function they are given to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import comparison, graph, io, register, report, season
from sharematch.analysis.checkup import check_up
from sharematch.batch import sensitivity
from sharematch.errors import InputError
from sharematch.neutrality import audit
from sharematch.publication import publish

TOWN: Any = sm.Instance(
    communities=[sm.Community(id="junmiao")],
    facilities=[sm.Facility(id="hall", community="junmiao")],
    slots=[sm.Slot(id="mon", facility="hall", kinds=["sport"], capacity=1)],
    needs=[sm.Need(id="n", community="junmiao", kind="sport")],
)
FAIR: Any = sm.Policy.fair()
RESULT: Any = sm.solve(TOWN)
PLAN = RESULT.allocation

api: Any = sm

Call = tuple[Callable[..., Any], dict[str, Any]]
"""A function, and good values of its arguments that have a type of their own."""
CALLS: dict[str, Call] = {
    "solve": (
        sm.solve,
        {
            "instance": TOWN,
            "policy": FAIR,
            "time_limit": 5,
            "seed": 1,
            "baseline": RESULT,
            "turns": ["n"],
            "on_progress": lambda _: None,
        },
    ),
    "solve_many": (
        lambda **given: [*sm.solve_many(**given)],
        {"instances": [TOWN], "policy": FAIR, "seed": 1, "time_limit": 5, "window": 1},
    ),
    "verify": (
        sm.verify,
        {"instance": TOWN, "allocation": PLAN, "policy": FAIR, "baseline": PLAN},
    ),
    "check_certificate": (sm.check_certificate, {"instance": TOWN, "result": RESULT}),
    "explain": (sm.explain, {"result": RESULT, "need": "n"}),
    "explain slot": (lambda slot: sm.explain(RESULT, slot=slot), {"slot": "mon"}),
    "advise": (
        sm.advise,
        {
            "result": RESULT,
            "add": ["capacity"],
            "amounts": [1],
            "by": "slot",
            "budget": 3,
            "most": 5,
            "time_limit": 5,
        },
    ),
    "compare": (
        lambda results, names: sm.compare(results, RESULT, names=names),
        {"results": RESULT, "names": ["one", "two"]},
    ),
    "Allocation": (sm.Allocation, {"assignments": [("mon", "n", 1)]}),
    "value": (RESULT.value, {"measure": "served", "where": {"kind": "sport"}}),
    "each": (RESULT.each, {"measure": "served", "group": "need"}),
    "by": (RESULT.by, {"group": "need"}),
    "check_up": (check_up, {"instance": TOWN, "policy": FAIR}),
    "frontier": (
        lambda **given: comparison.frontier(**given, points=2),
        {"instance": TOWN, "policy": FAIR},
    ),
    "price_of_clauses": (
        comparison.price_of_clauses,
        {"instance": TOWN, "policy": FAIR},
    ),
    "audit": (audit, {"instance": TOWN, "policy": FAIR}),
    "publish": (
        lambda **given: publish(**given, key=b"a key of sixteen"),
        {"instance": TOWN, "result": RESULT},
    ),
    "register": (register.register, {"instance": TOWN}),
    "html_report": (report.html_report, {"instance": TOWN, "result": RESULT}),
    "eligible_pairs": (graph.eligible_pairs, {"instance": TOWN, "policy": FAIR}),
    "lending": (graph.lending, {"instance": TOWN, "result": RESULT}),
    "sensitivity": (
        lambda **given: sensitivity(**given, vary=[], runs=1),
        {"instance": TOWN, "policy": FAIR},
    ),
    "resolve": (
        season.resolve,
        {"previous": RESULT, "decisions": [], "policy": FAIR, "seed": 1},
    ),
    "draw": (
        season.draw,
        {"instance": TOWN, "policy": FAIR, "seed": "frost", "round": "spring"},
    ),
    "chances": (
        lambda **given: season.chances(**given, draws=2),
        {"instance": TOWN, "policy": FAIR},
    ),
}
WRONG: tuple[Any, ...] = (
    *(object(), 7, 0.5, "fair", b"x", True, {}, [], (), {"a": 1}, [1], TOWN, FAIR),
    *(RESULT, PLAN, sm.Need(id="n", community="c", kind="k"), Path("x"), TOWN.needs),
)


@pytest.mark.parametrize("name", CALLS)
def test_arguments_of_a_wrong_type_are_named(name: str):
    call, good = CALLS[name]
    if name != "sensitivity":
        call(**good)
    refused = 0
    for argument in good:
        for wrong in WRONG:
            try:
                call(**{**good, argument: wrong})
            except sm.SharematchError as error:
                is_type = f'argument "{argument}' in str(error)
                refused += is_type or argument in str(error)
    assert refused >= 5 * len(good)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: api.solve({}), 'argument "instance": dict: must be Instance'),
        (lambda: api.solve(TOWN, "fair"), 'argument "policy": str: must be Policy'),
        (lambda: sm.verify(TOWN, RESULT), "result.allocation"),
        (lambda: sm.compare(TOWN), 'argument "results 1": Instance'),
        (lambda: sm.compare(RESULT, FAIR), 'argument "results 2": Policy'),
        (lambda: sm.solve_many(TOWN), 'argument "instances"'),
        (lambda: [*api.solve_many([TOWN, 5])], 'argument "instances 2": int'),
        (lambda: sm.explain(TOWN, need="n"), 'argument "result": Instance'),
        (lambda: sm.advise(TOWN), 'argument "result": Instance'),
        (lambda: io.write_instance(RESULT, "x.json"), 'argument "instance": Result'),
        (lambda: io.write_policy(TOWN, "x.toml"), 'argument "policy": Instance'),
        (lambda: io.write_result(TOWN, "x.json"), 'argument "result": Instance'),
    ],
)
def test_what_may_be_meant_is_told(call: Callable[[], Any], told: str):
    with pytest.raises(InputError) as caught:
        call()
    assert told in str(caught.value)
