"""What explanations say, as frozen values: codes, ids and numbers, no sentences."""

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.model.canonical import time_text
from sharematch.plans.bookings import Booking

__all__ = [
    "Bottleneck",
    "Bound",
    "Ceiling",
    "Change",
    "CommunityFacts",
    "Facts",
    "Got",
    "Holder",
    "NearMiss",
    "NeedFacts",
    "NoPlanFacts",
    "Place",
    "Refused",
    "RuleFacts",
    "SlotFacts",
    "Standing",
    "TurnedAway",
    "Units",
    "written",
]


@dataclass(frozen=True, slots=True)
class Units:
    """So many units, of or to a community."""

    community: str
    units: int


@dataclass(frozen=True, slots=True)
class Got:
    """Units that a need has in one slot, and on what terms, each by unit."""

    slot: str
    facility: str
    community: str
    """Whose facility it is."""
    units: int
    day: str | None
    """The date as ISO 8601 text, None if untimed."""
    travel: int | None
    """Metres or seconds, None if not known."""
    fee: Decimal
    booking: Booking | None = None
    """When it begins and ends, and its parts, in an opening."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slot that a need may use, and what is left of it for this need."""

    slot: str
    facility: str
    capacity: int
    used: int
    full_by: str
    """``capacity``, ``reserve`` or ``max_units``; empty where there is room.

    Of an opening: at every time at which a booking could begin.
    """
    users: tuple[Units, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A slot that a need may not use, and by how much.

    `off` is metres or seconds (``travel``, ``radius``), minutes (``time``), money
    (``fee``), tiers (``share``), or in the measure of the rule; None where it cannot be
    counted. `missing` names features, or the groups that the slot is for.
    """

    slot: str
    facility: str
    off: int | Decimal | None
    missing: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Other codes that stand in the way as well."""
    rule: int | None = None
    """The rule that excludes it, counted from 1."""


@dataclass(frozen=True, slots=True)
class Refused:
    """How many slots are out for one first reason, the nearest misses first."""

    code: str
    slots: int
    nearest: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a community stands in the fairness goal.

    `one_more` and `one_fewer` are what the value would be with one unit more or fewer.
    """

    goal: int
    measure: str
    by: str
    group: str
    value: Fraction
    one_more: Fraction
    one_fewer: Fraction


@dataclass(frozen=True, slots=True)
class Holder:
    """A community that has units in slots which a need can reach.

    `stands_no_better` says that with one unit fewer it would stand no better than the
    need's own group does now; None where there is no fairness goal to compare by.
    """

    community: str
    units: int
    standing: Standing | None
    stands_no_better: bool | None


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Needs that reach only these slots, all of them full.

    `asked` is what all these needs ask for, `places` the capacity of the slots and
    `used` what of it is in use; the rest is reserved or beyond what a facility bears.
    """

    needs: int
    asked: int
    slots: int
    places: int
    used: int
    communities: tuple[str, ...]
    slot_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the records or the policy that would have served a need.

    Parameters
    ----------
    code
        What is loosened: a reason code, or ``capacity``.
    record, id, field
        What to change; `record` is ``need``, ``slot``, ``facility``, ``decision`` or
        ``rule`` (`id` counts from 1).
    before, after
        Of the field, as files write them.
    off
        How much it is changed, in the unit of `NearMiss.off`.
    slot
        The slot that this opens.
    units
        Units more for the need.
    paid_by
        Communities with fewer units then.
    checked
        ``path``: proved by an exchange within the plan; ``solve``: by solving anew.
    """

    code: str
    need: str
    record: str
    id: str
    field: str
    before: Any
    after: Any
    off: int | Decimal | None
    slot: str
    units: int
    paid_by: tuple[Units, ...]
    checked: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A bound of a rule that the least a need could still take would break.

    Parameters
    ----------
    rule
        Its position, from 1.
    measure, by, group
        What is bounded, and of whom; empty for a rule on all together.
    used, bound, more
        What the plan uses of the bound, and the least that would break it.
    """

    rule: int
    measure: str
    by: str
    group: str
    used: Fraction
    bound: Fraction
    more: Fraction

    @property
    def is_own(self) -> bool:
        """Whether it is the need's own, or its person's."""
        return not {"need", "person"}.isdisjoint(self.by.split(" and "))


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What became of a need.

    `decided_by` says what keeps it from more: ``goal`` (then `goal` is its position),
    ``draw`` (another plan is just as good), ``limits`` (no exchange at all is
    possible); empty where that is not known.
    """

    need: str
    community: str
    kind: str
    asked: int
    served: int
    reason: str
    got: tuple[Got, ...]
    places: tuple[Place, ...]
    refused: tuple[Refused, ...]
    standing: Standing | None
    holders: tuple[Holder, ...]
    bottleneck: Bottleneck | None
    decided_by: str
    goal: int | None
    changes: tuple[Change, ...]
    searched: bool
    """Whether smallest changes were looked for."""
    ceilings: tuple[Ceiling, ...] = ()
    """Where a rule stops it: which bounds of which groups."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Unmet needs of a community that could have used a slot."""

    community: str
    needs: int
    units: int


@dataclass(frozen=True, slots=True)
class Held:
    """A booking in an opening, and whose it is."""

    need: str
    units: int
    booking: Booking


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """Who uses a slot, and who would have liked to."""

    slot: str
    facility: str
    community: str
    capacity: int
    used: int
    reserve: int
    full_by: str
    """What keeps out those who wait; if nobody does, everyone."""
    users: tuple[Units, ...]
    turned_away: tuple[TurnedAway, ...]
    could_use: int
    """Needs that may use it."""
    bookings: tuple[Held, ...] = ()
    """Of an opening: who is there when, by start."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule on one group: its value, how much is left, and whether that is nothing."""

    rule: int
    text: str
    by: str
    group: str
    value: Fraction
    bound: Fraction
    slack: Fraction
    binds: bool


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """How a community fares, and what holds it where it is."""

    community: str
    asked: int
    served: int
    standing: Standing | None
    unmet: tuple[tuple[str, int], ...]
    """Units by reason, most first."""
    borrowed: tuple[Units, ...]
    lent: tuple[Units, ...]
    bottleneck: Bottleneck | None
    rules: tuple[Bound, ...]
    """Rules that bind it."""
    changes: tuple[Change, ...]
    searched: bool


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """Whether a rule binds, for whom, and how much is left."""

    rule: int
    text: str
    by: str
    binds: bool
    bounds: tuple[Bound, ...]
    """By group, the tightest first; empty for a rule on each assignment."""
    pairs: int
    """Pairs of a need and a slot that a rule on each assignment takes out."""
    needs: int
    """Needs that lose pairs to it."""
    stranded: TurnedAway | None
    """Those of them that are unmet and have no pair left."""
    short: tuple[str, ...] = ()
    """Groups with something to spare, yet too little for one more of who waits."""


@dataclass(frozen=True, slots=True)
class NoPlanFacts:
    """There is no plan: why, as far as is known."""

    status: str
    conflict: tuple[Any, ...]
    named: bool
    """Whether what was asked about is itself part of the conflict."""


Facts = NeedFacts | SlotFacts | CommunityFacts | RuleFacts | NoPlanFacts


def written(value: Any) -> Any:
    """Return facts as plain values: ratios as "a/b", money as text."""
    if isinstance(value, Booking):
        parts = {"parts": list(value.parts)} if value.parts else {}
        return {"start": time_text(value.start), "end": time_text(value.end)} | parts
    if isinstance(value, Got) and value.booking is None:
        fields_of_slot = (field.name for field in fields(value)[:-1])
        return {name: written(getattr(value, name)) for name in fields_of_slot}
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: written(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, (tuple, list)):
        return [written(item) for item in value]
    if isinstance(value, dict):
        names = (key if isinstance(key, str) else " | ".join(key) for key in value)
        return dict(zip(names, map(written, value.values()), strict=True))
    return _number_written(value)


def _number_written(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return f"{value:.2f}" if isinstance(value, Decimal) else value
