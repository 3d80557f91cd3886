"""What an audit of neutrality says: each change, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Audit", "Change", "Verdict"]

Verdict = Literal["same", "tie", "explained", "unexplained", "skipped"]


@dataclass(frozen=True)
class Change:
    """One change that should not matter, and what it did.

    `verdict` is "same"; "tie" where other needs are served and every goal is worth the
    same; "explained" where the policy itself makes the difference, see `reason`;
    "unexplained"; or "skipped". `names` says whose names alone make a difference, such
    as "community" or "slot". Pairs are before and after.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> change = sm.neutrality.audit(town).changes[0]
    >>> change.change, change.verdict
    ('rename', 'same')
    """

    change: str
    verdict: Verdict
    reason: str = ""
    goals: Mapping[int, tuple[Any, Any]] = field(default_factory=dict)
    """Goals, from 1, that are worth something else."""
    communities: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Units served, where they differ."""
    needs: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "change": self.change,
            "verdict": self.verdict,
            "reason": self.reason,
            "names": [*self.names],
            "goals": [
                {"goal": goal, "before": _text(one), "after": _text(other)}
                for goal, (one, other) in self.goals.items()
            ],
            "communities": _rows(self.communities),
            "needs": _rows(self.needs),
        }


@dataclass(frozen=True)
class Audit:
    """What every change did.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> sm.neutrality.audit(town).is_neutral
    True
    """

    changes: tuple[Change, ...]

    @property
    def is_neutral(self) -> bool:
        """Whether the policy explains every difference."""
        return all(change.verdict != "unexplained" for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        changes = [change.to_dict() for change in self.changes]
        return {"neutral": self.is_neutral, "changes": changes}


def _text(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(x) for x in value]
    return value if isinstance(value, int) else str(value)


def _rows(pairs: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"id": k, "before": a, "after": b} for k, (a, b) in pairs.items()]
