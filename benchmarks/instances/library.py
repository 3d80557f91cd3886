"""The instances by name, the policies, and what is known of both together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import sharematch as sm
from sharematch import generate

__all__ = [
    "ENTRIES",
    "FOLDER",
    "KNOWN",
    "POLICIES",
    "Entry",
    "build",
    "known",
    "plan_path",
    "policy",
]

FOLDER = Path(__file__).parent
KNOWN = FOLDER / "known.json"
POLICIES = ("fair", "efficient", "few-facilities", "even")

_SEVERITIES: dict[str, dict[str, float]] = {
    "plain": {},
    "scarce": {"scarcity": 0.3},
    "ample": {"scarcity": 1.2},
    "timed": {"windows": 1.0, "kinds": 12},
    "skewed": {"skew": 2.0},
    "half-whole": {"whole": 0.5},
    "whole": {"whole": 1.0},
}
_OF_SIZE = {
    "community": tuple(_SEVERITIES),
    "subdistrict": tuple(_SEVERITIES),
    "district": ("plain", "scarce", "timed", "whole"),
    "city": ("plain",),
}


@dataclass(frozen=True)
class Entry:
    """How one instance is made.

    Parameters
    ----------
    name
        Size, severity and seed, joined by dashes.
    size
        Of `sharematch.generate.SIZES`.
    seed
        Chooses the instance among all of this size and severity.
    options
        Other options of `sharematch.datasets.generate.make`.
    policies
        For which best values are kept.
    """

    name: str
    size: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[str, ...] = POLICIES[:2]


def _entries() -> dict[str, Entry]:
    entries = (
        Entry(
            f"{size}-{severity}-1",
            size,
            seed=1,
            options=_SEVERITIES[severity],
            # What couples is recorded where it is small; whole needs couple anyway.
            policies=POLICIES if size == "community" else POLICIES[:2],
        )
        for size, severities in _OF_SIZE.items()
        for severity in severities
    )
    return {entry.name: entry for entry in entries}


ENTRIES = _entries()


def build(name: str) -> sm.Instance:
    """Return an instance of the library, made anew."""
    entry = ENTRIES[name]
    return generate.make(entry.size, seed=entry.seed, **entry.options)


@cache
def policy(name: str) -> sm.Policy:
    """Return a policy of the library."""
    return sm.io.read_policy(FOLDER / "policies" / f"{name}.toml")


@cache
def known() -> dict[str, Any]:
    """Return what is known by instance: its hash, its sizes, the best values."""
    found: dict[str, Any] = json.loads(KNOWN.read_text(encoding="utf-8"))["instances"]
    return found


def plan_path(name: str, policy_name: str) -> Path:
    """Return where the best plan known and its certificate are kept, if they are."""
    return FOLDER / "plans" / f"{name}.{policy_name}.json"
