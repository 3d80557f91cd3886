"""JSON Schemas (2020-12) of the file formats.

Those of instances, published or not, and policies come from the records; what a
schema cannot say (ids that must exist, end before start) is checked when the file is
read.
"""

import json
from dataclasses import fields
from typing import Any, Literal, get_args

from sharematch.errors import InputError
from sharematch.io.native.documents import VERSION
from sharematch.model.answers import STATUSES
from sharematch.model.arguments import typed
from sharematch.model.base import Record
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy

__all__ = ["KINDS", "schema"]

Kind = Literal["instance", "policy", "result", "published"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HOME = "https://sharematch.readthedocs.io/schema"


@typed
def schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a file format.

    Raises
    ------
    InputError
        When there is no such format.

    Examples
    --------
    >>> schema("policy")["$id"]
    'https://sharematch.readthedocs.io/schema/policy-1.json'
    """
    match kind:
        case "instance":
            body = _of_record(Instance)
        case "policy":
            body = _of_record(Policy)
        case "result":
            body = _result()
        case "published":
            body = _published()
        case _:
            raise InputError(
                "file.no_such_schema", record=str(kind), hint=f"{', '.join(KINDS)}"
            )
    return {
        "$schema": _DIALECT,
        "$id": f"{_HOME}/{kind}-{VERSION}.json",
        "title": f"sharematch {kind}, version {VERSION}",
        **_with_format(kind, body),
    }


def _with_format(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    head = {
        "format": {"const": f"sharematch-{kind}"},
        "version": {"const": VERSION},
    }
    return {
        **body,
        "properties": head | body["properties"],
        "required": [*head, *body.get("required", ())],
    }


def _of_record(record: type[Record]) -> dict[str, Any]:
    body: dict[str, Any] = _plain(record.model_json_schema())
    for term in body["$defs"].values():
        # The doctest of a class is for Python, not for files.
        if "description" in term:
            term["description"] = term["description"].partition("\n\n")[0]
        if "op" in term.get("properties", {}):
            term["required"] = ["op", *term.get("required", ())]
    body["description"] = body["description"].partition("\n\n")[0]
    return body


def _plain(node: Any) -> Any:
    """Return a schema without generated titles."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_names = all(isinstance(value, dict) for value in node.values())
    return {
        key: _plain(value)
        for key, value in node.items()
        if is_names or key not in ("title", "discriminator")
    }


def _published() -> dict[str, Any]:
    """Return the schema of what is seen of an instance: records, and pairs as arcs."""
    from sharematch.core.columns.given import Given
    from sharematch.io.publishing.reading import RECORDS, WIDEST

    whole = _of_record(Instance)
    names = [field.name for field in fields(Given)]
    counts = {
        n: {"type": "integer"}
        for n in names
        if n not in ("need", "slot", "band", "cell", "steps")
    }
    arc = _object({"need": _TEXT, "slot": _TEXT}, counts | {"start": _COUNT})
    records = {name: whole["properties"][name] for name in RECORDS}
    width = {"type": "integer", "minimum": 1, "maximum": WIDEST}
    band = {"distance_band": width}
    body = _object({"arcs": _list_of(arc)}, band | records)
    used = json.dumps(records)
    defs = {n: d for n, d in whole["$defs"].items() if f'"#/$defs/{n}"' in used}
    return body | {"$defs": defs}


# Results are made by the library alone, so their schema is written here by hand.

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_TIME = {"type": "string", "format": "date-time"}
_RATIO = {"type": "string", "pattern": r"^-?\d+/[1-9]\d*$"}
_MONEY = {"type": "string", "pattern": r"^-?\d+\.\d\d$"}
_VALUE = {"anyOf": [{"type": "integer"}, _RATIO, _MONEY]}
_VALUES = {"anyOf": [_VALUE, {"type": "array", "items": _RATIO}]}
_HASH = {"type": "string", "pattern": r"^sha256:[0-9a-f]{64}$"}


def _object(required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _result() -> dict[str, Any]:
    policy = _of_record(Policy)
    terms = policy["$defs"]
    goal = _object(
        {
            "op": {"enum": ["maximize", "minimize", "leximin", "leximax"]},
            "measure": _TEXT,
            "value": _VALUES,
            "bound": _VALUES,
            "gap": _RATIO,
        },
        {
            "by": terms["Leximin"]["properties"]["by"],
            "where": terms["Leximin"]["properties"]["where"],
            "weights": terms["Leximin"]["properties"]["weights"],
            "upto": terms["Maximize"]["properties"]["upto"],
            "slack": terms["Maximize"]["properties"]["slack"],
        },
    )
    unmet = _object(
        {
            "need": _TEXT,
            "quantity": _COUNT,
            "reason": {"enum": ["no_arc", "full", "rule", "coupled", "goal", "search"]},
        },
        {"code": _TEXT},
    )
    term = _object(
        {"kind": {"enum": ["rule", "decision"]}, "text": _TEXT},
        {
            "rule": _COUNT,
            "need": _TEXT,
            "slot": _TEXT,
            "code": _TEXT,
            "quantity": _COUNT,
            "bound": _TEXT,
            "relaxed": _TEXT,
            "remains": {"const": True},
            **dict.fromkeys(("least", "asked", "places"), _COUNT),
        },
    )
    row = {
        "type": "object",
        "properties": {"id": _TEXT},
        "required": ["id"],
        "additionalProperties": {"anyOf": [_VALUE, _TEXT]},
    }
    left_out = _object({"text": _TEXT}, {"rule": _COUNT, "goal": _COUNT})
    provenance = {
        "type": "object",
        "properties": {
            "sharematch": _TEXT,
            "ortools": _TEXT,
            "text": _TEXT,
            "instance": _HASH,
            "policy": _HASH,
            "seed": {"type": "integer"},
            "source": _TEXT,
            "distance_band": {"type": "integer", "minimum": 1},
            "left_out": _list_of(left_out),
        },
        "required": ["sharematch", "instance", "policy", "seed", "text"],
    }
    assignment = _object(
        {"slot": _TEXT, "need": _TEXT, "quantity": _COUNT},
        {"start": _TIME, "end": _TIME, "parts": _list_of(_TEXT)},
    )
    answer = _object(
        {"status": {"enum": list(STATUSES)}},
        {"need": _TEXT, "slot": _TEXT, "quantity": _COUNT, "start": _TIME},
    )
    body = _object(
        {
            "status": {"enum": ["optimal", "feasible", "infeasible", "unsolved"]},
            "structure": _TEXT,
            "goals": _list_of(goal),
            "measures": {"type": "object", "additionalProperties": _VALUE},
            "by": {"type": "object", "additionalProperties": _list_of(row)},
            "assignments": _list_of(assignment),
            "unmet": _list_of(unmet),
            "certificate": {"type": ["object", "null"]},
            "conflict": {"anyOf": [_list_of(term), {"type": "null"}]},
            "policy": {key: policy[key] for key in ("type", "properties")},
            "provenance": provenance,
        },
        {
            "warnings": _list_of(_TEXT),
            "decisions": _list_of(answer),
            "baseline": _list_of(assignment),
        },
    )
    return body | {"$defs": terms}
