"""judge(): what of a result holds, what does not, and what nothing here proves."""

from collections.abc import Iterator

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility.arcs import build
from sharematch.core.measures.measures import Measures
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.auditing.conflict import judge_conflict
from sharematch.plans.auditing.drawn import false_lots, unproved_lots
from sharematch.plans.auditing.numbers import false_hashes, false_numbers, false_words
from sharematch.plans.auditing.optimum import false_claims, unproved_claims
from sharematch.plans.auditing.verdict import Finding, Verdict
from sharematch.plans.results.plan import unmatched_terms
from sharematch.plans.results.result import Result, as_answered
from sharematch.plans.results.status import Status
from sharematch.plans.verification import verify
from sharematch.text import Text

__all__ = ["check_claims", "judge"]


@typed
def check_claims(instance: Instance | Columns, result: Result) -> tuple[Finding, ...]:
    """Return everything in a result that does not hold; empty if all does.

    What is claimed without a proof is no finding where it may be true: `judge` tells
    that too.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> check_claims(town, result)
    ()
    """
    return judge(instance, result).findings


@typed
def judge(instance: Instance | Columns, result: Result) -> Verdict:
    """Return what of a result holds: its plan, its numbers, its claims.

    Recomputed are the hashes, the plan against records and rules, goals with their
    values, measures, tables, what is unmet and why, the policy in words, the warnings,
    the lots of a draw, and the certificate. What kind of problem it is follows from
    records and policy: a plan of a network is the best only with a certificate.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> judge(town, sm.solve(town)).is_proved
    True
    """
    town = as_answered(instance, result.answers, result.provenance.get("instance"))
    columns = encode(town)
    findings = [*false_hashes(columns, result)]
    if not result.status.has_plan:
        findings += [*false_words(result), *_without_plan(columns, result)]
        unproved: list[Finding] = []
        if result.status is Status.INFEASIBLE and not findings:
            findings, unproved = judge_conflict(columns, result)
        return Verdict(result.status, tuple(findings), tuple(unproved))
    findings += [
        Finding(violation.code, str(violation))
        for violation in verify(
            columns, result.allocation, result.policy, baseline=result.baseline
        )
    ]
    if findings:
        return Verdict(result.status, tuple(findings))
    audited = Audited.of(columns, result)
    findings += false_numbers(audited)
    if not any(finding.code == "value" for finding in findings):
        findings += [*false_claims(audited), *false_lots(audited)]
    open_claims = (
        () if findings else (*unproved_claims(audited), *unproved_lots(audited))
    )
    return Verdict(result.status, tuple(findings), open_claims)


def _without_plan(columns: Columns, result: Result) -> Iterator[Finding]:
    told = [*result.goals, *result.allocation, *result.unmet]
    if told or result.certificate is not None:
        message = Text("claim.is_but_tells_of_a_plan", status=result.status)
        yield Finding("claim", message, "claim")
    if result.status is not Status.INFEASIBLE and result.conflict:
        message = Text("claim.is_but_tells_of_a_conflict", status=result.status)
        yield Finding("claim", message, "claim")
    if result.warnings:
        possible = {*unmatched_terms(Measures(columns, build(columns)), result.policy)}
        for text in result.warnings:
            if text not in possible:
                message = Text("claim.the_warning_does_not_follow_from", text=text)
                yield Finding("warning", message, "numbers")
