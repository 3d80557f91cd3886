"""Answers to a draft: what hosts and residents say, and the instance that follows.

An answer is a decision on one pair, a need that is withdrawn, or a slot that is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from sharematch.errors import InputError, Problem
from sharematch.model.instance import Instance
from sharematch.model.numbers import LARGEST
from sharematch.model.records import Decision, Need

__all__ = ["DECIDED", "STATUSES", "Answer", "answers_of", "decide"]

DECIDED = ("pinned", "accepted", "declined", "forbidden")
STATUSES = (*DECIDED, "withdrawn", "gone")
"""What an answer may say: of a pair, of a need (withdrawn), of a slot (gone)."""

_FIELDS = ("need", "slot", "status", "quantity")


class Answer(NamedTuple):
    """What somebody says to a draft.

    Parameters
    ----------
    need, slot
        The pair meant; a need alone is withdrawn, a slot alone is gone.
    status
        ``pinned``, ``accepted``, ``declined`` or ``forbidden`` as in a `Decision`,
        ``withdrawn`` or ``gone``.
    quantity
        Units: kept at least (pinned, accepted) or withdrawn; None for all. To a
        draft, accepted without a quantity means what is offered.
    """

    need: str
    slot: str
    status: str
    quantity: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as files have it, what is empty left out."""
        return {k: v for k, v in self._asdict().items() if v not in (None, "")}


def answers_of(items: Iterable[Any]) -> tuple[Answer, ...]:
    """Return answers from answers, decisions, mappings or tuples, checked.

    Raises
    ------
    InputError
        For an unknown status, a pair that is not named whole, or a quantity that is
        no whole number.
    """
    if not isinstance(items, Iterable):
        raise InputError([Problem("must be a list", field="decisions")])
    answers, problems = [], []
    for position, item in enumerate(items, 1):
        try:
            answers.append(_answer(item))
        except ValueError as error:
            problems.append(Problem(str(error), "answer", str(position)))
    if problems:
        raise InputError(problems)
    return tuple(answers)


def _answer(item: Any) -> Answer:
    if isinstance(item, Mapping):
        if unknown := sorted(map(str, set(item) - set(_FIELDS))):
            raise ValueError(f"{unknown[0]} is not a known field")
        parts = [item.get(name) for name in _FIELDS]
    elif isinstance(item, tuple):
        parts = [*item, None][:4]
    else:
        parts = [getattr(item, name, None) for name in _FIELDS]
    need, slot, status, quantity = (None if part == "" else part for part in parts)
    if status not in STATUSES:
        raise ValueError(f"status {status} is not one of {', '.join(STATUSES)}")
    wanted = {"withdrawn": (True, False), "gone": (False, True)}.get(
        str(status), (True, True)
    )
    if (need is not None, slot is not None) != wanted:
        named = {(True, False): "a need alone", (False, True): "a slot alone"}
        raise ValueError(f"{status} names {named.get(wanted, 'a need and a slot')}")
    if quantity is not None and not (
        type(quantity) is int and 0 <= quantity <= LARGEST
    ):
        raise ValueError(f"quantity {quantity} must be a whole number, 0 or more")
    return Answer(str(need or ""), str(slot or ""), str(status), quantity)


def decide(instance: Instance, answers: Iterable[Any]) -> Instance:
    """Return the instance as it stands after answers; later ones replace earlier ones.

    Raises
    ------
    InputError
        For answers that name what the instance does not have.
    """
    given = answers_of(answers)
    _check_names(instance, given)
    withdrawn = _withdrawn(given)
    gone = {answer.slot for answer in given if answer.status == "gone"}
    changes: dict[str, Any] = {}
    needs = instance.needs
    if withdrawn:
        left = (_without(n, withdrawn[n.id]) if n.id in withdrawn else n for n in needs)
        needs = changes["needs"] = tuple(need for need in left if need is not None)
        there = {need.id for need in needs}
        changes["pairs"] = tuple(p for p in instance.pairs if p.need in there)
    if gone:
        # Its id stays: choices and pairs may name it.
        none = {"capacity": 0, "reserve": 0, "min_units": 0}
        changes["slots"] = tuple(
            slot.model_copy(update=none) if slot.id in gone else slot
            for slot in instance.slots
        )
    decided = {(d.need, d.slot): d for d in instance.decisions}
    decided |= {(d.need, d.slot): d for d in _decisions(given)}
    kept = _kept(decided.values(), needs, gone)
    return instance.replace(**changes, decisions=kept)


def _decisions(answers: Iterable[Answer]) -> Iterator[Decision]:
    for answer in answers:
        if answer.status in DECIDED:
            yield Decision.model_validate(answer._asdict())


def _check_names(instance: Instance, answers: tuple[Answer, ...]) -> None:
    known = {
        "need": {need.id for need in instance.needs},
        "slot": {slot.id for slot in instance.slots},
    }
    problems = [
        Problem(f"names no {field} of this instance", "answer", str(i), field, value)
        for i, answer in enumerate(answers, 1)
        for field in known
        if (value := getattr(answer, field)) and value not in known[field]
    ]
    if problems:
        raise InputError(problems)


def _withdrawn(answers: Iterable[Answer]) -> dict[str, float]:
    """Return the units that needs no longer ask for."""
    units: dict[str, float] = {}
    for answer in answers:
        if answer.status == "withdrawn":
            less = inf if answer.quantity is None else answer.quantity
            units[answer.need] = units.get(answer.need, 0) + less
    return units


def _without(need: Need, units: float) -> Need | None:
    """Return what is left of a need, None for nothing."""
    left = max(need.quantity - units, 0)
    if not left:
        return None
    least = min(need.min_quantity, int(left))
    return need.model_copy(update={"quantity": int(left), "min_quantity": least})


def _kept(
    decided: Iterable[Decision], needs: Iterable[Need], gone: set[str]
) -> tuple[Decision, ...]:
    """Return the decisions that still mean something."""
    asked = {need.id: need.quantity for need in needs}
    kept = []
    for decision in decided:
        most = asked.get(decision.need)
        if most is None or decision.slot in gone:
            continue
        if decision.quantity is not None and decision.quantity > most:
            kept.append(decision.model_copy(update={"quantity": most}))
        else:
            kept.append(decision)
    return tuple(kept)
