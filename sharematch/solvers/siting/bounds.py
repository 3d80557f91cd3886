"""What no flow through a set of open sites can beat, for many sets at once.

A linear goal is bounded by prices on all bounds of the network but those of needs
(Lagrange): each need then goes to its cheapest open site. Without prices each goes
where it would if there were room for all; the prices of a flow through one set make the
bound exact for that set, and are good for sets near it (Benders 1962).

    for prices p ≥ 0 on bounds b other than those of needs, and any set S
    min cost · x  ≥  Σ over needs n of units(n) · min over s in S of
                     (cost(n, s) + the prices passed through s)  -  Σ p(b) · bound(b)

Four nodes: the hub, a choir of two units, a hall (1 minute, one place) and a club (4
minutes). With both open all would go to the hall: 2 minutes at least. The flow splits,
1 + 4 = 5; its price on the place is 3, so the bound 2 · min(1 + 3, 4) - 3 = 5 is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharematch.core.network.potentials import Exchanges
from sharematch.core.network.program import Source
from sharematch.errors import SolverError
from sharematch.solvers.flow.circulation import Face, Graph, cheapest, feasible
from sharematch.solvers.siting.flows import Flows, Worth

__all__ = ["Bound", "Pricing"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BLOCK = 400
"""Sets that are looked at together: what is in use stays in the cache. With 25 it takes
1.2 to 2.3 times as long, with 1,600 or 8,000 1.3 to 1.8 times (100 and 400 rows)."""
LARGEST = 2**58
"""All that a bound adds up stays below: with NOWHERE it still fits into 64 bits."""
NOWHERE = 2**59
"""Above any cost."""


@dataclass(frozen=True)
class Bound:
    """A sum that no flow through a set of sites falls below.

    Σ over rows of `times` × the least of `cost` over open sites, + Σ of `opening` over
    open sites, + `constant`. The last column is what is always open.
    """

    cost: Ints
    times: Ints
    opening: Ints
    constant: int

    def of(self, members: Ints) -> Ints:
        """Return the bound of each set of sites, a row of `members`."""
        total: Ints = self.opening[members].sum(axis=1) + self.constant
        if not len(self.cost):
            return total
        cost = self.cost
        if int(np.abs(cost).max(initial=0)) < 2**31 - 1:
            cost = cost.astype(np.int32)
        is_single = bool((self.times == 1).all())
        for start in range(0, len(members), BLOCK):
            block = members[start : start + BLOCK]
            least = np.repeat(cost[:, -1:], len(block), axis=1)
            for column in range(block.shape[1]):
                np.minimum(least, cost[:, block[:, column]], out=least)
            if not is_single:
                least = least * self.times[:, None]  # in 64 bits, as `times` is
            total[start : start + BLOCK] += least.sum(axis=0, dtype=np.int64)
        return total


class Pricing:
    """Bounds on sums of costs over flows through sites.

    Parameters
    ----------
    cost
        By arc edge of the network.
    opening
        What open sites may cost beside, all of them together.
    """

    def __init__(self, flows: Flows, cost: Ints, opening: int = 0) -> None:
        self.flows, self.siting = flows, flows.siting
        base = flows.base
        self.network, self.cost, self.opening = base.network, cost, opening
        num = self.network.num_arcs
        need_node = next(
            node for source, _, node in base.places if source == Source("quantity")
        )
        arcs = base.measures.arcs
        of_arc = need_node[arcs.need[base.arc_of_edge]]
        self.rows, self.row = np.unique(of_arc, return_inverse=True)
        need_edge = self.network.edge_of(self.rows)
        self.least = self.network.lower[need_edge]
        self.most = self.network.upper[need_edge]
        self.arc_site = flows.arc_site
        self.tail, self.head = self.network.tail[:num], self.network.head[:num]
        self.node_site = flows.node_site

    def unpriced(self) -> Bound:
        """Return the bound without any prices."""
        return self._bound(np.zeros(self.network.num_nodes, np.int64))

    def priced(self, worth: Worth, floors: Ints | None) -> Bound | None:
        """Return the bound by the prices of a flow through one set.

        Parameters
        ----------
        floors
            Least units through each node, where earlier goals ask for them; the flow
            is then found anew.
        """
        worth = self.flows.to_price(worth)
        network, edges = self.flows.network(worth.members)
        graph = Graph.of(network)
        cost = np.zeros(len(edges), np.int64)
        cost[: network.num_arcs] = self.cost[edges[: network.num_arcs]]
        flow, lower = worth.edges[edges], network.lower
        try:
            if floors is not None:
                lower = lower.copy()
                node_edges = slice(network.num_arcs, None)
                lower[node_edges] = np.maximum(lower[node_edges], floors[1:])
                any_flow = feasible(graph, lower, network.upper)
                if any_flow is None:
                    return None
                flow = cheapest(graph, Face(lower, network.upper, any_flow), cost)
        except SolverError:
            return None
        can_rise, can_fall = flow < network.upper, flow > lower
        exchanges = Exchanges(network.num_nodes, network.tail, network.head, can_fall)
        price = exchanges.potentials(can_rise, can_fall, cost)
        if price is None:
            return None
        price = self._with_closed(price - price[0], worth.members)
        return self._bound(price, floors)

    def _with_closed(self, price: Ints, members: Ints) -> Ints:
        """Return prices with good ones for what is closed: what its room is worth."""
        network = self.network
        is_open = self.siting.mask(members)
        closed = np.flatnonzero((self.node_site >= 0) & ~is_open[self.node_site])
        if not len(closed):
            return price
        price = price.copy()
        # No flow passes what is closed, so its prices are free to choose. At those of
        # their parents room is free; then each slot has the price at which as many
        # units would still come as it has room for: the gain of the first that would
        # find none.
        for depth in range(1, int(network.depth.max(initial=0)) + 1):
            nodes = closed[network.depth[closed] == depth]
            price[nodes] = price[network.parent[nodes]]
        adjusted = self._adjusted(price)
        table = self._table(adjusted)
        cost_now = np.minimum(table[:, is_open].min(axis=1), NOWHERE)
        cost_now = np.where(self.least == 0, np.minimum(cost_now, 0), cost_now)
        arcs = np.flatnonzero(~is_open[self.arc_site])
        gain = cost_now[self.row[arcs]] - adjusted[arcs]
        arcs, gain = arcs[gain > 0], gain[gain > 0]
        order = np.lexsort((-gain, self.head[arcs]))
        arcs, gain = arcs[order], gain[order]
        head = self.head[arcs]
        most = np.minimum(self.most[self.row[arcs]], NOWHERE)
        # Arcs of one slot stand together, from `first` to `last`.
        first = np.flatnonzero(np.diff(head, prepend=-1))
        last = np.flatnonzero(np.diff(head, append=-1))
        room = network.upper[network.edge_of(head[first])]
        for start, end, slot_room in zip(first, last + 1, room, strict=True):
            crowded = start + np.searchsorted(np.cumsum(most[start:end]), slot_room)
            if crowded < end:
                price[head[start]] -= gain[crowded]
        return price

    def _adjusted(self, price: Ints) -> Ints:
        """Return what a unit on each arc costs with prices, its need's own apart."""
        need_price = price[self.network.parent[self.rows]] - price[self.rows]
        adjusted: Ints = self.cost + price[self.tail] - price[self.head]
        return adjusted + need_price[self.row]

    def _table(self, adjusted: Ints) -> Ints:
        """Return the least cost of each row at each site."""
        table = np.full((len(self.rows), self.siting.num_sites + 1), NOWHERE)
        np.minimum.at(table, (self.row, self.arc_site), adjusted)
        return table

    def _bound(self, price: Ints, floors: Ints | None = None) -> Bound:
        network, num = self.network, self.siting.num_sites
        nodes = np.arange(1, network.num_nodes)
        edge = network.edge_of(nodes)
        lower, upper = network.lower[edge].copy(), network.upper[edge]
        if floors is not None:
            lower = np.maximum(lower, floors[1:])
        reduced = price[network.tail[edge]] - price[network.head[edge]]
        pays = np.where(reduced > 0, lower, upper) * reduced
        pays[self.rows - 1] = 0
        site = self.node_site[1:]
        opening = np.zeros(num + 1, np.int64)
        has_site = site >= 0
        np.add.at(opening, site[has_site], pays[has_site])
        constant = int(pays[~has_site].sum())
        table = self._table(self._adjusted(price))
        least = self.least
        if floors is not None:
            least = np.maximum(least, floors[self.rows])
        other_cost = self.opening + int(np.abs(opening).sum())
        return _compact(table, (least, self.most), opening, constant, other_cost)


