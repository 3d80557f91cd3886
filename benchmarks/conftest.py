"""How large the cases of a benchmark run are."""

from typing import Any

import pytest

from benchmarks.registry import ARRAYS, INSTANCES, SIZES, Case, up_to

_CASES: dict[str, tuple[Case[Any], ...]] = {
    "instance_case": INSTANCES,
    "array_case": ARRAYS,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--largest",
        choices=SIZES,
        default=SIZES[0],
        help="the largest size of cases to run",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    largest = str(metafunc.config.getoption("--largest"))
    for fixture, cases in _CASES.items():
        if fixture in metafunc.fixturenames:
            some = [(case, size) for case in cases for size in up_to(case, largest)]
            names = [f"{case.name}-{size}" for case, size in some]
            metafunc.parametrize(fixture, some, ids=names)
