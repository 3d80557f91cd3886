"""The door to networkx: an instance as a graph, a plan as flows, a graph as links.

Each way out stands beside the way back. Nothing here decides anything: the graphs are
for looking, for the algorithms of networkx, and for checks from outside.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from itertools import pairwise
from typing import Any, TypeVar, overload

import networkx as nx
import numpy as np

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.travel import UNKNOWN
from sharematch.core.measures.admission import admitted_arcs
from sharematch.errors import InputError, Problem
from sharematch.model.arguments import expect, typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.ways import Link
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.result import Result

__all__ = [
    "SINK",
    "SOURCE",
    "allocation_of",
    "eligible_pairs",
    "flow_network",
    "lending",
    "links_of",
    "travel_network",
]

R = TypeVar("R")
SOURCE = ("source", "")
SINK = ("sink", "")

Node = tuple[str, str]


def eligible_pairs(instance: Instance, policy: Policy | None = None) -> "nx.Graph[Any]":
    """Return needs and slots as a bipartite graph; an edge is a pair that may match.

    Parameters
    ----------
    instance
        The records.
    policy
        Its rules by assignment leave fewer pairs; without one the records decide.

    Returns
    -------
    Nodes are ``("need", id)`` and ``("slot", id)``, with `bipartite` 0 and 1. Needs
    have `community`, `kind` and `asked` (units), slots `community`, `facility` and
    `capacity`. Edges have `travel` (m or s, None where unknown), `tier`, `rank`, and
    `units`, the capacity that one unit takes.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[sm.Need(id="elderly", community="tianfeng", kind="health")],
    ... )
    >>> list(eligible_pairs(town).edges)
    [(('need', 'elderly'), ('slot', 'mon'))]
    """
    expect(Instance, instance=instance)
    expect(Policy, None, policy=policy)
    columns = encode(instance)
    arcs = _arcs(columns, policy)
    graph: nx.Graph[Any] = nx.Graph(name=columns.name)
    graph.add_nodes_from(_needs(columns))
    graph.add_nodes_from(_slots(columns))
    graph.add_edges_from(
        (
            ("need", columns.need_ids[need]),
            ("slot", columns.slot_ids[slot]),
            {
                "travel": None if travel == UNKNOWN else travel,
                "tier": tier,
                "rank": rank,
                "units": units,
            },
        )
        for need, slot, travel, tier, rank, units in zip(
            *(
                getattr(arcs, name).tolist()
                for name in ("need", "slot", "travel", "tier", "rank", "units")
            ),
            strict=True,
        )
    )
    return graph


def _result_first(function: Callable[..., R]) -> Callable[..., R]:
    """Let a result stand before the policy too, as it does where one is needed."""

    @wraps(function)
    def either(*args: Any, **kwargs: Any) -> R:
        if len(args) > 1 and isinstance(args[1], Result):
            instance, result, *policy = args
            return function(instance, *policy, result=result, **kwargs)
        return function(*args, **kwargs)

    return either


@overload
def flow_network(
    instance: Instance, result: Result, policy: Policy | None = None
) -> "nx.DiGraph[Any]": ...
@overload
def flow_network(
    instance: Instance, policy: Policy | None = None, result: Result | None = None
) -> "nx.DiGraph[Any]": ...
@_result_first
def flow_network(
    instance: Instance, policy: Policy | None = None, result: Result | None = None
) -> "nx.DiGraph[Any]":
    """Return the network in which a plan is a flow from `SOURCE` to `SINK`.

    Source → need → slot → facility → sink; places kept for a community's own residents
    are a second way into the slot. The greatest flow is the most units that can be
    served by records and rules by assignment alone; conditions that couple (whole
    needs, sessions, sizes, …) are not in it.

    Parameters
    ----------
    result
        Adds its units to the edges as `flow`, so that it can be compared. It may stand
        before the policy.
    policy
        Its rules by assignment leave pairs out; none if left out.

    Returns
    -------
    Edges have `capacity` (none where nothing bounds them), those of pairs also `weight`
    (travel, an unknown one as the largest known), as networkx wants them.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> network = sm.graph.flow_network(town, result)
    >>> given = network.out_edges(sm.graph.SOURCE, data="flow")
    >>> sum(flow for *_, flow in given) == sum(a.quantity for a in result.allocation)
    True
    """
    expect(Instance, instance=instance)
    expect(Policy, None, policy=policy)
    expect(Result, None, result=result)
    columns = encode(instance)
    arcs = _arcs(columns, policy)
    graph: nx.DiGraph[Any] = nx.DiGraph(name=columns.name)
    graph.add_nodes_from((SOURCE, SINK))
    graph.add_nodes_from(_needs(columns))
    graph.add_nodes_from(_slots(columns))
    _add_sides(graph, columns)
    for need, slot, tier, travel in zip(
        *(a.tolist() for a in (arcs.need, arcs.slot, arcs.tier, arcs.distance)),
        strict=True,
    ):
        home = ("slot" if tier == 0 else "guests", columns.slot_ids[slot])
        graph.add_edge(("need", columns.need_ids[need]), home, weight=travel)
    if result is not None:
        _add_flow(graph, columns, result)
    return graph


@typed
def allocation_of(
    instance: Instance, flow: Mapping[Node, Mapping[Node, int]]
) -> Allocation:
    """Return the plan of a flow on `flow_network`, as networkx gives flows.

    Raises
    ------
    InputError
        For a need that the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> network = sm.graph.flow_network(town, result)
    >>> flow = {}
    >>> for u, v, data in network.edges(data=True):
    ...     flow.setdefault(u, {})[v] = data["flow"]
    >>> sm.graph.allocation_of(town, flow) == result.allocation
    True
    """
    known = encode(instance).position["need"]
    rows = []
    for (side, need), ends in flow.items():
        if side != "need":
            continue
        if need not in known:
            raise InputError([Problem("instance.is_not_in_the_instance", "need", need)])
        rows += [(slot, need, units) for (_, slot), units in ends.items() if units]
    return Allocation(rows)


def lending(instance: Instance, result: Result) -> "nx.DiGraph[Any]":
    """Return who lends to whom: communities, and units on edges from host to home.

    Nodes have `demand` and `served`; an edge from a community to itself is what it
    serves of its own.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> len(sm.graph.lending(town, result)) == len(town.communities)
    True
    """
    expect(Instance, instance=instance)
    expect(Result, result=result)
    columns = encode(instance)
    graph: nx.DiGraph[Any] = nx.DiGraph(name=columns.name)
    demand = np.zeros(len(columns.community_ids), np.int64)
    np.add.at(demand, columns.need_community, columns.need_demand)
    for one, asked in zip(columns.community_ids, demand.tolist(), strict=True):
        graph.add_node(one, demand=asked, served=0)
    position = columns.position
    for assignment in result.allocation:
        need = position["need"][assignment.need]
        slot = position["slot"][assignment.slot]
        facility = columns.slot_facility[slot]
        home = columns.community_ids[columns.need_community[need]]
        host = columns.community_ids[columns.facility_community[facility]]
        graph.nodes[home]["served"] += assignment.quantity
        before = graph.get_edge_data(host, home, {"units": 0})["units"]
        graph.add_edge(host, home, units=before + assignment.quantity)
    return graph


def travel_network(instance: Instance) -> "nx.DiGraph[Any]":
    """Return the links of an instance as a graph with `travel` in km or minutes.

    Of several links between the same two, the shortest.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     links=[sm.Link(source="tianfeng", target="lianqiao", travel="0.4")],
    ... )
    >>> graph = travel_network(town)
    >>> float(nx.shortest_path_length(graph, "lianqiao", "tianfeng", weight="travel"))
    0.4
    """
    expect(Instance, instance=instance)
    graph: nx.DiGraph[Any] = nx.DiGraph(name=instance.name)
    graph.add_nodes_from(community.id for community in instance.communities)
    graph.add_nodes_from(facility.id for facility in instance.facilities)
    for link in instance.links:
        ways = [(link.source, link.target)]
        ways += [(link.target, link.source)] * link.two_way
        for way in ways:
            known = graph.get_edge_data(*way)
            if known is None or link.travel < known["travel"]:
                graph.add_edge(*way, travel=link.travel)
    return graph


@typed
def links_of(
    graph: "nx.Graph[Any] | nx.DiGraph[Any]", weight: str = "travel"
) -> tuple[Link, ...]:
    """Return the edges of a graph as links: `travel_network` the other way round.

    Edges of an undirected graph go both ways, and so do two that are each other's way
    back and equally long.

    Parameters
    ----------
    graph
        Its nodes are ids of communities and facilities.
    weight
        The edges' length in km or minutes.

    Raises
    ------
    InputError
        For a node that is no text, or an edge without a length that is one.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_edge("tianfeng", "lianqiao", travel=1.5)
    >>> links_of(graph)[0].travel
    Decimal('1.5')
    """
    links = []
    for source, target, data in graph.edges(data=True):
        if weight not in data:
            hint = f"weight= one of {', '.join(map(str, data))}" if data else ""
            name = f"{source} to {target}"
            raise InputError(
                [Problem("ask.has_no", "edge", name, hint=hint, weight=weight)]
            )
        length = data[weight]
        back = graph.get_edge_data(target, source) if graph.is_directed() else data
        is_twofold = back is not None and back.get(weight) == length
        if graph.is_directed() and is_twofold and source > target:
            continue  # told by the way back
        link = {"source": source, "target": target, "travel": length}
        links.append(Link(**link, two_way=is_twofold))
    return tuple(links)


def _arcs(columns: Columns, policy: Policy | None) -> Arcs:
    if policy is None:
        return arcs_module.build(columns)
    return admitted_arcs(columns, policy.rules)


def _needs(columns: Columns) -> Iterator[tuple[Node, dict[str, Any]]]:
    for i, need in enumerate(columns.need_ids):
        data = {
            "bipartite": 0,
            "community": columns.community_ids[columns.need_community[i]],
            "kind": columns.kinds[columns.need_kind[i]],
            "asked": int(columns.need_demand[i]),
        }
        yield ("need", need), data


def _slots(columns: Columns) -> Iterator[tuple[Node, dict[str, Any]]]:
    for i, slot in enumerate(columns.slot_ids):
        facility = columns.slot_facility[i]
        data = {
            "bipartite": 1,
            "community": columns.community_ids[columns.facility_community[facility]],
            "facility": columns.facility_ids[facility],
            "capacity": int(columns.slot_capacity[i]),
        }
        yield ("slot", slot), data


def _add_sides(graph: "nx.DiGraph[Any]", columns: Columns) -> None:
    """Add what bounds needs, slots and facilities."""
    for need, demand in zip(
        columns.need_ids, columns.need_demand.tolist(), strict=True
    ):
        graph.add_edge(SOURCE, ("need", need), capacity=demand)
    for i, slot in enumerate(columns.slot_ids):
        facility = columns.facility_ids[columns.slot_facility[i]]
        capacity = int(columns.slot_capacity[i])
        open_ = capacity - int(columns.slot_reserve[i])
        graph.add_edge(("guests", slot), ("slot", slot), capacity=open_)
        graph.add_edge(("slot", slot), ("facility", facility), capacity=capacity)
    for facility, most in zip(
        columns.facility_ids, columns.facility_max_units.tolist(), strict=True
    ):
        bound = {} if most == NONE else {"capacity": most}
        graph.add_edge(("facility", facility), SINK, **bound)


def _add_flow(graph: "nx.DiGraph[Any]", columns: Columns, result: Result) -> None:
    for _, _, data in graph.edges(data=True):
        data["flow"] = 0
    slot_position = columns.position["slot"]
    for assignment in result.allocation:
        need, slot = ("need", assignment.need), ("slot", assignment.slot)
        place = columns.slot_facility[slot_position[assignment.slot]]
        way: list[Node] = [SOURCE, need]
        if not graph.has_edge(need, slot):
            way.append(("guests", assignment.slot))
        way += [slot, ("facility", columns.facility_ids[place]), SINK]
        for one, other in pairwise(way):
            graph.edges[one, other]["flow"] += assignment.quantity
