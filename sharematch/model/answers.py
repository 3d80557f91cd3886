"""Answers to a draft: what hosts and residents say, and the instance that follows.

An answer is a decision on one pair, a need that is withdrawn, or a slot that is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, NamedTuple

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.model.needs import Decision, Need
from sharematch.model.numbers import LARGEST, to_datetime
from sharematch.text import Text

__all__ = ["DECIDED", "STATUSES", "Answer", "answers_of", "decide"]

DECIDED = ("pinned", "accepted", "declined", "forbidden")
STATUSES = (*DECIDED, "withdrawn", "gone")
"""What an answer may say: of a pair, of a need (withdrawn), of a slot (gone)."""

_NAMED = {"withdrawn": ("need",), "gone": ("slot",)}
_FIELDS = ("need", "slot", "status", "quantity", "start")


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
    start
        When the booking meant begins, in an opening; to decline or forbid without it
        is to refuse all of the pair's.

    Examples
    --------
    >>> answer = Answer("elderly", "mon", "declined")
    >>> answer.pair, answer.to_dict()
    (('elderly', 'mon', None), {'need': 'elderly', 'slot': 'mon', 'status': 'declined'})
    """

    need: str
    slot: str
    status: str
    quantity: int | None = None
    start: datetime | None = None

    @property
    def pair(self) -> tuple[str, str, datetime | None]:
        """What is answered."""
        return self.need, self.slot, self.start

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as files have it, what is empty left out."""
        said = {k: v for k, v in self._asdict().items() if v not in (None, "")}
        return said | ({"start": time_text(self.start)} if self.start else {})


def answers_of(
    items: Iterable[Any], instance: Instance | None = None
) -> tuple[Answer, ...]:
    """Return answers from answers, decisions, mappings or tuples, checked.

    Parameters
    ----------
    items
        What was said.
    instance
        The records that needs and slots must be among, if they are at hand.

    Raises
    ------
    InputError
        With everything that is wrong: an unknown status, a pair that is not named
        whole, a quantity that is no whole number, what the instance does not have.
    """
    if not isinstance(items, Iterable):
        raise InputError([Problem("value.must_be_a_list", field="decisions")])
    answers, problems = [], list[Problem]()
    for position, item in enumerate(items, 1):
        fields, faults = _fields(item)
        faults += [*_wrong(fields), *_read_start(fields)]
        problems += (
            replace(problem, record="answer", id=str(position)) for problem in faults
        )
        need, slot, status, quantity, start = (fields.get(name) for name in _FIELDS)
        pair = str(need or ""), str(slot or "")
        answers.append(Answer(*pair, str(status), quantity, start))
    if instance is not None:
        problems += _unknown(instance, answers)
        answers = [*_with_starts(instance, answers)]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: int(problem.id)))
    return tuple(answers)


def _fields(item: Any) -> tuple[dict[str, Any], list[Problem]]:
    """Return what an answer says by field, if anything, and what is no field."""
    problems = []
    if isinstance(item, Mapping):
        problems = [
            Problem(
                Text("answer.is_not_a_known_field", field=name),
                field=name,
                value=_short(item, name),
            )
            for name in sorted(map(str, set(item) - set(_FIELDS)))
        ]
        parts = [item.get(name) for name in _FIELDS]
    elif isinstance(item, tuple):
        parts = [*item, *[None] * len(_FIELDS)][: len(_FIELDS)]
    else:
        parts = [getattr(item, name, None) for name in _FIELDS]
    fields = dict(zip(_FIELDS, parts, strict=True))
    return {k: v for k, v in fields.items() if v not in ("", None)}, problems


def _short(item: Mapping[Any, Any], name: str) -> str:
    return str(item.get(name, ""))[:60]


def _wrong(fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with an answer by itself."""
    status = str(fields.get("status"))
    if status not in STATUSES:
        message = Text(
            "answer.status_is_not_one_of", status=status[:60], known=", ".join(STATUSES)
        )
        yield Problem(message, field="status", value=status[:60])
    else:
        needed: tuple[str, ...] = _NAMED.get(status, ("need", "slot"))
        is_one = len(needed) == 1
        code = f"answer.a_{needed[0]}_alone" if is_one else "answer.a_need_and_a_slot"
        words = Text(code)
        message = Text("answer.names", status=status, named=words)
        for name in ("need", "slot"):
            if (name in fields) != (name in needed):
                value = str(fields.get(name, ""))[:60]
                yield Problem(message, field=name, value=value)
    quantity = fields.get("quantity")
    if quantity is not None and not (
        type(quantity) is int and 0 <= quantity <= LARGEST
    ):
        shown = str(quantity)[:60]
        message = Text("answer.quantity_must_be_a_whole_number_0", quantity=shown)
        yield Problem(message, field="quantity", value=shown)


