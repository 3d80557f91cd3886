"""What a round is, read from its entries in the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from sharematch.model.answers import Answer, answers_of
from sharematch.model.instance import Instance
from sharematch.model.lots import Commitment, hash_of_needs
from sharematch.model.policy import Policy
from sharematch.plans.results.result import Result
from sharematch.season.ledger import Count, Rule, Used, counts_of, past_of, used_of
from sharematch.season.log import Entry, load, possible_in

__all__ = [
    "Round",
    "answers_to",
    "commitment_of",
    "counts_in",
    "history_of",
    "instance_of",
    "policy_of",
    "result_of",
    "round_of",
]


@dataclass(frozen=True, slots=True)
class Round:
    """How one round stands.

    Parameters
    ----------
    name, state
        And what may be done now:
    possible
        Names of actions.
    is_settled
        Whether the newest plan takes in everything that was handed in since.
    status, served, demand
        Of the newest plan; empty and 0 without one.
    """

    name: str
    state: str
    possible: tuple[str, ...]
    is_settled: bool
    status: str = ""
    served: int = 0
    demand: int = 0


def _said(
    connection: Connection, name: str, entries: Sequence[Entry], action: str
) -> list[Any]:
    """Return the documents of one action on a round, in order."""
    return [
        load(connection, entry.document)
        for entry in entries
        if entry.round == name and entry.action == action
    ]


def policy_of(connection: Connection, name: str, entries: Sequence[Entry]) -> Policy:
    """Return the policy of a round."""
    (opened,) = _said(connection, name, entries, "open")
    return Policy(**opened["policy"])


def instance_of(
    connection: Connection,
    name: str,
    entries: Sequence[Entry],
    more: Mapping[str, list[Any]] | None = None,
) -> Instance:
    """Return the records of a round: as opened, what was added, and its past."""
    (opened,) = _said(connection, name, entries, "open")
    data = opened["instance"]
    added = _said(connection, name, entries, "add")
    for part in (*added, *([more] if more else [])):
        for collection, rows in part.items():
            data[collection] = [*data.get(collection, ()), *rows]
    town = Instance(**data)
    first = next(entry for entry in entries if entry.round == name)
    said = first.said()
    if "ledger" not in said:
        return town
    before = entries[: first.position - 1]
    history = history_of(connection, before)
    return town.replace(past=past_of(history, Rule(**said["ledger"]), town))


def commitment_of(
    connection: Connection, name: str, entries: Sequence[Entry]
) -> Commitment:
    """Return what a committed round binds: seed, its name, and the needs as sealed."""
    (told,) = _said(connection, name, entries, "commit")
    sealed = [e for e in entries if e.round == name and e.action == "seal"]
    then = entries[: sealed[0].position] if sealed else entries
    needs = instance_of(connection, name, then).needs
    return Commitment(told["seed"], name, hash_of_needs(need.id for need in needs))


def answers_to(
    connection: Connection, name: str, entries: Sequence[Entry]
) -> tuple[Answer, ...]:
    """Return all that was said to the drafts of a round, in order."""
    said = _said(connection, name, entries, "decide")
    return answers_of(answer for part in said for answer in part["answers"])


def result_of(
    connection: Connection, name: str, entries: Sequence[Entry]
) -> Result | None:
    """Return the newest plan, with the records it was made from."""
    solved = [e for e in entries if e.round == name and e.action == "solve"]
    if not solved:
        return None
    then = entries[: solved[-1].position]
    town = instance_of(connection, name, then)
    return Result.from_dict(load(connection, solved[-1].document), town)


def counts_in(
    connection: Connection,
    name: str,
    entries: Sequence[Entry],
    more: Iterable[Used] = (),
) -> tuple[Count, ...]:
    """Return what everybody asked for, got and used in a round."""
    result = result_of(connection, name, entries)
    assert result is not None
    said = _said(connection, name, entries, "usage")
    used = used_of(row for part in said for row in part["usage"])
    instance = result.instance
    assert instance is not None
    return counts_of(name, instance, result.allocation, (*used, *more))


def history_of(
    connection: Connection, entries: Sequence[Entry]
) -> tuple[tuple[Count, ...], ...]:
    """Return the counts of closed rounds, the first closed first."""
    closed = [entry for entry in entries if entry.action == "close"]
    return tuple(
        tuple(Count(**row) for row in load(connection, entry.document)["counts"])
        for entry in closed
    )


def round_of(connection: Connection, name: str, entries: Sequence[Entry]) -> Round:
    """Return how a round stands."""
    round_entries = [entry for entry in entries if entry.round == name]
    state = round_entries[-1].state
    make = partial(Round, name, state, tuple(possible_in(name, state)))
    solved = [entry for entry in round_entries if entry.action == "solve"]
    if not solved:
        return make(is_settled=False)
    newest = load(connection, solved[-1].document)
    later = {e.action for e in round_entries if e.position > solved[-1].position}
    measures = newest["measures"]
    return make(
        is_settled=not later & {"add", "decide"},
        status=newest["status"],
        served=measures.get("served", 0),
        demand=measures.get("demand", 0),
    )
