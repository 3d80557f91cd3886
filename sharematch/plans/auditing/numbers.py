"""Whether every number and word in a result is what its plan gives."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.measures.capacity import full_by
from sharematch.model.canonical import policy_hash, record_data
from sharematch.model.measures import MEASURES, own_measures
from sharematch.model.wording import policy_text
from sharematch.plans.auditing.additions import forbidden_but_fits
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.results.plan import warnings_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Unmet, goal_document
from sharematch.plans.results.unmet import commonest_codes, unmet_needs
from sharematch.text import Text, about

__all__ = ["false_hashes", "false_numbers", "false_words"]

PROVENANCE = {
    *("sharematch", "ortools", "instance", "policy", "seed", "text"),
    *("draw", "max_moved", "source", "distance_band", "left_out", "own_measures"),
}
"""What a result may say of where it comes from."""
OPEN_REASONS = ("rule", "coupled", "goal", "search")
"""Why a need is unmet that a slot with room could serve, where needs couple."""


def false_hashes(columns: Columns, result: Result) -> Iterator[Finding]:
    """Yield hashes that are not those of records and policy."""
    hashes = {"instance": columns.digest, "policy": policy_hash(result.policy)}
    for name, value in hashes.items():
        claimed = result.provenance.get(name)
        if claimed != value:
            message = about(
                name, "claim.hash_is_claimed_found", claimed=claimed, found=value
            )
            yield Finding("hash", message, "numbers")


def false_numbers(audited: Audited) -> Iterator[Finding]:
    """Yield every number and word that is not what the plan gives."""
    yield from _measures(audited)
    yield from _goals(audited)
    yield from _unmet(audited)
    yield from _structure(audited)
    yield from false_words(audited.result)
    yield from _warnings(audited)


def _measures(audited: Audited) -> Iterator[Finding]:
    plan = audited.plan
    for name, claimed in audited.document["measures"].items():
        yield from _compare(name, claimed, _written(plan.value(name)))
    for group, claimed_rows in audited.document["by"].items():
        rows = [
            {name: _written(value) for name, value in row.items()}
            for row in plan.table(group)
        ]
        for claimed_row, row in zip(claimed_rows, rows, strict=False):
            told = {name: row.get(name) for name in claimed_row}
            yield from _compare(
                Text("claim.by", group=group, id=row["id"]), claimed_row, told
            )
        yield from _compare(
            Text("claim.groups_of", group=group), len(claimed_rows), len(rows)
        )


def _goals(audited: Audited) -> Iterator[Finding]:
    result = audited.result
    goals = result.policy.goals if audited.has_goals else ()
    claims: Sequence[Mapping[str, Any]] = audited.document["goals"]
    yield from _compare(Text("claim.goals"), len(claims), len(goals))
    if len(claims) != len(goals):
        return
    for position, (goal, claim, row) in enumerate(
        zip(goals, result.goals, claims, strict=True), 1
    ):
        term = {"op": goal.op, **record_data(goal)}
        told = {k: v for k, v in row.items() if k not in ("value", "bound", "gap")}
        yield from _compare(Text("policy.goal", number=position), told, term)
        if MEASURES[goal.measure].needs_baseline and result.baseline is None:
            message = about(
                Text("policy.goal", number=position),
                "policy.needs_a_baseline_the_earlier",
                measure=goal.measure,
            )
            yield Finding("value", message, "numbers")
            continue
        value = audited.plan.goal_value(goal)
        yield from _compare(Text("policy.goal", number=position), claim.value, value)
        if claim.value == value:  # and is written as such
            shown = goal_document(claim)
            for name in ("value", "bound", "gap"):
                yield from _compare(
                    Text("policy.goal", number=position), row[name], shown[name]
                )


# Unmet needs


def _unmet(audited: Audited) -> Iterator[Finding]:
    expected = {unmet.need: unmet for unmet in _expected(audited)}
    rows = audited.result.unmet
    claimed = {unmet.need: unmet for unmet in rows}
    yield from _compare(Text("claim.needs_unmet"), len(rows), len(claimed))
    for need in sorted(expected.keys() | claimed.keys()):
        nothing = Unmet(need, 0, "goal")
        told, is_so = claimed.get(need, nothing), expected.get(need, nothing)
        yield from _compare(
            Text("claim.unmet", need=need), told.quantity, is_so.quantity
        )
        if told.quantity == is_so.quantity > 0:
            yield from _reason(audited, told, is_so)
    if audited.program is None:
        for need, slot in forbidden_but_fits(audited):
            reason, fits = (
                claimed[need].reason,
                Text("claim.that_it_fits_into", slot=slot),
            )
            yield from _compare(Text("claim.unmet", need=need), reason, fits, "reason")


def _reason(audited: Audited, told: Unmet, is_so: Unmet) -> Iterator[Finding]:
    what, claimed = Text("claim.unmet", need=told.need), told.reason
    if is_so.reason in OPEN_REASONS and (audited.program is None or audited.leaves_out):
        if claimed not in OPEN_REASONS:
            yield from _compare(what, claimed, Text("claim.room_in_a_slot"), "reason")
        return
    yield from _compare(what, claimed, is_so.reason, "reason")
    if claimed == is_so.reason and (told.code or not audited.is_published):
        claimed_text, expected_text = (
            f"{unmet.reason} ({unmet.code})" for unmet in (told, is_so)
        )
        yield from _compare(what, claimed_text, expected_text, "reason")


def _expected(audited: Audited) -> tuple[Unmet, ...]:
    """Return what is unmet and why; where needs couple, some reason that may be."""
    if audited.program is not None:
        return unmet_needs(audited.program, audited.units)
    columns, arcs = audited.columns, audited.measures.arcs
    count = len(columns.need_ids)
    lacking = columns.need_demand - sums(arcs.need, audited.units, count)
    has_arc, has_room = np.zeros((2, count), bool)
    has_arc[arcs.need] = True
    has_room[arcs.need[full_by(audited.measures, audited.units) == NONE]] = True
    unmet = np.flatnonzero(lacking > 0)
    codes = commonest_codes(columns, unmet[~has_arc[unmet]])
    code = dict(zip(unmet[~has_arc[unmet]].tolist(), codes, strict=True))
    reason = np.select([~has_arc, ~has_room], ["no_arc", "full"], "coupled")
    return tuple(
        Unmet(columns.need_ids[i], int(lacking[i]), reason[i].item(), code.get(i, ""))
        for i in unmet.tolist()
    )


# What is told beside numbers


def _structure(audited: Audited) -> Iterator[Finding]:
    """Yield a structure that is not the problem's, as records and policy tell."""
    told = audited.result.structure
    if not audited.has_goals:
        possible = ["greedy"]
    elif audited.program is not None and not audited.leaves_out:
        possible = ["network"]
    else:
        possible = ["coupled", "mixed"]
        rules = audited.result.policy.rules
        if any(MEASURES[rule.measure].needs_baseline for rule in rules):
            possible.append("priced")
        if audited.leaves_out:
            possible += ["network", "priced"]
    if told not in possible:
        message = about(
            Text("claim.structure"),
            "claim.is_claimed_found",
            claimed=told,
            found=" or ".join(possible),
        )
        yield Finding("structure", message, "numbers")


