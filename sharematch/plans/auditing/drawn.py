"""Whether lots decided as a result says: replayed from seed, round and ids alone."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.network.program import Program, Source
from sharematch.errors import InputError
from sharematch.model.lots import (
    Commitment,
    closed_list,
    hash_of_needs,
    hash_of_seed,
    tie_seed,
    turns_of,
)
from sharematch.plans.auditing.additions import idle_by_one
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.certificates.prices import free_edges
from sharematch.text import Text

__all__ = ["false_lots", "unproved_lots"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def false_lots(audited: Audited) -> Iterator[Finding]:
    """Yield what is not so of a draw: its commitment, or what needs got in turn."""
    told = audited.result.provenance.get("draw")
    if told is None:
        return
    if not _is_draw(told):
        yield _wrong(Text("claim.does_not_say_seed_round_list"))
        return
    try:
        yield from _uncommitted(audited, told)
    except InputError as error:  # no lines of text
        yield _wrong(str(error))
        return
    yield from _out_of_turn(audited, told)


def unproved_lots(audited: Audited) -> Iterator[Finding]:
    """Yield that lots decided where that cannot be replayed without a solver."""
    if "draw" not in audited.result.provenance or not audited.result.is_optimal:
        return
    if audited.program is None or audited.is_published:
        message = Text("claim.that_lots_decided_so_is_the")
        yield Finding("claimed", message, "claim")


def _is_draw(told: Any) -> bool:
    texts = ("seed", "round", "needs", "commitment")
    return (
        isinstance(told, Mapping)
        and {*texts} <= {*told} <= {*texts, "late", "gone"}
        and all(isinstance(told[name], str) for name in texts)
        and all(
            isinstance(told.get(name, []), list)
            and all(isinstance(need, str) for need in told.get(name, []))
            for name in ("late", "gone")
        )
    )


def _uncommitted(audited: Audited, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what of a draw is not as its commitment binds it."""
    seed, round_, listed = told["seed"], told["round"], told["needs"]
    made = Commitment(hash_of_seed(seed, round_), round_, listed)
    if told["commitment"] != made.hash:
        yield _wrong(Text("claim.the_commitment_is_not_to_this"))
    if hash_of_needs(closed_list(told, audited.columns.need_ids)) != listed:
        yield _wrong(Text("claim.the_draw_is_not_among_the"))
    if audited.result.baseline is not None:  # made anew after answers
        return
    if "late" in told or "gone" in told:
        yield _wrong(Text("claim.the_draw_tells_of_needs_that"))
    if audited.result.provenance.get("seed") != tie_seed(seed, round_):
        yield _wrong(Text("claim.the_seed_of_ties_is_not"))


def _out_of_turn(audited: Audited, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a need that could have more, with none before it in turn having less.

    The plans that are as good in all goals are flows that differ by cycles, and these
    pass only edges that `free_edges` tells.
    """
    program, result = audited.program, audited.result
    if audited.is_published:
        return
    if program is None:
        if result.is_optimal and (idle := idle_by_one(audited)):
            yield _wrong(idle)
        return
    free = free_edges(program, result.policy.rules, result.policy.goals, audited.units)
    if free is None:  # not the best: then there is nothing for lots to decide
        return
    columns, arcs = audited.columns, audited.measures.arcs
    served = sums(arcs.need, audited.units, len(columns.need_ids))
    edges = _need_edges(program)
    position_of = columns.position["need"]
    walk = _Walk(program, *free)
    for need in turns_of(told, columns.need_ids):
        position = position_of[need]
        edge = int(edges[position])
        if edge == NONE:
            continue
        if served[position] < columns.need_demand[position] and walk.can_rise(edge):
            message = Text("claim.could_have_more_in_its_turn", need=need)
            yield _wrong(message)
            return
        walk.keep(edge)


def _need_edges(program: Program) -> Ints:
    """Return the edge that carries the units of each need, NONE where no arc is."""
    (node,) = (n for source, _, n in program.places if source == Source("quantity"))
    return np.where(node == NONE, NONE, program.network.edge_of(node))


class _Walk:
    """Cycles along edges that may rise or fall; needs that had their turn may not."""

    def __init__(self, program: Program, can_rise: Bools, can_fall: Bools) -> None:
        network = program.network
        self.tail, self.head = network.tail, network.head
        rising, falling = np.flatnonzero(can_rise), np.flatnonzero(can_fall)
        start = np.concatenate([self.tail[rising], self.head[falling]])
        stop = np.concatenate([self.head[rising], self.tail[falling]])
        edge = np.concatenate([rising, falling])
        order = np.argsort(start, kind="stable")
        first = np.searchsorted(start[order], np.arange(network.num_nodes + 1))
        self._first, self._stop = first.tolist(), stop[order].tolist()
        self._edge = edge[order].tolist()
        self._rises = {*rising.tolist()}
        self._done: set[int] = set()
        self._closed: dict[int, set[int]] = {}
        """Nodes from which each goal was not reached: nor will it be, later on."""

    def keep(self, edge: int) -> None:
        """Let an edge neither rise nor fall from now on."""
        self._done.add(edge)

    def can_rise(self, edge: int) -> bool:
        """Return whether an edge may rise, with a way from its head to its tail."""
        if edge not in self._rises:
            return False
        goal, start = int(self.tail[edge]), int(self.head[edge])
        closed = self._closed.setdefault(goal, set())
        seen, todo = {start}, deque([start])
        while todo:
            node = todo.popleft()
            for step in range(self._first[node], self._first[node + 1]):
                other, passed = self._stop[step], self._edge[step]
                if passed == edge or passed in self._done:
                    continue
                if other == goal:
                    return True
                if other not in seen and other not in closed:
                    seen.add(other)
                    todo.append(other)
        closed |= seen
        return False


def _wrong(message: str) -> Finding:
    return Finding("draw", message, "claim")
