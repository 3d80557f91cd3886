"""Whether it is proved that no plan is better: by a certificate, or not at all."""

from collections.abc import Iterator, Mapping
from typing import Any

from sharematch.plans.auditing.additions import better_by_one
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.checking import CLAIMED
from sharematch.plans.results.gaps import disproved
from sharematch.text import Text, about

__all__ = ["false_claims", "unproved_claims"]


def false_claims(audited: Audited) -> Iterator[Finding]:
    """Yield claims about the best plan that are false, or whose proof does not hold."""
    result = audited.result
    wrong = disproved(audited.measures, audited.units, result.goals)
    yield from (_claim(message) for message in wrong)
    if result.is_optimal:
        yield from _false_optimum(audited)
    if wrong:
        return
    if result.certificate is not None:
        for violation in audited.doubts:
            if violation.code != CLAIMED:
                yield Finding(violation.code, str(violation), "claim")
    if not _by_prices(audited) and (better := better_by_one(audited)):
        yield _claim(better)


def _false_optimum(audited: Audited) -> Iterator[Finding]:
    result = audited.result
    if not audited.has_goals:
        yield _claim(Text("claim.promises_no_best_plan", method=result.policy.method))
        return
    for position, goal in enumerate(result.goals, 1):
        if goal.bound != goal.value and not goal.goal.slack:
            yield _claim(about(_goal(position), "claim.is_said_to_be_the_best"))
    is_flow = audited.program is not None and not audited.leaves_out
    if is_flow and not _by_prices(audited):
        yield Finding(
            "proof",
            Text("claim.is_said_to_be_the_best_without"),
            "claim",
        )


def unproved_claims(audited: Audited) -> Iterator[Finding]:
    """Yield claims of a result with nothing false in it that nothing here proves."""
    result = audited.result
    left_out = [*_left_out(audited)]
    yield from left_out
    if left_out and _by_prices(audited):
        yield from _doubts(audited)
    elif not result.is_optimal:
        message = Text("claim.that_no_plan_is_better_is")
        if not audited.has_goals:
            message = Text("claim.that_needs_chose_in_their_order")
        yield Finding("claimed", message, "claim")
    elif result.certificate is None:
        message = Text("claim.that_no_plan_is_better_is_the")
        yield Finding("claimed", message, "claim")
    else:
        yield from _doubts(audited)


def _goal(position: int) -> Text:
    return Text("policy.goal", number=position)


def _left_out(audited: Audited) -> Iterator[Finding]:
    """Yield which goals of the office are not published, as far as it is said."""
    told: Any = (
        audited.result.provenance.get("left_out") if audited.is_published else None
    )
    for term in told if isinstance(told, list) else ():
        position = term.get("goal") if isinstance(term, Mapping) else None
        if type(position) is int:
            message = about(_goal(position), "claim.is_not_published_and_so_not")
            yield Finding("left_out", message, "claim")


def _doubts(audited: Audited) -> Iterator[Finding]:
    for violation in audited.doubts:
        yield Finding(violation.code, str(violation), "claim")


def _by_prices(audited: Audited) -> bool:
    certificate: Any = audited.result.certificate
    return certificate is not None and certificate.get("kind") == "prices"


def _claim(message: str) -> Finding:
    return Finding("claim", message, "claim")
