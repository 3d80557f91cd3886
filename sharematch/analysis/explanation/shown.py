"""Facts as people are shown them: records by their labels."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from sharematch.analysis.explanation.facts import (
    Bound,
    Ceiling,
    Change,
    RuleFacts,
    Standing,
)
from sharematch.core.columns.labels import Label
from sharematch.model.wording import group_shown
from sharematch.plans.bookings import Booking

__all__ = ["labelled"]

_KINDS = {
    **{kind: kind for kind in ("need", "slot", "facility", "community")},
    "communities": "community",
    "slot_ids": "slot",
}
"""What kind of record the ids in a field are of."""


def labelled(facts: Any, label: Label) -> Any:
    """Return facts with labels where ids stood, all the way down."""
    if isinstance(facts, tuple):
        return tuple(labelled(item, label) for item in facts)
    if not is_dataclass(facts) or isinstance(facts, (type, Booking)):
        return facts
    changes = {
        field.name: _shown(field.name, getattr(facts, field.name), label)
        for field in fields(facts)
    }
    match facts:
        case Change():
            changes["id"] = label(facts.record, facts.id)
            if facts.code in ("choice", "closed"):
                changes["after"] = label("slot", str(facts.after))
        case RuleFacts():
            changes["short"] = tuple(
                group_shown(facts.by.split(" and "), g, label) for g in facts.short
            )
        case Standing() | Bound() | Ceiling():
            changes["group"] = group_shown(facts.by.split(" and "), facts.group, label)
    return replace(facts, **changes)


def _shown(name: str, value: Any, label: Label) -> Any:
    kind = _KINDS.get(name)
    if kind is None:
        return labelled(value, label)
    if isinstance(value, tuple):
        return tuple(label(kind, id_) for id_ in value)
    return label(kind, value) if isinstance(value, str) else value
