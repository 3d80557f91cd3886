"""check_certificate(): whether a plan is the best its policy allows, without a solver.

Shares the records, the eligible pairs and the measures with the rest; no lowering, no
solver. What a certificate says, and why it proves a plan, stands in
`sharematch.plans.certificates.proof`.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.uncoupled import coupled_records, coupled_terms
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.plans.certificates.proof import Proof
from sharematch.plans.results.gaps import assure, disproved
from sharematch.plans.results.plan import units_at, units_on
from sharematch.plans.results.result import Result, as_answered
from sharematch.plans.verification import Violation, baseline_of
from sharematch.plans.verification.standalone import alone
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.verifying import verified
from sharematch.text import Text, about, text_of

__all__ = ["CLAIMED", "check_certificate", "doubts", "measured", "proof_of"]

Ints = NDArray[np.int64]
CLAIMED = "claimed"
"""The code of a goal for whose bound there is the solver's word alone."""


def check_certificate(
    instance: Instance | Columns, result: Result
) -> tuple[Violation, ...]:
    """Return why a result's certificate does not prove its plan; empty if it does.

    Without a solver, in linear time after a sort: the plan keeps records and rules, and
    for each goal in turn the certificate's prices show that no plan which is as good
    in all earlier goals is better.

    Parameters
    ----------
    instance
        The records that the result is of.
    result
        From `solve`, or read from a file.

    Returns
    -------
    Empty exactly if every goal is proved. Of plans of policies that couple, or cut
    short by a limit, what is claimed is checked too; each goal whose bound is the
    solver's word alone is then a violation with the code "claimed".

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> sm.check_certificate(town, sm.solve(town))
    ()
    """
    expect(Instance, Columns, instance=instance)
    expect(Result, result=result)
    instance = as_answered(instance, result.answers, result.provenance.get("instance"))
    columns, plan, policy = encode(instance), result.allocation, result.policy
    violations, held = verified(columns, plan, policy, result.baseline)
    if violations:
        return violations
    return tuple(doubts(result, lambda: measured(columns, result, held)))


def doubts(
    result: Result, measured: Callable[[], tuple[Measures, Ints]]
) -> Iterator[Violation]:
    """Yield what a certificate leaves unproved of a plan that keeps records and rules.

    Parameters
    ----------
    measured
        What `measured` returns of the result; asked where there is a certificate.
    """
    policy, certificate = result.policy, result.certificate
    if not isinstance(certificate, Mapping):
        yield _wrong(Text("claim.this_result_carries_no_certificate_nothing"))
        return
    for goal in policy.goals:
        if result.baseline is None and MEASURES[goal.measure].needs_baseline:
            yield _wrong(
                Text("policy.needs_a_baseline_the_earlier", measure=goal.measure)
            )
            return
    check = _prices if certificate.get("kind") == "prices" else _bounds
    yield from check(*measured(), result)


def measured(
    columns: Columns, result: Result, held: PlanUnits | None = None
) -> tuple[Measures, Ints]:
    """Return measures over all arcs that a result's rules admit, and its units there.

    The plan must keep records and rules; `held` are its units on its own pairs, where
    these were told already.
    """
    arcs = admitted_arcs(columns, result.policy.rules)
    if held is None:
        units = units_on(columns, arcs, result.allocation)
    else:
        need, cell = held.arcs.need, held.arcs.cell
        units = units_at(columns, arcs, need, cell, held.units)
    return Measures(columns, arcs, baseline_of(columns, arcs, result.baseline)), units


def proof_of(measures: Measures, units: Ints, result: Result) -> Proof:
    """Return the proof of a plan, nothing proved yet."""
    rules, goals = result.policy.rules, result.policy.goals
    alone_units = {}
    if any(units_below_alone(rule) is not None for rule in rules):
        alone_units = alone(measures.columns, measures.arcs)
    return Proof(measures, rules, goals, units, alone=alone_units)


def _prices(measures: Measures, units: Ints, result: Result) -> Iterator[Violation]:
    """Yield what prices leave unproved."""
    policy, certificate = result.policy, result.certificate
    claims, sides = certificate.get("goals"), certificate.get("sides")
    # Prices prove plans of flows alone; what couples would make the proof worthless.
    couple = [
        *coupled_records(measures),
        *coupled_terms(measures, policy.rules, policy.goals),
    ]
    if couple:
        yield from (
            _wrong(about(Text("claim.prices_prove_nothing_here"), str(why)))
            for why in couple
        )
    elif not isinstance(claims, list) or not isinstance(sides, Mapping):
        yield _wrong(Text("claim.the_certificate_has_no_list_of"))
    elif not len(claims) == len(result.goals) == len(policy.goals):
        counts = {"claimed": len(claims), "count": len(policy.goals)}
        yield _wrong(Text("claim.the_certificate_has_goals_the_policy", **counts))
    else:
        yield from map(_wrong, disproved(measures, units, result.goals))
        proof = proof_of(measures, units, result)
        misplaced = [
            _wrong(Text("claim.the_certificate", what=text_of(x)))
            for x in proof.place(sides)
        ]
        yield from misplaced
        if misplaced:
            return
        for position, claim in enumerate(claims):
            for problem in proof.step(position, claim):
                yield _wrong(
                    about(
                        Text("policy.goal", number=position + 1),
                        "claim.the_certificate",
                        what=text_of(problem),
                    )
                )


def _bounds(measures: Measures, units: Ints, result: Result) -> Iterator[Violation]:
    """Yield what is not so, and what is the solver's claim alone."""
    false_claims = disproved(measures, units, result.goals)
    yield from map(_wrong, false_claims)
    if false_claims:
        return
    sure = assure(measures, units, result.policy.rules, result.goals)
    if result.certificate != sure:
        yield _wrong(Text("claim.the_certificate_does_not_say_what"))
        return
    for position, goal in enumerate(sure["goals"], 1):
        if goal["basis"] == "solver":
            message = Text("claim.that_no_plan_is_better_is_the_solvers")
            yield Violation(CLAIMED, f"goal {position}: {message}")


def _wrong(message: str) -> Violation:
    return Violation("certificate", message)
