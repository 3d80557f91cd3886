"""Results as the text of their files: rows from columns, no dictionary for each."""

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any

from sharematch.io.native.documents import Lines, json_line, json_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.result import Result, document_of
from sharematch.plans.results.status import Unmet

__all__ = ["result_text"]


def result_text(result: Result) -> str:
    """Return the JSON document of a result as text."""
    return json_text(document_of(result, _assignments, _unmet))


def _assignments(plan: Allocation) -> Any:
    """Return the lines of a plan; the rows of one that has bookings."""
    if any(map(any, (plan.starts, plan.ends, plan.parts))):
        return plan.to_rows()
    columns = (plan.slots, plan.needs, plan.quantities.tolist())
    return Lines(
        f'{{"slot": {encode_basestring(slot)}, "need": {encode_basestring(need)}, '
        f'"quantity": {quantity}}}'
        for slot, need, quantity in zip(*columns, strict=True)
    )


def _unmet(unmet: Sequence[Unmet]) -> Lines:
    """Return a line for each need; reasons are few."""
    told = {
        (reason, code): json_line(
            {"reason": reason, **({"code": code} if code else {})}
        )
        for reason, code in {(u.reason, u.code) for u in unmet}
    }
    return Lines(
        f'{{"need": {encode_basestring(u.need)}, "quantity": {u.quantity}, '
        f"{told[u.reason, u.code][1:]}"
        for u in unmet
    )
