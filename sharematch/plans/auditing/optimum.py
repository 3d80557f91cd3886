"""Whether it is proved that no plan is better: by a certificate, or not at all."""

from collections.abc import Iterator, Mapping
from typing import Any

from sharematch.plans.auditing.additions import better_by_one
from sharematch.plans.auditing.beside import Beside
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.checking import CLAIMED
from sharematch.plans.results.gaps import disproved

__all__ = ["false_claims", "unproved_claims"]


def false_claims(found: Beside) -> Iterator[Finding]:
    """Yield claims about the best plan that are false, or whose proof does not hold."""
    result = found.result
    wrong = disproved(found.measures, found.units, result.goals)
    yield from (_claim(message) for message in wrong)
    if result.is_optimal:
        yield from _false_optimum(found)
    if wrong:
        return
    if result.certificate is not None:
        for violation in found.doubts:
            if violation.code != CLAIMED:
                yield Finding(violation.code, str(violation), "claim")
    if not _by_prices(found) and (better := better_by_one(found)):
        yield _claim(better)


def _false_optimum(found: Beside) -> Iterator[Finding]:
    result = found.result
    if not found.has_goals:
        yield _claim(f"{result.policy.method} promises no best plan")
        return
    for position, goal in enumerate(result.goals, 1):
        if goal.bound != goal.value and not getattr(goal.goal, "slack", None):
            yield _claim(f"goal {position}: is said to be the best, below its bound")
    if found.program is not None and not found.leaves_out and not _by_prices(found):
        yield Finding(
            "proof",
            "is said to be the best without its proof: a plan of a network always "
            "has a certificate by prices",
            "claim",
        )


def unproved_claims(found: Beside) -> Iterator[Finding]:
    """Yield claims of a result with nothing false in it that nothing here proves."""
    result = found.result
    left_out = [*_left_out(found)]
    yield from left_out
    if left_out and _by_prices(found):
        yield from _doubts(found)
    elif not result.is_optimal:
        message = "that no plan is better is not claimed"
        if not found.has_goals:
            message = "that needs chose in their order is not replayed here"
        yield Finding("claimed", message, "claim")
    elif result.certificate is None:
        message = "that no plan is better is the solver's claim, without a certificate"
        yield Finding("claimed", message, "claim")
    else:
        yield from _doubts(found)


def _left_out(found: Beside) -> Iterator[Finding]:
    """Yield which goals of the office are not published, as far as it is said."""
    told: Any = found.result.provenance.get("left_out") if found.is_published else None
    for term in told if isinstance(told, list) else ():
        position = term.get("goal") if isinstance(term, Mapping) else None
        if type(position) is int:
            message = f"goal {position}: is not published, and so not proved"
            yield Finding("left_out", message, "claim")


def _doubts(found: Beside) -> Iterator[Finding]:
    for violation in found.doubts:
        yield Finding(violation.code, str(violation), "claim")


def _by_prices(found: Beside) -> bool:
    certificate: Any = found.result.certificate
    return certificate is not None and certificate.get("kind") == "prices"


def _claim(message: str) -> Finding:
    return Finding("claim", message, "claim")
