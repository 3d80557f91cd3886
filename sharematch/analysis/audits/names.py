"""Every name in an instance and its policy, and both with other names."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import sha256
from typing import Any

from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.model.vocabulary import NUMBERS_BY_GROUP

__all__ = ["SPACES", "with_other_names"]

FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "areas": {"id": ("area",), "parent": ("area",), "level": ("level",)},
    "communities": {"id": ("community",), "area": ("area",), "tags": ("tags",)},
    "providers": {"id": ("provider",), "community": ("community",)},
    "facilities": {
        "id": ("facility",),
        "community": ("community",),
        "provider": ("provider",),
        "features": ("feature",),
        "share": ("level",),
    },
    "slots": {
        "id": ("slot",),
        "facility": ("facility",),
        "kinds": ("kind",),
        "groups": ("group",),
        "either": ("either",),
        "share": ("level",),
    },
    "needs": {
        "id": ("need",),
        "community": ("community",),
        "kind": ("kind",),
        "groups": ("group",),
        "requires": ("feature",),
        "choices": ("slot", "facility"),
        "person": ("person",),
        "together": ("together",),
    },
    "pairs": {"need": ("need",), "slot": ("slot",)},
    "links": {
        "source": ("community", "facility"),
        "target": ("community", "facility"),
    },
    "past": {"community": ("community",), "person": ("person",)},
    "decisions": {"need": ("need",), "slot": ("slot",)},
}
"""Whose names each field holds; of one of two, the first that has it."""
SPACES = tuple(
    dict.fromkeys(spaces[0] for fields in FIELDS.values() for spaces in fields.values())
)
"""What bears names, each its own."""
GIVEN = ("own",)
"""Names that mean the same everywhere."""


class _Names:
    """The new name of everything; old ones in order become new ones in reverse."""

    def __init__(self, instance: Instance, only: Collection[str]) -> None:
        old: dict[str, set[str]] = defaultdict(set)
        for collection, fields in FIELDS.items():
            for record in getattr(instance, collection):
                for field, (space, *others) in fields.items():
                    if space in only and not others:
                        old[space].update(_texts(space, getattr(record, field)))
        self._new: dict[str, dict[str, str]] = {}
        for space, names in old.items():
            turned = sorted(names - {*GIVEN}, reverse=True)
            width = len(str(len(turned)))
            self._new[space] = {
                name: f"x{rank:0{width}}-{sha256(name.encode()).hexdigest()[:8]}"
                for rank, name in enumerate(turned)
            }

    def of(self, spaces: tuple[str, ...], value: Any) -> Any:
        """Return what a field holds instead."""
        if isinstance(value, str):
            return self._one(spaces, value)
        if isinstance(value, (tuple, frozenset)):
            return type(value)(self._one(spaces, name) for name in value)
        return value

    def _one(self, spaces: tuple[str, ...], name: str) -> str:
        known = [self._new.get(space, {}) for space in spaces]
        if spaces == ("kind",):
            return "/".join(known[0].get(part, part) for part in name.split("/"))
        return next((names[name] for names in known if name in names), name)

    def old(self, space: str) -> Mapping[str, str]:
        """Return the name that each new one stands for."""
        return {new: name for name, new in self._new.get(space, {}).items()}


def _texts(space: str, value: Any) -> Iterator[str]:
    texts = (value,) if isinstance(value, str) else value
    for text in texts if isinstance(texts, (tuple, frozenset)) else ():
        yield from text.split("/") if space == "kind" else (text,)


def with_other_names(
    instance: Instance, policy: Policy, only: Collection[str] = SPACES
) -> tuple[Instance, Policy, Callable[[str, str], tuple[str, str]]]:
    """Return both with other names, and from these the old ones of need and slot.

    Whatever came first by name comes last.

    Parameters
    ----------
    only
        Whose names are others, of `SPACES`.
    """
    names = _Names(instance, only)
    changed = {
        collection: [
            record.model_copy(
                update={
                    field: names.of(spaces, getattr(record, field))
                    for field, spaces in FIELDS[collection].items()
                }
            )
            for record in getattr(instance, collection)
        ]
        for collection in COLLECTIONS
    }
    needs, slots = names.old("need"), names.old("slot")
    return (
        instance.replace(**changed),
        policy.model_copy(
            update={
                "rules": tuple(_term(names, rule) for rule in policy.rules),
                "goals": tuple(_term(names, goal) for goal in policy.goals),
            }
        ),
        lambda need, slot: (needs.get(need, need), slots.get(slot, slot)),
    )


def _term(names: _Names, term: Any) -> Any:
    update: dict[str, Any] = {}
    if term.where:
        update["where"] = {
            key: tuple(sorted(names.of((key,), values)))
            for key, values in term.where.items()
        }
    for field in NUMBERS_BY_GROUP:
        numbers = getattr(term, field, None)
        if isinstance(numbers, Mapping):
            update[field] = {
                _group(names, term.groups, key): n for key, n in numbers.items()
            }
    bound = term.bound
    if term.by == "assignment" and term.measure == "tier" and isinstance(bound, str):
        update["bound"] = names.of(("level",), bound)
    return term.model_copy(update=update)


def _group(names: _Names, groups: tuple[str, ...], key: Any) -> Any:
    parts = (key,) if isinstance(key, str) else key
    new = tuple(
        names.of((group,), part) for group, part in zip(groups, parts, strict=False)
    )
    return new[0] if isinstance(key, str) else new
