"""The resource archive as a report, before anything is decided.

What each community has and lacks by kind of service, who owns what, on which terms,
which places nobody can use and which needs no slot can serve, each with its reason.
Values first, text last.
"""

from sharematch.analysis.inventory.registering import register
from sharematch.analysis.inventory.values import Register

__all__ = ["Register", "register"]
