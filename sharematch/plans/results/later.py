"""Fields that are made when somebody first asks for them, and then stay.

Example: a plan of a city is proved in half a second, which one who only wants the plan
does not pay; whoever writes it, or asks for its certificate, does, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Later", "may_come_later"]

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Later:
    """Stands for the value of a field until somebody asks for it."""

    make: Callable[[], Any]


class _Field:
    """A field of a dataclass that may be given as `Later`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, record: Any, owner: type | None = None) -> Any:
        if record is None:
            return self
        value = record.__dict__[self.name]
        if isinstance(value, Later):
            value = record.__dict__[self.name] = value.make()
        return value

    def __set__(self, record: Any, value: Any) -> None:
        # Frozen classes let none but their own `__init__` come here.
        record.__dict__[self.name] = value


def may_come_later(*names: str) -> Callable[[type[Made]], type[Made]]:
    """Let fields of a dataclass be given as `Later`, for a value of their type.

    Examples
    --------
    >>> @may_come_later("proof")
    ... @dataclass(frozen=True)
    ... class Answer:
    ...     proof: str
    >>> answer = Answer(Later(lambda: print("made") or "42"))
    >>> answer.proof, answer.proof
    made
    ('42', '42')
    """

    def prepared(made: type[Made]) -> type[Made]:
        for name in names:
            setattr(made, name, _Field(name))
        return made

    return prepared
