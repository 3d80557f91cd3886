"""What a validation found, in this library's words."""

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from sharematch.errors import InputError, Problem
from sharematch.model.fields import CONTROL
from sharematch.text import Text

__all__ = ["identity_of", "problems_of", "short"]

_MESSAGES = {
    "missing": "value.is_missing",
    "string_type": "value.must_be_text",
    "bool_type": "value.must_be_true_or_false",
    "int_type": "value.must_be_a_whole_number",
    "list_type": "value.must_be_a_list",
    "dict_type": "value.must_be_a_record_with_named",
    "string_too_short": "value.must_not_be_empty",
    "too_short": "value.must_not_be_empty",
    "string_too_long": "value.is_too_long",
    "string_pattern_mismatch": "value.must_be_a_path_such_as",
    "model_type": "value.must_be_a_record_with_named",
    "model_attributes_type": "value.must_be_a_record_with_named",
}
_TAGS = {
    "union_tag_invalid": "value.must_be",
    "union_tag_not_found": "value.is_missing",
}
"""Where a field says which record it is of: it says something else, or nothing."""
_BRANCHES = ("int", "str", "dated", "weekly")
"""Where a field takes values of more than one type: which of them was meant."""
_CONTROL = re.compile(f"[{CONTROL}]")


def problems_of(
    error: ValidationError, record: type[BaseModel], fields: object
) -> list[Problem]:
    """Return what a validation found, in this library's words."""
    identity = identity_of(fields) if isinstance(fields, Mapping) else ""
    name_of = getattr(record, "label", None)
    label = str(name_of() if name_of else record.__name__.lower())
    problems = []
    for item in error.errors(include_url=False):
        details = item.get("ctx") or {}
        cause = details.get("error")
        place = [str(part) for part in item["loc"] if part not in _BRANCHES]
        if isinstance(cause, InputError):
            for problem in cause.problems:
                is_of_record = not problem.record
                path = ".".join(filter(None, [*place, problem.field]))
                problems.append(
                    Problem(
                        problem.message,
                        label if is_of_record else problem.record,
                        identity if is_of_record else problem.id,
                        path if is_of_record else problem.field,
                        short(problem.value),
                        problem.hint,
                    )
                )
            continue
        problems.append(_worded(item, place, record, identity, label))
    return problems


def _worded(
    item: Mapping[str, Any],
    place: Sequence[str],
    record: type[BaseModel],
    identity: str,
    label: str,
) -> Problem:
    """Return what one field has against it."""
    details = item.get("ctx") or {}
    kind, field, hint = item["type"], ".".join(place), ""
    message: str = str(details.get("error") or "")
    value = "" if kind == "missing" else short(item["input"])
    if kind == "extra_forbidden":
        message = Text("value.is_not_a_known_field")
        near = difflib.get_close_matches(place[-1], record.model_fields, 1)
        hint = f"{near[0]}?" if near and len(place) == 1 else ""
    elif kind in _TAGS:
        tags = str(details.get("expected_tags", ""))
        message = Text(_TAGS[kind], expected=tags)
        field = ".".join([*place, str(details["discriminator"]).strip("'")])
        value = short(details.get("tag", ""))
        near = difflib.get_close_matches(value, re.findall(r"'([^']*)'", tags), 1)
        hint = f"{near[0]}?" if near else ""
    elif kind == "literal_error":
        message = Text("value.must_be", expected=details["expected"])
    elif _breaks_a_line(kind, item["input"]):
        message = Text("value.must_have_no_line_breaks_and")
    elif not message:
        message = _MESSAGES.get(kind, str(item["msg"]))
    return Problem(message, label, identity, field, value, hint)


def identity_of(fields: Mapping[str, Any]) -> str:
    """Return what messages call a record: its id, or what it joins."""
    return short(fields.get("id", "")) or " → ".join(
        short(fields[key])
        for key in ("need", "slot", "source", "target", "community", "person")
        if fields.get(key) is not None
    )


def _breaks_a_line(kind: str, value: object) -> bool:
    """Return whether a name was refused for a control character in it."""
    return (
        kind == "string_pattern_mismatch"
        and isinstance(value, str)
        and _CONTROL.search(value) is not None
    )


def short(value: object) -> str:
    """Return a value as messages show it: not its whole text where that is long."""
    try:
        text = str(value) if isinstance(value, (str, Decimal)) else repr(value)
    except ValueError:  # an integer with more digits than Python writes out
        text = Text("value.a_huge_number")
    text = _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
    return text if len(text) <= 60 else f"{text[:57]}..."
