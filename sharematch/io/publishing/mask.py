"""What a policy looks at, and what everything is called in public."""

from collections.abc import Iterable, Mapping
from typing import Any

from sharematch.core.columns.attributes import Key
from sharematch.io.publishing.names import name_in_public, token_of
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import CALENDAR, NUMBERS_BY_GROUP, units_below_alone

__all__ = ["WHOLE", "Mask"]

WHOLE = "all"
"""The one community or kind of a policy that does not look at them."""
TOLD_BY_PAIR = frozenset(("pair.minutes", "pair.unpreferred"))
"""What of a unit's booking is published as what it counts."""


def _is_told_by_pair(name: str) -> bool:
    """Return whether what a unit counts is published, no record telling it."""
    measure = MEASURES[name]
    return bool(measure.origin) or not TOLD_BY_PAIR.isdisjoint(measure.reads)


class Mask:
    """What a policy looks at, and what everything is called in public."""

    def __init__(self, policy: Policy, key: bytes) -> None:
        self.key = key
        terms = (*policy.rules, *policy.goals)
        self.measures = {term.measure for term in terms}
        self.reads = {field for m in self.measures for field in MEASURES[m].reads}
        """What measures need of records and pairs, as "record.field"."""
        self.own = tuple(sorted(filter(_is_told_by_pair, self.measures)))
        self.where = {
            (name, value)
            for term in terms
            for name, values in (term.where or {}).items()
            for value in values
        }
        self.keys = {name for name, _ in self.where}
        for term in terms:
            if term.by not in (None, "assignment"):
                self.keys |= {*term.groups}
            for numbers in _numbers(term).values():
                for group in numbers if isinstance(numbers, Mapping) else ():
                    parts = (group,) if isinstance(group, str) else group
                    self.where |= {*zip(term.groups, parts, strict=False)}
        looks_at_own = any(units_below_alone(term) is not None for term in terms)
        self.levels = {
            bound
            for term in terms
            if term.measure == "tier"
            and term.by == "assignment"
            and isinstance(bound := term.bound, str)
        }
        self.by_weight = {
            field
            for term in terms
            if term.by in ("community", "area")
            for field in _numbers(term).values()
            if field in ("population", "entitlement")
        }
        self.has_people = any("people" in _numbers(term).values() for term in terms)
        self.has_areas = bool(self.keys & {"area"}) or bool(self.levels)
        self.has_homes = bool(self.keys & {"community", "area", "tags"}) or looks_at_own
        self.policy = policy.model_copy(
            update={
                "rules": tuple(map(self.term, policy.rules)),
                "goals": tuple(map(self.term, policy.goals)),
            }
        )

    def id(self, kind: str, id_: str | None) -> str | None:
        """Return the public id of a record or label."""
        if id_ is None:
            return None
        return name_in_public(token_of(self.key, kind, id_))

    def group(self, name: str, value: str) -> str:
        """Return what a group is called: what the policy names keeps its name."""
        if name in (*CALENDAR, "time", "sector", "tags"):
            return value
        if name == "kind":
            return self.kind(value)
        if name == "group":
            return value if (name, value) in self.where else f"{self.id(name, value)}"
        return f"{self.id(name, value)}"

    def kind(self, kind: str) -> str:
        """Return a kind beneath the kinds that the policy names."""
        if "kind" not in self.keys:
            return WHOLE
        named = [
            value
            for name, value in self.where
            if name == "kind" and (kind == value or kind.startswith(f"{value}/"))
        ]
        above = max(named, key=len, default="")
        if kind == above:
            return kind
        return f"{above}/{self.id('kind', kind)}".removeprefix("/")

    def community(self, id_: str) -> str:
        """Return the public id of a community, or of all where that says enough."""
        return f"{self.id('community', id_)}" if self.has_homes else WHOLE

    def pair(self, need: str, slot: str) -> dict[str, Any]:
        """Return the public ids of a pair."""
        return {"slot": self.id("slot", slot), "need": self.id("need", need)}

    def key_of(self, groups: Iterable[str], key: Key) -> Key:
        """Return the public key of a group."""
        if isinstance(key, str):
            (name,) = (*groups,) or ("",)
            return self.group(name, key) if key else key
        one, other = (self.group(n, k) for n, k in zip(groups, key, strict=True))
        return one, other

    def term(self, term: Any) -> Any:
        """Return a rule or goal in public names."""
        change: dict[str, Any] = {}
        if term.where:
            change["where"] = {
                name: tuple(sorted(self.group(name, value) for value in values))
                for name, values in term.where.items()
            }
        for field, numbers in _numbers(term).items():
            if isinstance(numbers, Mapping):
                change[field] = {
                    self.key_of(term.groups, key): n for key, n in numbers.items()
                }
        return term.model_copy(update=change)


def _numbers(term: Any) -> dict[str, Any]:
    """Return the fields of a rule or goal that may be numbers by group."""
    return {name: getattr(term, name, None) for name in NUMBERS_BY_GROUP}
