"""What the files say, in the words of each field, before any mapping."""

from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Assignment",
    "FacilityLocation",
    "GeneralizedAssignment",
    "MinCostFlow",
    "PMedian",
    "Problem",
]

Row = tuple[int, ...]
Exact = Fraction


@dataclass(frozen=True)
class Assignment:
    """Give each row a column of its own at least cost."""

    cost: tuple[tuple[Exact, ...], ...]


@dataclass(frozen=True)
class GeneralizedAssignment:
    """Give each job to one agent within the agents' capacities.

    Parameters
    ----------
    cost, size
        Of each job, by agent and then by job.
    maximize
        Whether `cost` is a gain.
    """

    capacity: Row
    cost: tuple[Row, ...]
    size: tuple[Row, ...]
    maximize: bool = False


@dataclass(frozen=True)
class FacilityLocation:
    """Open facilities and serve all customers at least cost.

    Parameters
    ----------
    cost
        Of serving a customer's whole demand, by customer and then by facility; part
        of the demand costs the same part.
    single_source
        Whether one facility serves a customer's whole demand.
    """

    capacity: Row
    opening: tuple[Exact, ...]
    demand: Row
    cost: tuple[tuple[Exact, ...], ...]
    single_source: bool = False


@dataclass(frozen=True)
class MinCostFlow:
    """Send the supply of nodes through a network at least cost.

    `arcs` are (tail, head, least, most, cost per unit), nodes counted from 0.
    """

    supply: Row
    arcs: tuple[tuple[int, int, int, int, int], ...]


@dataclass(frozen=True)
class PMedian:
    """Choose `p` vertices so that all are near one of them, by lengths of edges."""

    num_vertices: int
    edges: tuple[tuple[int, int, int], ...]
    p: int


Problem = Assignment | GeneralizedAssignment | FacilityLocation | MinCostFlow | PMedian
