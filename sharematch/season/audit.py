"""Whether a season's past is as it was: hashes, states and plans computed again."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from sharematch.errors import InputError
from sharematch.model.canonical import policy_hash
from sharematch.model.lots import hash_of_seed
from sharematch.model.policy import Policy
from sharematch.plans.auditing.judging import check_claims
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.results.result import Result
from sharematch.season import schema
from sharematch.season.log import POSSIBLE, START, Entry, digest, load
from sharematch.season.replay import (
    commitment_of,
    counts_in,
    history_of,
    instance_of,
    policy_of,
    result_of,
)
from sharematch.text import Text, about

__all__ = ["audit"]


def audit(
    connection: Connection, entries: Sequence[Entry], head: str | None = None
) -> tuple[Finding, ...]:
    """Return everything that shows a changed past; see `Season.audit`."""
    findings = [*_chain(entries), *_documents(connection, entries)]
    findings += [
        Finding("details", _of(entry, Text("log.its_details_are_no_json_object")))
        for entry in entries
        if not _has_details(entry)
    ]
    if head is not None and head not in {entry.hash for entry in entries}:
        findings.append(Finding("head", Text("log.no_entry_has_the_hash", hash=head)))
    if not findings:
        findings += _plans(connection, entries)
    return tuple(findings)


def _has_details(entry: Entry) -> bool:
    try:
        entry.said()
    except InputError:
        return False
    return True


def _of(entry: Entry, what: str) -> str:
    return about(Text("log.entry", position=entry.position), what)


def _chain(entries: Sequence[Entry]) -> Iterable[Finding]:
    before, states = START, dict[str, str]()
    for position, entry in enumerate(entries, 1):
        if entry.position != position or entry.previous != before:
            yield Finding("chain", _of(entry, Text("log.does_not_follow_the_last")))
        if entry.hash != entry.computed():
            yield Finding("hash", _of(entry, Text("log.was_changed")))
        follows = POSSIBLE[states.get(entry.round, "")].get(entry.action)
        if follows != entry.state:
            message = _of(entry, Text("log.was_not_possible", action=entry.action))
            yield Finding("state", message)
            return
        states[entry.round], before = entry.state, entry.hash


def _documents(connection: Connection, entries: Sequence[Entry]) -> Iterable[Finding]:
    stored = {
        row.hash: digest(str(row.text))
        for row in connection.execute(select(schema.documents))
    }
    for entry in entries:
        if entry.document and stored.get(entry.document) != entry.document:
            is_gone = entry.document not in stored
            code = "is_gone" if is_gone else "was_changed"
            yield Finding("document", _of(entry, Text(f"log.its_document_{code}")))


def _plans(connection: Connection, entries: Sequence[Entry]) -> Iterable[Finding]:
    for entry in entries:
        then = entries[: entry.position]
        try:
            findings = _of_entry(connection, entry, then)
        except _UNREADABLE as error:
            message = about(Text("log.cannot_be_computed_again"), str(error))
            findings = (Finding("document", message),)
        for finding in findings:
            yield Finding(finding.code, _of(entry, str(finding)))


_UNREADABLE = (
    *(LookupError, TypeError, ValueError, AttributeError),
    *(ArithmeticError, AssertionError, RecursionError),
)
"""What a document with right hashes leads to, whose content no season writes."""


def _of_entry(
    connection: Connection, entry: Entry, then: Sequence[Entry]
) -> tuple[Finding, ...]:
    """Return what an entry says otherwise than what was said before it gives."""
    if entry.action == "solve":
        result = result_of(connection, entry.round, then)
        assert result is not None
        town = instance_of(connection, entry.round, then)
        policy = policy_of(connection, entry.round, then)
        findings = check_claims(town, result)
        if not _follows(result.policy, policy):
            findings = (
                *findings,
                Finding("policy", Text("log.was_made_under_another_policy")),
            )
        if not _is_drawn_as_sealed(connection, entry.round, then, result):
            findings = (
                *findings,
                Finding("draw", Text("season.was_not_drawn_as_committed_to")),
            )
        return findings
    if entry.action == "seal":
        made = commitment_of(connection, entry.round, then)
        if load(connection, entry.document) != made.to_dict():
            return (Finding("draw", Text("season.does_not_commit_to_seed_round")),)
    elif entry.action == "close":
        counts = counts_in(connection, entry.round, then)
        if history_of(connection, then)[-1] != counts:
            return (Finding("counts", Text("log.does_not_count_its_plan")),)
    return ()


def _is_drawn_as_sealed(
    connection: Connection, name: str, then: Sequence[Entry], result: Result
) -> bool:
    """Return whether a plan keeps to the commitment of its round, if there is one."""
    drawn = result.provenance.get("draw")
    if not any(entry.round == name and entry.action == "seal" for entry in then):
        return drawn is None
    made = commitment_of(connection, name, then)
    if not isinstance(drawn, Mapping):
        return False
    told = {key: drawn.get(key) for key in ("round", "needs", "commitment")}
    seed = hash_of_seed(str(drawn.get("seed")), name)
    return told == {key: made.to_dict()[key] for key in told} and seed == made.seed


def _follows(used: Policy, meant: Policy) -> bool:
    """Return whether a plan's policy is the round's, terms for ``moved`` apart."""
    plain = Policy(
        name=used.name,
        method=used.method,
        rules=[rule for rule in used.rules if rule.measure != "moved"],
        goals=[goal for goal in used.goals if goal.measure != "moved"],
    )
    return policy_hash(meant) in (policy_hash(plain), policy_hash(used))
