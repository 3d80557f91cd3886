"""register(): the tables of the register, one by one."""

import numpy as np

from sharematch.analysis.inventory import demand, offers
from sharematch.analysis.inventory.values import Register
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import labels
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.plans.results.unmet import commonest_codes

__all__ = ["register"]

COUNTS = ("communities", "providers", "facilities", "slots", "needs")


@typed
def register(instance: Instance, *, depth: int = 1) -> Register:
    """Return the register of an instance's resources and of what is missing.

    Parameters
    ----------
    instance
        The records. Nothing is decided, and no policy is looked at.
    depth
        How many parts of a kind's path are told apart: with 1, `health/check` and
        `health/clinic` are both `health`. A slot of several kinds counts for each.

    Raises
    ------
    InputError
        For a depth below 1.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> print(register(town).supply)
    community  kind    asked  own  missing  lend  no_slot  stands
    lianqiao   health      2    0        2     3        0  elsewhere
    tianfeng   health      4    3        1     0        0  short
    """
    if depth < 1:
        raise InputError("value.must_be_1_or_more", field="depth", value=str(depth))
    columns = encode(instance)
    arcs = arcs_module.build(columns)
    lone = columns.need_demand > 0
    lone[arcs.need] = False
    needs = np.flatnonzero(lone)
    codes = commonest_codes(columns, needs)
    kinds = demand.Kinds(columns, depth)
    idle = demand.idle_places(columns, arcs)
    return Register(
        name=columns.name,
        currency=columns.currency,
        counts={
            **{name: len(getattr(columns, _ids_of(name))) for name in COUNTS},
            "places": int(columns.slot_capacity.sum()),
            "units_asked": int(columns.need_demand.sum()),
        },
        supply=demand.supply(columns, arcs, kinds, needs),
        facilities=offers.facilities(columns, idle),
        owners=offers.owners(columns),
        sectors=offers.sectors(columns),
        terms=offers.terms(columns),
        idle=demand.idle_slots(columns, arcs, idle),
        unserved=demand.unserved(columns, needs, codes),
        reasons=demand.reasons(columns, kinds, needs, codes),
        label=labels(columns),
    )


def _ids_of(name: str) -> str:
    singular = {"communities": "community", "facilities": "facility"}
    return f"{singular.get(name, name.removesuffix('s'))}_ids"
