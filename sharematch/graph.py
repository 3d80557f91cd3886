"""The door to networkx: an instance as a graph, a plan as flows, a graph as links.

Each way out stands beside the way back. Nothing here decides anything: the graphs are
for looking, for the algorithms of networkx, and for checks from outside.
"""

from sharematch.io.graph import (
    SINK,
    SOURCE,
    allocation_of,
    eligible_pairs,
    flow_network,
    lending,
    links_of,
    travel_network,
)

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