def false_words(result: Result) -> Iterator[Finding]:
    """Yield what a result says of where it comes from that is not so."""
    told = result.provenance
    text = policy_text(result.policy)
    if told.get("text") != text:
        message = Text("claim.the_policy_in_words_is_not")
        yield Finding("text", message, "numbers")
    if type(told.get("seed")) is not int:
        yield from _compare(
            Text("claim.seed"), told.get("seed"), Text("claim.no_whole_number")
        )
    for name in sorted(map(str, told.keys() - PROVENANCE)):
        yield Finding(
            "provenance", Text("claim.is_nothing_a_result_says", name=name), "numbers"
        )
    own_origins = own_measures((*result.policy.rules, *result.policy.goals))
    counted = told.get("own_measures", {})
    if not isinstance(counted, Mapping) or {*counted} != {*own_origins}:
        names = Text("claim.measures_of_its_own")
        yield from _compare(names, counted, [*own_origins], "provenance")
    if "max_moved" in told:
        rules = result.policy.rules
        if not rules or not MEASURES[rules[-1].measure].needs_baseline:
            message = Text("claim.max_moved_no_rule_limits_what")
            yield Finding("provenance", message, "numbers")


def _warnings(audited: Audited) -> Iterator[Finding]:
    if audited.is_published and not audited.result.warnings:
        return
    is_cut = not audited.result.is_optimal and audited.has_goals
    policy = audited.result.policy
    every = warnings_of(audited.measures, policy, cut=is_cut)
    needed = warnings_of(audited.measures, policy, cut=False)
    for text in audited.result.warnings:
        if text not in every:
            message = Text("claim.the_warning_does_not_follow_from", text=text)
            yield Finding("warning", message, "numbers")
    for text in needed:
        if text not in audited.result.warnings:
            yield Finding(
                "warning", Text("claim.the_warning_is_missing", text=text), "numbers"
            )


def _compare(
    what: str, claimed: object, expected: object, code: str = "value"
) -> Iterator[Finding]:
    if claimed != expected:
        message = about(
            what,
            "claim.is_claimed_found",
            claimed=_shown(claimed),
            found=_shown(expected),
        )
        yield Finding(code, message, "numbers")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))})"
    return str(value)


def _written(value: object) -> object:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return f"{value:.2f}" if isinstance(value, Decimal) else value
