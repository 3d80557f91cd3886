"""What a plan does not keep, as a value."""

from dataclasses import dataclass

__all__ = ["Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a plan does not keep.

    `code` is the reason code of a pair that is no arc, or the field or rule broken;
    `rule` counts the policy's rules from 1.
    """

    code: str
    message: str
    need: str = ""
    slot: str = ""
    rule: int | None = None

    def __str__(self) -> str:
        return self.message
