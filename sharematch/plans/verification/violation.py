"""What a plan does not keep, as a value."""

from dataclasses import dataclass

__all__ = ["Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a plan does not keep.

    `code` is the reason code of a pair that is no arc, or the field or rule broken;
    `rule` counts the policy's rules from 1.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> slot, need = town.slots[0].id, town.needs[0].id
    >>> plan = [(slot, need, 1_000)]
    >>> [violation.code for violation in sm.verify(town, plan)][-1]
    'capacity'
    """

    code: str
    message: str
    need: str = ""
    slot: str = ""
    rule: int | None = None

    def __str__(self) -> str:
        return self.message
