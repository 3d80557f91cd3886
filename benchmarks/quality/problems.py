"""The problems all methods get: needs of communities, slots, arcs with cost.

They are saved as plain arrays, so that methods in other environments read the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.arrays import Arrays
from sharematch import generate, io
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.model.instance import Instance

__all__ = ["PROBLEMS", "Problem", "load", "problem_of", "save"]

Ints = NDArray[np.int64]
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Problem:
    """A problem as arrays.

    Parameters
    ----------
    owner
        The community of each slot.
    tier
        How far each arc reaches: 0 inside one community.
    since
        The place of each need in the order in which they came.
    """

    name: str
    arrays: Arrays
    owner: Ints
    tier: Ints
    since: Ints


def problem_of(name: str, instance: Instance) -> Problem:
    """Return an instance as arrays, its reserves left out; needs come as they stand."""
    plain = instance.replace(
        slots=tuple(s.model_copy(update={"reserve": 0}) for s in instance.slots)
    )
    columns = encode(plain)
    arcs = arcs_module.build(columns)
    known = arcs.travel[arcs.travel != arcs_module.UNKNOWN]
    cost = np.where(
        arcs.travel == arcs_module.UNKNOWN, known.max(initial=0), arcs.travel
    )
    order = {need.id: i for i, need in enumerate(instance.needs)}
    return Problem(
        name,
        Arrays(
            community=columns.need_community,
            quantity=columns.need_quantity,
            capacity=columns.slot_capacity,
            need=arcs.need,
            slot=arcs.slot,
            cost=cost,
            num_communities=len(columns.community_ids),
        ),
        owner=columns.facility_community[columns.slot_facility],
        tier=arcs.tier,
        since=np.array([order[need] for need in columns.need_ids], np.int64),
    )


def _generated(size: str, **severity: Any) -> Instance:
    return generate.make(size, 1, **severity)


def _san_francisco() -> Instance:
    return io.read_instance(ROOT / "examples" / "san_francisco" / "instance.json")


PROBLEMS: dict[str, Callable[[], Instance]] = {
    "community": partial(_generated, "community"),
    "subdistrict": partial(_generated, "subdistrict"),
    "subdistrict-scarce": partial(_generated, "subdistrict", scarcity=0.3),
    "subdistrict-skewed": partial(_generated, "subdistrict", skew=2.5),
    "san-francisco": _san_francisco,
    "district": partial(_generated, "district"),
    "city": partial(_generated, "city"),
}
"""By name; a new problem is one entry."""


def save(problem: Problem, path: Path) -> None:
    """Write a problem as `.npz`, for methods in other environments."""
    arrays = {
        name: getattr(problem.arrays, name)
        for name in ("community", "quantity", "capacity", "need", "slot", "cost")
    }
    np.savez(
        path,
        **arrays,
        owner=problem.owner,
        tier=problem.tier,
        since=problem.since,
        num_communities=np.array(problem.arrays.num_communities),
    )


def load(path: Path) -> Problem:
    """Read a problem that was saved."""
    with np.load(path) as data:
        rest = {name: data[name] for name in data.files}
    extra = {name: rest.pop(name) for name in ("owner", "tier", "since")}
    count = int(rest.pop("num_communities"))
    return Problem(path.stem, Arrays(**rest, num_communities=count), **extra)
