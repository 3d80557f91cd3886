"""What the check of a result found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sharematch.plans.results.status import Status

__all__ = ["Finding", "Verdict"]

Part = Literal["rules", "numbers", "claim"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a result that does not hold, or that nothing here proves.

    `part` says of what: the plan under records and rules, a number or word in the
    result, or the claim that no plan is better or that there is none.

    Examples
    --------
    >>> str(Finding("served", "served: 4 is claimed, 3 found", "numbers"))
    'served: 4 is claimed, 3 found'
    """

    code: str
    message: str
    part: Part = "rules"

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Verdict:
    """What holds of a result.

    Parameters
    ----------
    status
        What the result says of itself.
    findings
        What is false, or claimed with a proof that does not hold.
    unproved
        What is claimed and neither proved nor found false.

    Examples
    --------
    >>> import sharematch as sm
    >>> from sharematch.claims import judge
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> verdict = judge(town, result)
    >>> verdict.is_valid, verdict.is_proved
    (True, True)
    """

    status: Status
    findings: tuple[Finding, ...] = ()
    unproved: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether nothing is false."""
        return not self.findings

    @property
    def is_proved(self) -> bool:
        """Whether it is proved that no plan is better, or that there is none."""
        claims = self.status in (Status.OPTIMAL, Status.INFEASIBLE)
        return claims and self.is_valid and not self.unproved

    def holds(self, part: Part) -> bool:
        """Return whether nothing is false in one part."""
        return all(finding.part != part for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {
            "valid": self.is_valid,
            "proved": self.is_proved,
            "status": self.status.value,
            "keeps_rules": self.holds("rules"),
            "numbers_hold": self.holds("rules") and self.holds("numbers"),
            "findings": _rows(self.findings),
            "unproved": _rows(self.unproved),
        }


def _rows(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [{"code": f.code, "part": f.part, "message": f.message} for f in findings]
