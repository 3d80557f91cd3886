"""Columns: an instance as read-only arrays, records in the order of their ids.

Lengths are whole metres or seconds, money is minor units, times are minutes, dates are
day numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as column
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.cells import Cells
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.digest import digest_of
from sharematch.core.columns.given import Given
from sharematch.core.columns.sets import Labels

__all__ = ["Columns"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """An instance as arrays; positions are ranks among the sorted ids of a type."""

    name: str
    area_ids: tuple[str, ...]
    area_parent: Ints
    area_level: Ints
    levels: tuple[str, ...]
    """Level names from the lowest up."""

    community_ids: tuple[str, ...]
    community_area: Ints
    community_ancestors: Ints
    """(levels, communities): the area of each level a community lies in, or NONE."""
    community_xy: Floats
    community_population: Ints
    community_entitlement: tuple[Fraction | None, ...]
    community_tags: Labels
    community_past_served: Ints
    community_past_demand: Ints

    provider_ids: tuple[str, ...]
    provider_sector: Ints
    """Positions in SECTORS."""
    provider_community: Ints

    facility_ids: tuple[str, ...]
    facility_community: Ints
    facility_provider: Ints
    facility_xy: Floats
    facility_features: Labels
    facility_max_units: Ints
    facility_opening_cost: Ints
    facility_setup: Ints
    facility_is_standing: Bools
    """Whether the host has agreed beforehand."""
    facility_parts: tuple[tuple[str, ...], ...]
    """Names of what the capacity of its openings counts."""
    closed_facility: Ints
    closed_start: Ints
    closed_end: Ints
    shut_facility: Ints
    shut_start: Ints
    """Of the facility's hours of its own in every week: minutes after Monday 0:00."""
    shut_minutes: Ints

    slot_ids: tuple[str, ...]
    slot_facility: Ints
    slot_kinds: Labels
    """Over `kinds`."""
    slot_capacity: Ints
    slot_is_timed: Bools
    slot_start: Ints
    slot_end: Ints
    slot_date: Ints
    """Day number of the start as written, NONE if untimed."""
    slot_clock: Ints
    """Minutes of the start by the clock, as written, in whatever zone; 0 if untimed."""
    slot_reserve: Ints
    slot_fee: Ints
    slot_staff_fee: Ints
    slot_unit_cost: Ints
    slot_opening_cost: Ints
    slot_min_units: Ints
    slot_either: Ints
    slot_share: Ints
    """The widest tier a slot is open to, the facility's taken into account."""
    slot_groups: Labels
    """Over `groups`."""
    slot_radius: Ints
    slot_step: Ints
    """Given, the slot is an opening: minutes from each start to the next."""
    slot_least_people: Ints
    slot_most_people: Ints
    concession_slot: Ints
    concession_group: Ints
    """Over `groups`."""
    concession_fee: Ints

    need_ids: tuple[str, ...]
    need_community: Ints
    need_kind: Ints
    need_quantity: Ints
    need_groups: Labels
    """Over `groups`."""
    need_weight: Ints
    need_xy: Floats
    window_need: Ints
    window_start: Ints
    window_end: Ints
    weekly_need: Ints
    weekly_start: Ints
    """Of the need's windows in every week: minutes after Monday 0:00 by the clock."""
    weekly_minutes: Ints
    need_max_travel: Ints
    need_max_fee: Ints
    need_requires: Labels
    """Over the names of `facility_features`."""
    choice_need: Ints
    choice_slot: Ints
    """The chosen slot, or NONE where a facility is chosen."""
    choice_facility: Ints
    choice_rank: Ints
    need_since: Ints
    need_due: Ints
    need_min_quantity: Ints
    need_whole: Bools
    need_sessions: Ints
    need_every: Ints
    need_person: Ints
    need_together: Ints
    need_minutes: Ints
    need_times: Ints
    need_per_day: Ints
    need_min_sessions: Ints
    need_rest: Ints
    need_people: Ints
    preferred_need: Ints
    preferred_position: Ints
    preferred_is_weekly: Bools
    preferred_start: Ints
    """Minutes, of a weekly one after Monday 0:00 by the clock."""
    preferred_end: Ints

    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    person_ids: tuple[str, ...]
    together_ids: tuple[str, ...]
    either_ids: tuple[str, ...]
    person_past_served: Ints
    person_past_demand: Ints

    pair_need: Ints
    pair_slot: Ints
    pair_cost: Ints
    pair_units: Ints

    link_source: Ints
    """Communities first, then facilities."""
    link_target: Ints
    link_travel: Ints
    link_two_way: Bools

    decision_need: Ints
    decision_slot: Ints
    decision_status: Ints
    """Positions in STATUSES."""
    decision_quantity: Ints
    decision_start: Ints

    unit: str
    metric: str
    detour: float
    speed: float | None
    currency: str

    given: Given | None = None
    """The pairs of a published instance, whose records do not tell them."""

    is_zoned: bool = False
    """Whether times have offsets; no part of the hash, which holds their instants."""

    names: Mapping[str, Mapping[str, str]] = column(default_factory=dict)
    """What people are shown in place of ids, by type and id; no part of the hash."""

    @cached_property
    def need_demand(self) -> Ints:
        """Units each need asks for: its quantity times its times and sessions."""
        return self.need_quantity * self.need_times * self.need_sessions

    @cached_property
    def need_held_sessions(self) -> Ints:
        """How many dates of a series each need holds at least."""
        least = self.need_min_sessions
        return np.where(least == NONE, self.need_sessions, least)

    @cached_property
    def decided_cell(self) -> Ints:
        """Where the booking of each decision begins: of other slots their one cell.

        NONE for decisions on all bookings of a pair, and where no step begins.
        """
        slot, start = self.decision_slot, self.decision_start
        only_cell = np.where(self.slot_step[slot] == NONE, self.cells.first[slot], NONE)
        return np.where(start == NONE, only_cell, self.cells.at(slot, start))

    @cached_property
    def is_booked(self) -> Bools:
        """By need, whether it is served in bookings, each of all its quantity."""
        return np.asarray(self.need_minutes != NONE, bool)

    def booking_steps(self, need: Ints, slot: Ints) -> Ints:
        """Return how many steps of a slot a need's booking takes; of any other, one."""
        step, minutes = self.slot_step[slot], self.need_minutes[need]
        is_cut = (step != NONE) & (minutes != NONE)
        return np.where(is_cut, minutes // np.where(is_cut, step, 1), 1)

    @cached_property
    def cells(self) -> Cells:
        """The steps of openings; any other slot is one cell."""
        timed = (self.slot_start, self.slot_end, self.slot_clock, self.slot_date)
        return Cells.of(self.slot_step, *timed)

    @cached_property
    def position(self) -> dict[str, dict[str, int]]:
        """Positions by id, for each type of record that has ids."""
        names = ("area", "community", "provider", "facility", "slot", "need")
        ids = {name: getattr(self, f"{name}_ids") for name in names}
        return {
            name: dict(zip(ids[name], range(len(ids[name])), strict=True))
            for name in names
        }

    @cached_property
    def digest(self) -> str:
        """The content as "sha256:…": equal for equal instances in any order."""
        return digest_of(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields: what was computed from them does not travel."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for value in state.values():
            arrays = (
                tuple(getattr(value, part.name) for part in fields(value))
                if isinstance(value, Labels | Given)
                else (value,)
            )
            for array in arrays:
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)

    def tier(self, community: Ints, other: Ints) -> Ints:
        """Return the tier between communities, NONE where they share nothing."""
        count = len(self.community_ids)
        if count**2 < len(community):
            # Fewer communities than pairs: each two are looked at once.
            every = np.arange(count)
            table = self.tier(np.repeat(every, count), np.tile(every, count))
            return table.take(community * count + other)
        same = community == other
        if not self.area_ids:
            return np.where(same, 0, 1)
        tier = np.full(len(community), NONE, np.int64)
        for height in reversed(range(len(self.levels))):
            area = self.community_ancestors[height]
            meets = (area[community] == area[other]) & (area[community] != NONE)
            tier[meets] = height + 1
        tier[same] = 0
        return tier

    def tier_number(self, name: str) -> int | None:
        """Return the tier that `name` means here: "own" or a level; else None."""
        names = ("own", *self.levels)
        return names.index(name) if name in names else None
