"""Records of how far it is: ways between places, and how distances are measured."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

from sharematch.model import row_rules
from sharematch.model.base import Record, Ruled
from sharematch.model.fields import Id, Length, Positive, YesNo

if TYPE_CHECKING:
    from sharematch.model.accepted import Amount

__all__ = [
    "Link",
    "Travel",
]


class Link(Record):
    """A way between two communities or facilities.

    Parameters
    ----------
    source, target
        Ids of communities or facilities.
    travel
        Length in km or min.
    two_way
        Whether it can be gone back as well.

    Examples
    --------
    >>> Link(source="tianfeng", target="lianqiao", travel="0.8").two_way
    True
    """

    source: Id
    target: Id
    travel: Length
    two_way: YesNo = True

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            source: str,
            target: str,
            travel: Amount,
            two_way: bool = ...,
        ) -> None: ...


class Travel(Ruled):
    """How distances are measured.

    Parameters
    ----------
    unit
        Of lengths in records: ``km``, or ``min``.
    metric
        ``geo``: great circle between (lon, lat); ``plane``: straight between (x, y).
    detour
        What straight distances are multiplied by.
    speed
        In km/h; makes minutes of distances.

    Examples
    --------
    >>> Travel(unit="min", speed=4).unit
    'min'
    """

    _rules: ClassVar = row_rules.TRAVEL

    unit: Literal["km", "min"] = "km"
    metric: Literal["geo", "plane"] = "geo"
    detour: Length = Decimal(1)
    speed: Positive | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            unit: Literal["km", "min"] = ...,
            metric: Literal["geo", "plane"] = ...,
            detour: Amount = ...,
            speed: Amount | None = ...,
        ) -> None: ...
