"""Measures of one's own over arcs: what their function says, and that it may say so."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.given import Given
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.pairs import ArcPairs
from sharematch.errors import InputError
from sharematch.model.measure import LinearForm, Measure

__all__ = ["own_form"]

Ints = NDArray[np.int64]
TRIED = 16
"""Pairs of which a function is asked alone, to see whether it says the same.

Spread over all pairs, and few: a function of somebody's own may take long.
"""


def own_form(measure: Measure, columns: Columns, arcs: Arcs) -> LinearForm:
    """Return the form of a measure that is somebody's own.

    Raises
    ------
    InputError
        For what is no coefficient, or is another one in the company of other pairs; of
        a published instance, where this measure was not published.
    """
    if columns.given is not None:
        return LinearForm(_published(measure.name, columns, columns.given, arcs))
    settled = replace(arcs, travel=arcs.distance)
    has_distances = not arcs.num_unknown
    form = measure.form(ArcPairs(columns, settled, has_distances=has_distances))
    assert form.per_unit is not None
    for arc in range(0, len(arcs), max(len(arcs) // TRIED, 1)):
        alone = ArcPairs(columns, settled.keep(np.array([arc])))
        per_unit = measure.form(alone).per_unit
        assert per_unit is not None
        if per_unit[0] != form.per_unit[arc]:
            raise InputError(
                "measure.depends_on_other_pairs",
                record=measure.name,
                need=alone.ids("need")[0],
                slot=alone.ids("slot")[0],
                value=str(form.per_unit[arc]),
                other=str(per_unit[0]),
            )
    return form


def _published(name: str, columns: Columns, given: Given, arcs: Arcs) -> Ints:
    """Return what a unit on each arc adds, as it was published; nothing elsewhere."""
    names = given.own_names or ()
    if given.own is None or name not in names:
        raise InputError("measure.is_not_published", record=name)
    told = given.own[names.index(name)]
    width = max(len(columns.slot_ids), 1)
    place = find(given.need * width + given.slot, arcs.need * width + arcs.slot)
    return np.where(place < 0, 0, np.append(told, 0)[place])
