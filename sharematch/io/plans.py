"""A plan as a table that can be handed out: who uses which slot."""

import csv
import io
from typing import TYPE_CHECKING

from sharematch.model.canonical import time_text
from sharematch.model.cells import guarded
from sharematch.model.instance import Instance

if TYPE_CHECKING:
    from sharematch.allocation import Allocation

__all__ = ["assignments_text"]

COLUMNS = ("slot", "need", "quantity", "facility", "start", "end", "community", "kind")


def assignments_text(instance: Instance, allocation: "Allocation") -> str:
    """Return a plan as CSV: one row for each slot and need, in order of their ids."""
    slots = {slot.id: slot for slot in instance.slots}
    needs = {need.id: need for need in instance.needs}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for assignment in allocation:
        slot, need = slots[assignment.slot], needs[assignment.need]
        times = [time_text(t) if t is not None else "" for t in (slot.start, slot.end)]
        row = (
            *(slot.id, need.id, str(assignment.quantity), slot.facility, *times),
            *(need.community, need.kind),
        )
        writer.writerow(map(guarded, row))
    return text.getvalue()