def _read_start(fields: dict[str, Any]) -> Iterator[Problem]:
    """Read when a booking begins; yield what is wrong with it."""
    start = fields.get("start")
    if start is None:
        return
    try:
        fields["start"] = to_datetime(start)
    except ValueError as error:
        del fields["start"]
        yield Problem(error.args[0], field="start", value=str(start)[:60])


def _with_starts(instance: Instance, answers: Iterable[Answer]) -> Iterator[Answer]:
    """Yield answers without the starts of plain slots, which say nothing new."""
    if not any(answer.start for answer in answers):
        yield from answers
        return
    plain = {slot.id: slot.start for slot in instance.slots if slot.step is None}
    for answer in answers:
        slot_start = plain.get(answer.slot)
        is_own = answer.start is not None and answer.start == slot_start
        yield answer._replace(start=None) if is_own else answer


@typed
def decide(instance: Instance, answers: Iterable[Any]) -> Instance:
    """Return the instance as it stands after answers; later ones replace earlier ones.

    Raises
    ------
    InputError
        For answers that name what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> need, slot = town.needs[0].id, town.slots[0].id
    >>> len(decide(town, [Answer(need, "", "withdrawn")]).needs) < len(town.needs)
    True
    """
    given = answers_of(answers, instance)
    withdrawn = _withdrawn(given)
    gone = {answer.slot for answer in given if answer.status == "gone"}
    changes: dict[str, Any] = {}
    needs = instance.needs
    if withdrawn:
        shrunk = (
            _without(n, withdrawn[n.id]) if n.id in withdrawn else n for n in needs
        )
        needs = changes["needs"] = tuple(need for need in shrunk if need is not None)
        there = {need.id for need in needs}
        changes["pairs"] = tuple(p for p in instance.pairs if p.need in there)
    if gone:
        # Its id stays: choices and pairs may name it.
        none = {"capacity": 0, "reserve": 0, "min_units": 0}
        changes["slots"] = tuple(
            slot.model_copy(update=none) if slot.id in gone else slot
            for slot in instance.slots
        )
    decided = {(d.need, d.slot, d.start): d for d in instance.decisions}
    decided |= {(d.need, d.slot, d.start): d for d in _decisions(given)}
    kept = _kept(decided.values(), needs, gone)
    return instance.replace(**changes, decisions=kept)


def _decisions(answers: Iterable[Answer]) -> Iterator[Decision]:
    for answer in answers:
        if answer.status in DECIDED:
            yield Decision.model_validate(answer._asdict())


def _unknown(instance: Instance, answers: Iterable[Answer]) -> Iterator[Problem]:
    """Yield names of answers that the instance does not have."""
    known = {
        "need": {need.id for need in instance.needs},
        "slot": {slot.id for slot in instance.slots},
    }
    for position, answer in enumerate(answers, 1):
        for field, ids in known.items():
            value = getattr(answer, field)
            if value and value not in ids:
                message = Text("instance.names_no_of_this_instance", field=field)
                yield Problem(message, "answer", str(position), field, value)


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
    still_asked = max(need.quantity - units, 0)
    if not still_asked:
        return None
    least = min(need.min_quantity, int(still_asked))
    return need.model_copy(update={"quantity": int(still_asked), "min_quantity": least})


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
