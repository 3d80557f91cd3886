"""The log of a season: what was done to which round, hash upon hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select

from sharematch.errors import InputError, Problem
from sharematch.season import schema
from sharematch.text import Text

__all__ = [
    "POSSIBLE",
    "START",
    "Entry",
    "digest",
    "entries_of",
    "is_sealed",
    "keep",
    "last_of",
    "load",
    "names_of",
    "next_state",
    "possible_in",
    "text_of",
    "wrong",
]

START = "sha256:" + "0" * 64
"""What stands for the entry before the first."""

POSSIBLE: Mapping[str, Mapping[str, str]] = {
    "": {"open": "open"},
    "open": {"add": "open", "solve": "draft", "commit": "committed"},
    "committed": {"add": "committed", "seal": "sealed"},
    "sealed": {"solve": "draft"},
    "draft": {
        "add": "draft",
        "solve": "draft",
        "decide": "objections",
        "finalize": "final",
    },
    "objections": {
        "add": "objections",
        "solve": "objections",
        "decide": "objections",
        "finalize": "final",
    },
    "final": {"usage": "final", "close": "closed"},
    "closed": {},
}
"""What may be done in each state, and the state that follows.

Where lots decide, `commit` keeps the hash of seed and round while needs still come in,
`seal` closes the list, and what is solved then is drawn.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Parameters
    ----------
    position
        From 1.
    at
        When, in UTC.
    round, action, state
        What was done to which round, and the state of it since then.
    document
        The hash of what was handed in or found, empty for none.
    details
        What else was said, as a JSON object.
    previous, hash
        SHA-256 of the entry before it, and of this one with `previous` in it.
    """

    position: int
    at: str
    round: str
    action: str
    state: str
    document: str
    details: str
    previous: str
    hash: str

    def said(self) -> Mapping[str, Any]:
        """Return the details.

        Raises
        ------
        InputError
            For what is no JSON object: no season wrote it.
        """
        try:
            details = json.loads(self.details)
        except (TypeError, ValueError, RecursionError):
            details = None
        if not isinstance(details, dict):
            message = Text("log.has_details_that_no_season_writes")
            raise wrong(self.round, message, Text("log.season_audit"))
        return details

    def computed(self) -> str:
        """Return the hash that this entry should have."""
        fields = {
            k: v if isinstance(v, (str, int)) else repr(v)  # a database holds anything
            for k, v in asdict(self).items()
            if k != "hash"
        }
        return digest(text_of(fields))


def entries_of(connection: Connection) -> tuple[Entry, ...]:
    """Return all entries, the first first."""
    rows = connection.execute(select(schema.log).order_by(schema.log.c.position))
    return tuple(
        Entry(**{**row, "document": row["document"] or ""}) for row in rows.mappings()
    )


def last_of(entries: Sequence[Entry], name: str) -> Entry | None:
    """Return the newest entry of a round, None for a round that is not there."""
    return next((entry for entry in reversed(entries) if entry.round == name), None)


def is_sealed(entries: Sequence[Entry], name: str) -> bool:
    """Return whether a round's list of needs is closed, and its draw to come."""
    last = last_of(entries, name)
    return last is not None and last.state == "sealed"


def next_state(entries: Sequence[Entry], name: str, action: str) -> str:
    """Return the state after an action; raises what is possible where it is not."""
    last = last_of(entries, name)
    if last is None and action != "open":
        raise wrong(name, Text("season.is_no_round_of_this_season"), names_of(entries))
    state = "" if last is None else last.state
    possible = possible_in(name, state)
    if action not in possible:
        now = ", ".join(possible) or Text("season.nothing_open_another_round")
        raise wrong(
            name,
            Text("season.cannot_it_is", action=action, state=Text(f"state.{state}")),
            now,
        )
    return possible[action]


def possible_in(name: str, state: str) -> Mapping[str, str]:
    """Return what may be done with a round in a state, and the state that follows."""
    if state not in POSSIBLE:
        raise wrong(name, Text("log.is_in_a_state_that_no"), Text("log.season_audit"))
    return POSSIBLE[state]


def names_of(entries: Sequence[Entry]) -> str:
    """Return what may help who names a round that is not there."""
    names = dict.fromkeys(entry.round for entry in entries)
    return ", ".join(names) or "season open"


def load(connection: Connection, document: str) -> Any:
    """Return a document by its hash."""
    query = select(schema.documents.c.text).where(schema.documents.c.hash == document)
    text = connection.execute(query).scalar_one_or_none()
    try:
        return json.loads(str(text))
    except (TypeError, ValueError, RecursionError):
        raise InputError(
            "log.is_a_document_that_no_season",
            record=document,
            hint="log.season_audit",
        ) from None


def keep(connection: Connection, text: str) -> str:
    """Store a document unless it is there, and return its hash."""
    text_hash = digest(text)
    query = select(schema.documents.c.hash).where(schema.documents.c.hash == text_hash)
    if connection.execute(query).first() is None:
        row = {"hash": text_hash, "text": text}
        connection.execute(schema.documents.insert().values(row))
    return text_hash


def text_of(data: Any) -> str:
    """Return plain data as JSON text, the same for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return "sha256:…" of a text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def wrong(name: str, message: str, hint: str = "") -> InputError:
    """Return an error about a round."""
    return InputError([Problem(message, record="round", id=name, hint=hint)])
