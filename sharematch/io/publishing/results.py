"""A result in public names: everything in it follows from the published instance."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.measures.bounds import pinned
from sharematch.core.measures.measures import Measures
from sharematch.core.network.lowering import lower
from sharematch.io.publishing.mask import Mask
from sharematch.io.publishing.names import token_of
from sharematch.io.publishing.terms import Terms, is_over_travel
from sharematch.model.canonical import policy_hash
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import goal_text, policy_text, rule_text
from sharematch.plans.allocation import Allocation
from sharematch.plans.certificates.prices import certify
from sharematch.plans.checking import measured
from sharematch.plans.results.gaps import assure, goal_value
from sharematch.plans.results.plan import measure_plan
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Status, Unmet
from sharematch.plans.verification.standalone import alone

__all__ = ["shown_result"]

Ints = NDArray[np.int64]

ALWAYS = frozenset(
    name
    for name, measure in MEASURES.items()
    if measure.priced == "always" and {*measure.reads} <= {"pair.tier", "pair.units"}
)
"""Measures that any published instance tells."""
VERSIONS = ("sharematch", "ortools", "seed", "own_measures")


def shown_result(
    result: Result, terms: Terms, mask: Mask, columns: Columns
) -> dict[str, Any] | None:
    """Return the document of a result on the columns of a published instance.

    None where the plan was proved and what is published does not prove it: bands may
    prefer another plan.

    Parameters
    ----------
    terms
        What of the policy is published.
    """
    policy, baseline = mask.policy, result.baseline
    shown = replace(
        result,
        status=result.status if terms.are_all else Status.FEASIBLE,
        goals=tuple(
            replace(goal, goal=term)
            for goal, term in zip(result.goals, policy.goals, strict=False)
        ),
        allocation=_in_public(mask, result.allocation),
        unmet=tuple(
            # Why a need has no pair tells of the person: what it requires, may pay.
            Unmet(f"{mask.id('need', each.need)}", each.quantity, each.reason)
            for each in result.unmet
        ),
        policy=policy,
        provenance=_provenance(result, terms, mask, columns),
        warnings=(),
        baseline=None if baseline is None else _in_public(mask, baseline),
        answers=(),
        instance=None,
        _document=None,
    )
    measures, units = measured(columns, shown)
    if terms.is_banded:
        shown = replace(shown, goals=_in_bands(measures, units, shown))
    certificate = _certificate(measures, units, shown, terms)
    if certificate is None and result.certificate is not None:
        return None
    plan = measure_plan(columns, measures.arcs, units, policy, measures.baseline)
    document = replace(shown, certificate=certificate, _plan=plan).to_dict()
    known = ALWAYS | mask.measures
    document["unmet"].sort(key=lambda row: row["need"])
    document["measures"] = _only(document["measures"], known)
    document["by"] = {
        name: [_only(row, known | {"id"}) for row in rows]
        for name, rows in document["by"].items()
        if name in mask.keys
    }
    return document


def _in_public(mask: Mask, plan: Allocation) -> Allocation:
    rows = (replace(a, parts=()).to_dict() | mask.pair(a.need, a.slot) for a in plan)
    return Allocation(rows)


def _provenance(
    result: Result, terms: Terms, mask: Mask, columns: Columns
) -> dict[str, Any]:
    """Return where a published result comes from.

    Of the records themselves it bears a keyed digest: with a plain one anybody could
    confirm a guess at them.
    """
    policy, earlier = mask.policy, result.provenance
    told: dict[str, Any] = {}
    if columns.given is not None and columns.given.band is not None:
        told["distance_band"] = columns.given.band
    if not terms.are_all:
        names = Mask(result.policy, mask.key).policy
        told["left_out"] = [
            *(
                {"rule": number + 1, "text": rule_text(names.rules[number])}
                for number in terms.rules_out
            ),
            *(
                {"goal": number + 1, "text": goal_text(names.goals[number])}
                for number in terms.goals_out
            ),
        ]
    return {
        **{name: earlier[name] for name in VERSIONS if name in earlier},
        "instance": columns.digest,
        "policy": policy_hash(policy),
        "text": policy_text(policy),
        "source": f"hmac-sha256:{_keyed(mask.key, earlier)}",
        **told,
    }


def _keyed(key: bytes, provenance: Mapping[str, Any]) -> str:
    return token_of(key, "instance", str(provenance.get("instance")))


def _in_bands(measures: Measures, units: Ints, shown: Result) -> Any:
    """Return goals, those over travel with their own value, which is to be proved."""
    values = (goal_value(measures, units, goal) for goal in shown.goals)
    return tuple(
        replace(goal, value=value, bound=value) if is_over_travel(goal) else goal
        for goal, value in zip(shown.goals, values, strict=True)
    )


def _certificate(
    measures: Measures, units: Ints, shown: Result, terms: Terms
) -> dict[str, Any] | None:
    """Return the certificate of a result, made anew from what is published."""
    old, policy = shown.certificate, shown.policy
    if old is None:
        return None
    if old["kind"] != "prices" or terms.rules_out:
        return assure(measures, units, policy.rules, shown.goals)
    alone_units = {}
    if any(units_below_alone(rule) is not None for rule in policy.rules):
        alone_units = alone(measures.columns, measures.arcs)
    pins = pinned(measures.columns, measures.arcs)
    program = lower(measures, policy.rules, policy.goals, alone=alone_units, pins=pins)
    return certify(program, policy.rules, policy.goals, units)


def _only(row: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}