def _compact(
    table: Ints,
    bounds: tuple[Ints, Ints],
    opening: Ints,
    constant: int,
    other_cost: int,
) -> Bound:
    """Return the bound of a table of costs, equal rows as one.

    Parameters
    ----------
    bounds
        How often each row has to be served, and may be.
    other_cost
        What open sites may cost beside.
    """
    least, most = bounds
    is_optional = least == 0
    is_needed = ~is_optional
    row_sets = [
        # A need that may stay unserved costs 0 at worst, whatever opens.
        _rows(np.minimum(table[is_optional], 0), most[is_optional], 0),
        _rows(table[is_needed], least[is_needed], other_cost),
        _rows(np.minimum(table[is_needed], 0), (most - least)[is_needed], 0),
    ]
    return Bound(
        np.concatenate([row_set[0] for row_set in row_sets]),
        np.concatenate([row_set[1] for row_set in row_sets]),
        opening,
        constant + sum(row_set[2] for row_set in row_sets),
    )


def _rows(table: Ints, times: Ints, other_cost: int) -> tuple[Ints, Ints, int]:
    """Return rows that depend on what is open, how often each, and what others add."""
    is_real = table < NOWHERE
    lowest = np.where(is_real, table, NOWHERE).min(axis=1, initial=NOWHERE)
    highest = np.where(is_real, table, -NOWHERE).max(axis=1, initial=-NOWHERE)
    is_reachable = is_real.any(axis=1)
    table, is_real, times = (
        table[is_reachable],
        is_real[is_reachable],
        times[is_reachable],
    )
    lowest, highest = lowest[is_reachable], highest[is_reachable]
    # To leave a row unserved is worse than all that any set may cost.
    spread = [int(a) * int(b) for a, b in zip(highest - lowest, times, strict=True)]
    most_penalty = LARGEST // max(1, int(times.sum()))
    penalty = min(sum(spread) + other_cost + 1, most_penalty)
    table = np.where(is_real, table, (highest + penalty)[:, None])
    # All that is open with certainty, or all alike: nothing depends on it.
    is_alike = (table[:, :-1] == table[:, :1]).all(axis=1)
    is_settled = (lowest == table[:, -1]) | (is_alike & (is_real[:, :-1].all(axis=1)))
    constant = int((times * lowest).sum())
    table = (table - lowest[:, None])[~is_settled]
    times = times[~is_settled]
    if not len(table):
        return table, times, constant
    key = np.ascontiguousarray(table).view(f"V{table.itemsize * table.shape[1]}")
    _, first, label = np.unique(key.ravel(), return_index=True, return_inverse=True)
    total_times = np.zeros(len(first), np.int64)
    np.add.at(total_times, label, times)
    return table[first], total_times, constant
