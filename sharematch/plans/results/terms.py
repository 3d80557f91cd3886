"""What may be in conflict: a policy's rules and decisions, at their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.pins import Pin
from sharematch.model.policy import Policy

__all__ = ["Problem", "Term", "terms_of"]


class Problem(Protocol):
    """Records and a policy that are asked about; who solves, or checks, has more.

    `everything` are all eligible pairs, `admitted` those that some rules leave.
    """

    # What each is, is said above.
    @property
    def columns(self) -> Columns: ...  # noqa: D102 (above)

    @property
    def everything(self) -> Arcs: ...  # noqa: D102 (above)

    @property
    def policy(self) -> Policy: ...  # noqa: D102 (above)

    @property
    def pins(self) -> list[Pin]: ...  # noqa: D102 (above)

    def admitted(self, rules: Sequence[Any]) -> Arcs: ...  # noqa: D102 (above)


@dataclass(frozen=True)
class Term:
    """A rule of the policy, or a pin, at its position.

    `is_partial`: a rule with a bound for each group, for some of them.
    """

    position: int
    value: Any
    is_partial: bool = False

    @property
    def is_pin(self) -> bool:
        """Whether it is a decision."""
        return isinstance(self.value, Pin)

    @property
    def key(self) -> tuple[bool, int]:
        """What tells it from all others, relaxed or not."""
        return self.is_pin, self.position


def terms_of(problem: Problem) -> list[Term]:
    """Return all that may be in conflict: decisions, then rules."""
    terms = [Term(i, pin) for i, pin in enumerate(problem.pins)]
    return [*terms, *(Term(i, rule) for i, rule in enumerate(problem.policy.rules))]
