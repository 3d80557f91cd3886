"""Recompute what a result claims, from the records alone and without a solver."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.certificate import CLAIMED, check_certificate
from sharematch.core.columns import Columns
from sharematch.core.encoding import encode
from sharematch.model.canonical import policy_hash
from sharematch.model.instance import Instance
from sharematch.result import Result, as_answered
from sharematch.verifier import verify

__all__ = ["Finding", "check_claims"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a result that does not hold."""

    code: str
    message: str

    def __str__(self) -> str:
        return self.message


def check_claims(instance: Instance | Columns, result: Result) -> tuple[Finding, ...]:
    """Return everything in a result that does not hold; empty if all does.

    Checked are the hashes, the plan against records and rules, the value of every
    goal and measure, what is said to be unmet, and the certificate. `result` has to
    know its instance: from `solve`, or read with it.
    """
    claims = result.to_dict()
    instance = as_answered(instance, result.answers, result.provenance.get("instance"))
    findings = [*_hashes(instance, result)]
    if not result.status.has_plan:
        return tuple(findings)
    findings += [
        Finding(violation.code, str(violation))
        for violation in verify(
            instance, result.allocation, result.policy, baseline=result.baseline
        )
    ]
    if not findings:
        findings += _measures(result, claims)
        findings += _goals(result)
        findings += _unmet(instance, result)
    if not findings and result.certificate is not None:
        findings += [
            Finding(violation.code, str(violation))
            for violation in check_certificate(instance, result)
            if violation.code != CLAIMED
        ]
    return tuple(findings)


def _hashes(instance: Instance | Columns, result: Result) -> Iterator[Finding]:
    found = {
        "instance": encode(instance).digest,
        "policy": policy_hash(result.policy),
    }
    for name, value in found.items():
        claimed = result.provenance.get(name)
        if claimed != value:
            message = f"{name}: hash {claimed} is claimed, {value} found"
            yield Finding("hash", message)


def _measures(result: Result, claims: Mapping[str, Any]) -> Iterator[Finding]:
    for name, claimed in claims["measures"].items():
        yield from _compare(name, claimed, _written(result.value(name)))
    for group, rows in claims["by"].items():
        found = [
            {name: _written(value) for name, value in row.items()}
            for row in result.by(group)
        ]
        for claimed_row, row in zip(rows, found, strict=False):
            told = {name: row.get(name) for name in claimed_row}
            yield from _compare(f"by {group} {row['id']}", claimed_row, told)
        yield from _compare(f"groups of {group}", len(rows), len(found))


def _goals(result: Result) -> Iterator[Finding]:
    for position, claim in enumerate(result.goals, 1):
        if claim.measure == "moved" and result.baseline is None:
            continue
        found = result.goal_value(claim.goal)
        yield from _compare(f"goal {position}", claim.value, found)


def _unmet(instance: Instance | Columns, result: Result) -> Iterator[Finding]:
    columns = encode(instance)
    left = dict(zip(columns.need_ids, columns.need_demand.tolist(), strict=True))
    for assignment in result.allocation:
        left[assignment.need] -= assignment.quantity
    found = {need: units for need, units in left.items() if units}
    claimed = {unmet.need: unmet.quantity for unmet in result.unmet}
    for need in sorted(found.keys() | claimed.keys()):
        yield from _compare(f"unmet {need}", claimed.get(need, 0), found.get(need, 0))


def _compare(what: str, claimed: object, found: object) -> Iterator[Finding]:
    if claimed != found:
        message = f"{what}: {_shown(claimed)} is claimed, {_shown(found)} found"
        yield Finding("value", message)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))})"
    return str(value)


def _written(value: object) -> object:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return f"{value:.2f}" if isinstance(value, Decimal) else value
