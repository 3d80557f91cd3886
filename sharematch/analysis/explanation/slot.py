"""Facts about a slot: who uses it, and who was turned away."""

import numpy as np
from numpy.typing import NDArray

from sharematch.analysis.explanation.facts import Held, SlotFacts, TurnedAway
from sharematch.analysis.explanation.need import booking_of
from sharematch.analysis.explanation.setting import Setting

__all__ = ["slot_facts"]


def slot_facts(setting: Setting, slot: int) -> SlotFacts:
    """Return who uses a slot, and whose unmet needs could have used it."""
    columns, arcs = setting.columns, setting.arcs
    here = np.flatnonzero(arcs.slot == slot)
    facility = int(columns.slot_facility[slot])
    home = int(columns.facility_community[facility])
    waiting = here[setting.unmet[arcs.need[here]] > 0]
    # Needs of the place may still have room where guests have none.
    limits = [setting.limit(int(arc)) for arc in (waiting if len(waiting) else here)]
    full_by = max(limits, key=limits.count) if limits and all(limits) else ""
    return SlotFacts(
        slot=columns.slot_ids[slot],
        facility=columns.facility_ids[facility],
        community=columns.community_ids[home],
        capacity=int(columns.slot_capacity[slot]),
        used=int(setting.used[slot]),
        reserve=int(columns.slot_reserve[slot]),
        full_by=full_by,
        users=setting.users(here),
        turned_away=turned_away(setting, np.unique(arcs.need[waiting])),
        could_use=len(np.unique(arcs.need[here])),
        bookings=_bookings(setting, here),
    )


def _bookings(setting: Setting, here: NDArray[np.int64]) -> tuple[Held, ...]:
    """Return the bookings of an opening; other slots have none of their own times."""
    booked = (
        booking_of(setting, arc) for arc in here[setting.units[here] > 0].tolist()
    )
    bookings = [booking for booking in booked if booking is not None]
    bookings.sort(key=lambda booking: (booking.start, booking.parts, booking.need))
    return tuple(Held(booking.need, booking.quantity, booking) for booking in bookings)


def turned_away(setting: Setting, needs: NDArray[np.int64]) -> tuple[TurnedAway, ...]:
    """Return unmet needs by community, most units first."""
    columns = setting.columns
    home = columns.need_community[needs]
    num = len(columns.community_ids)
    count = np.bincount(home, minlength=num)
    units = np.zeros(num, np.int64)
    np.add.at(units, home, setting.unmet[needs])
    return tuple(
        TurnedAway(share.community, int(count[community]), share.units)
        for share in setting.by_community(units)
        for community in [columns.position["community"][share.community]]
    )
