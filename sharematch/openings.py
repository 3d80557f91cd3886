"""Slots from opening hours: zones, holidays, breaks, the host's own hours.

Hours are said on the clock of the place: a room open from nine is open from nine in
summer and in winter. Slots are cut by time that really passes, so a night in which the
clock is put back holds one more. Where hours come from (files of many standards) is
not known here.
"""

from sharematch.io.openings import (
    Cut,
    Cutting,
    Offer,
    Span,
    clipped,
    cut,
    merged,
    without,
    zone_named,
)

__all__ = [
    "Cut",
    "Cutting",
    "Offer",
    "Span",
    "clipped",
    "cut",
    "merged",
    "without",
    "zone_named",
]
