"""Who depends on whom, seen as a graph: what falls apart, what flows, who lends most?

The graphs are of networkx, so that its algorithms can be used, and agree with the plan.
"""

import networkx as nx

import sharematch as sm
from sharematch.graph import SINK, SOURCE, eligible_pairs, flow_network, lending

town = sm.scenario.old_town()
result = sm.solve(town)

pairs = eligible_pairs(town)
parts = [part for part in nx.connected_components(pairs) if len(part) > 1]
alone = sum(len(part) == 1 for part in nx.connected_components(pairs))
print(f"{pairs.number_of_edges():,} pairs of need and slot may match.")
print(f"They fall into {len(parts)} parts; {alone} needs or slots stand alone.\n")
for part in sorted(parts, key=len, reverse=True):
    data = [pairs.nodes[node] for node in part]
    kinds = sorted({d["kind"].partition("/")[0] for d in data if d["bipartite"] == 0})
    asked = sum(d["asked"] for d in data if d["bipartite"] == 0)
    places = sum(d["capacity"] for d in data if d["bipartite"] == 1)
    print(f"{asked:6,} units asked, {places:6,} places: {', '.join(kinds)}")

most = nx.maximum_flow_value(flow_network(town), SOURCE, SINK)
print(
    f"\nThe greatest flow is {most:,}; the fair plan serves {result.value('served'):,}."
)

graph = lending(town, result)
graph.remove_edges_from(list(nx.selfloop_edges(graph)))
print("\nLends, net of what it borrows")
net = {
    name: graph.out_degree(name, "units") - graph.in_degree(name, "units")
    for name in graph
}
for name, units in sorted(net.items(), key=lambda item: -item[1]):
    print(f"{name:12}{units:+6}")
print(
    f"\nAnswer: {max(net, key=net.__getitem__)} lends most and "
    f"{min(net, key=net.__getitem__)} depends most on others. Fairness serves as many\n"
    "as any plan could."
)
