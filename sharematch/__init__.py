"""Decide who may use which shared community resource, when and on what terms.

The public names are loaded when first used: importing the package loads nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sharematch import (
        batch as batch,
    )
    from sharematch import (
        comparison as comparison,
    )
    from sharematch import (
        errors as errors,
    )
    from sharematch import (
        generate as generate,
    )
    from sharematch import (
        graph as graph,
    )
    from sharematch import (
        io as io,
    )
    from sharematch import (
        measures as measures,
    )
    from sharematch import (
        neutrality as neutrality,
    )
    from sharematch import (
        openings as openings,
    )
    from sharematch import (
        plots as plots,
    )
    from sharematch import (
        progress as progress,
    )
    from sharematch import (
        publication as publication,
    )
    from sharematch import (
        register as register,
    )
    from sharematch import (
        report as report,
    )
    from sharematch import (
        results as results,
    )
    from sharematch import (
        scenario as scenario,
    )
    from sharematch import (
        season as season,
    )
    from sharematch import (
        solvers as solvers,
    )
    from sharematch.analysis.advice.advising import advise
    from sharematch.analysis.comparison.plans import compare
    from sharematch.analysis.explanation.answer import explain
    from sharematch.batch.many import solve_many
    from sharematch.engine.solving import solve
    from sharematch.errors import InputError, SharematchError
    from sharematch.model.answers import Answer
    from sharematch.model.goals import Leximax, Leximin, Maximize, Minimize
    from sharematch.model.instance import Instance
    from sharematch.model.needs import Decision, Need, Pair, Past
    from sharematch.model.own_measures import register_measure
    from sharematch.model.places import Area, Community, Facility, Provider, Slot
    from sharematch.model.policy import Policy
    from sharematch.model.rules import AtLeast, AtMost, Within
    from sharematch.model.ways import Link, Travel
    from sharematch.model.windows import Window
    from sharematch.plans.allocation import Allocation
    from sharematch.plans.checking import check_certificate
    from sharematch.plans.results.result import Result
    from sharematch.plans.results.status import Status
    from sharematch.plans.verification import verify

__all__ = [
    "Allocation",
    "Answer",
    "Area",
    "AtLeast",
    "AtMost",
    "Community",
    "Decision",
    "Facility",
    "InputError",
    "Instance",
    "Leximax",
    "Leximin",
    "Link",
    "Maximize",
    "Minimize",
    "Need",
    "Pair",
    "Past",
    "Policy",
    "Provider",
    "Result",
    "SharematchError",
    "Slot",
    "Status",
    "Travel",
    "Window",
    "Within",
    "advise",
    "check_certificate",
    "compare",
    "explain",
    "register_measure",
    "solve",
    "solve_many",
    "verify",
]

_HOME = {
    "sharematch.model.places": "Area Community Facility Provider Slot",
    "sharematch.model.needs": "Decision Need Pair Past",
    "sharematch.model.ways": "Link Travel",
    "sharematch.model.windows": "Window",
    "sharematch.model.instance": "Instance",
    "sharematch.model.own_measures": "register_measure",
    "sharematch.model.rules": "AtLeast AtMost Within",
    "sharematch.model.goals": "Leximax Leximin Maximize Minimize",
    "sharematch.model.policy": "Policy",
    "sharematch.advice": "advise",
    "sharematch.plans.allocation": "Allocation",
    "sharematch.batch.many": "solve_many",
    "sharematch.plans.checking": "check_certificate",
    "sharematch.comparison": "compare",
    "sharematch.engine.solving": "solve",
    "sharematch.errors": "InputError SharematchError",
    "sharematch.model.answers": "Answer",
    "sharematch.explanation": "explain",
    "sharematch.plans.results.status": "Status",
    "sharematch.plans.results.result": "Result",
    "sharematch.plans.verification": "verify",
}
_MODULE_OF = {name: home for home, names in _HOME.items() for name in names.split()}
_MODULES = {
    *("batch", "comparison", "errors", "generate", "graph", "io", "measures"),
    "neutrality",
    *("openings", "plots", "progress", "publication", "register", "report"),
    *("results", "scenario", "season", "solvers"),
}


if TYPE_CHECKING:  # a misspelt name is an error to type checkers
    __version__: str
else:

    def __getattr__(name: str) -> Any:
        if name in _MODULE_OF:
            return getattr(import_module(_MODULE_OF[name]), name)
        if name in _MODULES:
            return import_module(f"sharematch.{name}")
        if name == "__version__":
            return import_module("importlib.metadata").version("sharematch")
        raise AttributeError(f"module 'sharematch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__version__"})
