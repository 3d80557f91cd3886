"""Numbers that stand for something in columns: nothing, minutes, words."""

__all__ = ["CONSENTS", "DAY", "NONE", "SECTORS", "STATUSES", "WEEK"]

NONE = -1
"""Stands in integer columns for what a record does not say; never a real value."""

DAY = 1440
WEEK = 7 * DAY
"""Minutes."""

SECTORS = ("public", "host", "volunteer", "market")
CONSENTS = ("ask", "standing")
STATUSES = ("pinned", "accepted", "declined", "forbidden")
