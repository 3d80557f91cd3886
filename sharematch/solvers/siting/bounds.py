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

from sharematch.core.network.potentials import potentials
from sharematch.core.network.program import Source
from sharematch.errors import SolverError
from sharematch.solvers.flow.circulation import Face, Graph, cheapest, feasible
from sharematch.solvers.siting.flows import Flows, Worth

__all__ = ["Bound", "Pricing"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BLOCK = 400
"""Sets that are looked at together: what is in use stays in the cache."""
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
        table = self.cost
        if int(np.abs(table).max(initial=0)) < 2**31 - 1:
            table = table.astype(np.int32)
        is_single = bool((self.times == 1).all())
        for start in range(0, len(members), BLOCK):
            part = members[start : start + BLOCK]
            least = np.repeat(table[:, -1:], len(part), axis=1)
            for column in range(part.shape[1]):
                np.minimum(least, table[:, part[:, column]], out=least)
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
        at = self.network.edge_of(self.rows)
        self.least, self.most = self.network.lower[at], self.network.upper[at]
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
        network, edges = self.flows.network(worth.members)
        graph = Graph(network.num_nodes, network.tail, network.head)
        cost = np.zeros(len(edges), np.int64)
        cost[: network.num_arcs] = self.cost[edges[: network.num_arcs]]
        flow, lower = worth.edges[edges], network.lower
        try:
            if floors is not None:
                lower = lower.copy()
                lower[network.num_arcs :] = np.maximum(
                    lower[network.num_arcs :], floors[1:]
                )
                begun = feasible(graph, lower, network.upper)
                if begun is None:
                    return None
                flow = cheapest(graph, Face(lower, network.upper, begun), cost)
        except SolverError:
            return None
        more = np.flatnonzero(flow < network.upper)
        less = np.flatnonzero(flow > lower)
        price = potentials(
            network.num_nodes,
            np.concatenate([network.tail[more], network.head[less]]),
            np.concatenate([network.head[more], network.tail[less]]),
            np.concatenate([cost[more], -cost[less]]),
        )
        if price is None:
            return None
        price = self._closed(price - price[0], worth.members)
        return self._bound(price, floors)

    def _closed(self, price: Ints, members: Ints) -> Ints:
        """Return prices with good ones for what is closed: what its room is worth."""
        network = self.network
        is_open = np.zeros(self.siting.num_sites + 1, bool)
        is_open[members] = is_open[-1] = True
        shut = np.flatnonzero((self.node_site >= 0) & ~is_open[self.node_site])
        if not len(shut):
            return price
        price = price.copy()
        for depth in range(1, int(network.depth.max(initial=0)) + 1):
            nodes = shut[network.depth[shut] == depth]
            price[nodes] = price[network.parent[nodes]]
        adjusted = self._adjusted(price)
        table = self._table(adjusted)
        now = np.minimum(table[:, np.flatnonzero(is_open)].min(axis=1), NOWHERE)
        now = np.where(self.least == 0, np.minimum(now, 0), now)
        arcs = np.flatnonzero(~is_open[self.arc_site])
        gain = now[self.row[arcs]] - adjusted[arcs]
        worth = gain > 0
        arcs, gain = arcs[worth], gain[worth]
        order = np.lexsort((-gain, self.head[arcs]))
        arcs, gain = arcs[order], gain[order]
        head = self.head[arcs]
        for own in np.split(np.arange(len(arcs)), np.flatnonzero(np.diff(head)) + 1):
            if not len(own):
                continue
            node = int(head[own[0]])
            room = int(self.network.upper[network.edge_of(np.array([node]))][0])
            taken = np.cumsum(np.minimum(self.most[self.row[arcs[own]]], NOWHERE))
            full = int(np.searchsorted(taken, room))
            if full < len(own):
                price[node] -= int(gain[own[full]])
        return price

    def _adjusted(self, price: Ints) -> Ints:
        """Return what a unit on each arc costs with prices, its need's own apart."""
        at = self.rows
        own = price[self.network.parent[at]] - price[at]
        adjusted: Ints = self.cost + price[self.tail] - price[self.head] + own[self.row]
        return adjusted

    def _table(self, adjusted: Ints) -> Ints:
        """Return the least cost of each row at each site."""
        table = np.full((len(self.rows), self.siting.num_sites + 1), NOWHERE)
        np.minimum.at(table, (self.row, self.arc_site), adjusted)
        return table

    def _bound(self, price: Ints, floors: Ints | None = None) -> Bound:
        network, num = self.network, self.siting.num_sites
        node = np.arange(1, network.num_nodes)
        at = network.edge_of(node)
        lower, upper = network.lower[at].copy(), network.upper[at]
        if floors is not None:
            lower = np.maximum(lower, floors[1:])
        reduced = price[network.tail[at]] - price[network.head[at]]
        pays = np.where(reduced > 0, lower, upper) * reduced
        pays[self.rows - 1] = 0
        site = self.node_site[1:]
        opening = np.zeros(num + 1, np.int64)
        inside = site >= 0
        np.add.at(opening, site[inside], pays[inside])
        constant = int(pays[~inside].sum())
        table = self._table(self._adjusted(price))
        least = (
            self.least if floors is None else np.maximum(self.least, floors[self.rows])
        )
        more = self.opening + int(np.abs(opening).sum())
        return _compact(table, (least, self.most), opening, constant, more)


def _compact(
    table: Ints, times: tuple[Ints, Ints], opening: Ints, constant: int, more: int
) -> Bound:
    """Return the bound of a table of costs, equal rows as one.

    Parameters
    ----------
    times
        How often each row has to be served, and may be.
    more
        What open sites may cost beside.
    """
    least, most = times
    free = least == 0
    held = ~free
    parts = [
        # A need that may stay unserved costs 0 at worst, whatever opens.
        _rows(np.minimum(table[free], 0), most[free], 0),
        _rows(table[held], least[held], more),
        _rows(np.minimum(table[held], 0), (most - least)[held], 0),
    ]
    return Bound(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        opening,
        constant + sum(part[2] for part in parts),
    )


def _rows(table: Ints, times: Ints, more: int) -> tuple[Ints, Ints, int]:
    """Return rows that depend on what is open, how often each, and what others add."""
    real = table < NOWHERE
    lowest = np.where(real, table, NOWHERE).min(axis=1, initial=NOWHERE)
    highest = np.where(real, table, -NOWHERE).max(axis=1, initial=-NOWHERE)
    there = real.any(axis=1)
    table, real, times = table[there], real[there], times[there]
    lowest, highest = lowest[there], highest[there]
    # To leave a row unserved is worse than all that any set may cost.
    spread = [int(a) * int(b) for a, b in zip(highest - lowest, times, strict=True)]
    most = LARGEST // max(1, int(times.sum()))
    penalty = min(sum(spread) + more + 1, most)
    table = np.where(real, table, (highest + penalty)[:, None])
    # All that is open with certainty, or all alike: nothing depends on it.
    alike = (table[:, :-1] == table[:, :1]).all(axis=1)
    settled = (lowest == table[:, -1]) | (alike & (real[:, :-1].all(axis=1)))
    constant = int((times * lowest).sum())
    table = (table - lowest[:, None])[~settled]
    times = times[~settled]
    if not len(table):
        return table, times, constant
    key = np.ascontiguousarray(table).view(f"V{table.itemsize * table.shape[1]}")
    _, first, label = np.unique(key.ravel(), return_index=True, return_inverse=True)
    amount = np.zeros(len(first), np.int64)
    np.add.at(amount, label, times)
    return table[first], amount, constant
