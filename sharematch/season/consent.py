"""Which hosts are asked whether a plan suits them; who has agreed beforehand is not."""

from collections.abc import Iterable

from sharematch.model.answers import Answer
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation, Assignment

__all__ = ["questions"]

_AGREED = ("accepted", "pinned")


@typed
def questions(
    instance: Instance, plan: Allocation, answers: Iterable[Answer] = ()
) -> tuple[Assignment, ...]:
    """Return what of a plan its hosts are still to be asked, in the plan's order.

    Places of facilities with ``consent="standing"`` are not asked for; a decline that
    comes all the same is honored, as any. Nor is what was accepted or pinned already.

    Parameters
    ----------
    answers
        What was said so far, beside the decisions of the instance; later ones count.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[
    ...         sm.Facility(id="hall", community="tianfeng", consent="standing"),
    ...         sm.Facility(id="school", community="tianfeng"),
    ...     ],
    ...     slots=[
    ...         sm.Slot(id=f"{place} mon", facility=place, kinds=["dance"], capacity=1)
    ...         for place in ("hall", "school")
    ...     ],
    ...     needs=[sm.Need(id="d", community="tianfeng", kind="dance", quantity=2)],
    ... )
    >>> [one.slot for one in questions(town, sm.solve(town).allocation)]
    ['school mon']
    """
    standing = {f.id for f in instance.facilities if f.consent == "standing"}
    host = {slot.id: slot.facility for slot in instance.slots}
    said = {(d.need, d.slot, d.start): d for d in instance.decisions}
    agreed: dict[tuple[str, str, object], int | None] = {
        pair: d.quantity for pair, d in said.items() if d.status in _AGREED
    }
    for answer in answers:
        agreed.pop(answer.pair, None)
        if answer.status in _AGREED:
            agreed[answer.pair] = answer.quantity
    surprised = []
    for booking in plan:
        pair = (booking.need, booking.slot, booking.start)
        units = agreed.get(pair, 0)
        is_open = units is not None and units < booking.quantity
        if is_open and host[booking.slot] not in standing:
            surprised.append(booking)
    return tuple(surprised)
