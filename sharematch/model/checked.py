"""What an instance is made of: fields as given, all checked, all errors at once."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sharematch.errors import InputError, Problem
from sharematch.model.checks import Check
from sharematch.model.frames import Frame, Frames
from sharematch.model.garbage import without_collection
from sharematch.model.problems import problems_of, short
from sharematch.model.records import COLLECTIONS
from sharematch.model.ways import Travel
from sharematch.text import Text

__all__ = ["PLAIN_FIELDS", "checked_fields", "checked_frames"]

PLAIN_FIELDS = ("name", "travel", "currency")
"""The fields that are no collection."""

_BULK = {
    name: TypeAdapter(tuple[cls, ...])  # type: ignore[valid-type]  # known at run time
    for name, cls in COLLECTIONS.items()
}


def checked_frames(fields: Mapping[str, Any], base: Frames | None = None) -> Frames:
    """Return frames of these fields, others as in `base`; all errors at once."""
    problems: list[Problem] = []
    bad_ids: dict[str, set[str]] = {}
    frames = {} if base is None else dict(base.by_name)
    for name, record in COLLECTIONS.items():
        if name in fields:
            bad_ids[name] = set()
            records = _make(name, fields[name], problems, bad_ids[name])
            with without_collection():
                frames[name] = Frame.of(record, records)
    other_fields = (
        {} if base is None else {name: getattr(base, name) for name in PLAIN_FIELDS}
    )
    other_fields |= checked_fields(fields, problems)
    known = (*COLLECTIONS, *PLAIN_FIELDS)
    problems += [
        Problem(
            "value.is_not_a_known_field",
            "instance",
            field=str(field),
            hint="".join(
                f"{near}?" for near in difflib.get_close_matches(str(field), known, 1)
            ),
        )
        for field in fields
        if field not in known
    ]
    made = Frames(frames, **{k: v for k, v in other_fields.items() if v is not None})
    problems += Check(made, bad_ids, other_fields.get("travel", made.travel)).problems()
    if problems:
        raise InputError(replace(p, value=short(p.value)) for p in problems)
    return made


def checked_fields(
    fields: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    """Return the fields that are no collection, None where one is wrong."""
    checked: dict[str, Any] = {}
    for name in ("name", "currency", "travel"):
        if name not in fields:
            continue
        value = fields[name]
        if name == "travel":
            try:
                value = Travel.model_validate(value)
            except ValidationError as error:
                problems += problems_of(error, Travel, value)
                value = None
        elif not isinstance(value, str):
            about = (Text("value.must_be_text"), "instance")
            problems.append(Problem(*about, field=name, value=repr(value)))
            value = None
        checked[name] = value
    return checked


def _make(
    collection: str, items: object, problems: list[Problem], bad_ids: set[str]
) -> tuple[Any, ...]:
    """Return the valid records of one collection; note the problems of the others."""
    record = COLLECTIONS[collection]
    if isinstance(items, (str, Mapping)) or not isinstance(items, Iterable):
        problems.append(
            Problem("instance.must_be_a_list_of_records", "instance", field=collection)
        )
        return ()
    items = tuple(items)
    try:
        return _BULK[collection].validate_python(items)
    except ValidationError:
        pass
    made = []
    for position, item in enumerate(items):
        try:
            made.append(record.model_validate(item))
        except ValidationError as error:
            record_problems = problems_of(error, record, item)
            for problem in record_problems:
                where = problem.id or f"number {position + 1}"
                problems.append(
                    Problem(
                        problem.message,
                        problem.record,
                        where,
                        problem.field,
                        problem.value,
                        problem.hint,
                    )
                )
            if isinstance(item, Mapping) and isinstance(item.get("id"), str):
                bad_ids.add(item["id"])
    return tuple(made)
