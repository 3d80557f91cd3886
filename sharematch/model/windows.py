"""Windows: spans of time that are told by date or by weekday."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Discriminator, Tag

from sharematch.model import row_rules
from sharematch.model.base import Timed
from sharematch.model.fields import Time, Weekly, as_windows, kind_of_window

if TYPE_CHECKING:
    from sharematch.model.accepted import When

__all__ = [
    "Window",
    "Windows",
]


class Window(Timed):
    """A span of time, `start` to `end`.

    Parameters
    ----------
    start, end
        Times (ISO 8601 as text); all of an instance with a zone, or all without.

    Examples
    --------
    >>> Window(start="2026-12-07T09:00", end="2026-12-07T12:00").start.hour
    9
    """

    _rules: ClassVar = row_rules.WINDOW

    start: Time
    end: Time

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            start: When,
            end: When,
        ) -> None: ...


AnyWindow = Annotated[
    Annotated[Window, Tag("dated")] | Annotated[Weekly, Tag("weekly")],
    Discriminator(kind_of_window),
]
Windows = Annotated[tuple[AnyWindow, ...], as_windows]
