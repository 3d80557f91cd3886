"""Policies: rules that hold, and goals in strict order."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sharematch.errors import InputError, Problem
from sharematch.model.base import Record, fast_init
from sharematch.model.goals import Leximax, Leximin, Maximize, Minimize
from sharematch.model.measures import MEASURES
from sharematch.model.rules import AtLeast, AtMost, Within

__all__ = ["Goal", "Policy", "Rule"]

Rule = AtLeast | AtMost | Within
Goal = Maximize | Minimize | Leximin | Leximax


class Policy(Record):
    """Rules that hold and goals in strict order.

    A later goal is decided only among the optima of all earlier ones, exactly.

    Examples
    --------
    >>> import sharematch as sm
    >>> [goal.op for goal in sm.Policy.fair().goals]
    ['leximin', 'maximize', 'minimize']
    """

    name: str = ""
    method: Literal["goals", "first_come"] = "goals"
    rules: tuple[Annotated[Rule, Field(discriminator="op")], ...] = ()
    goals: tuple[Annotated[Goal, Field(discriminator="op")], ...] = ()

    _label: ClassVar[str] = "policy"

    @fast_init
    def __init__(
        self,
        /,
        *,
        name: str = "",
        rules: Iterable[Rule] = (),
        goals: Iterable[Goal] = (),
        method: str = "goals",
        **rest: Any,
    ) -> None:
        super().__init__(
            name=name,
            method=method,
            rules=_terms(rules),
            goals=_terms(goals),
            **rest,
        )

    @model_validator(mode="after")
    def _method(self) -> Self:
        if self.method == "first_come" and self.goals:
            raise InputError(
                [
                    Problem(
                        "policy.first_come_is_a_method_and",
                        field="goals",
                        hint="policy.leave_out_the_goals_or_method",
                    )
                ]
            )
        return self

    @classmethod
    def fair(cls) -> Self:
        """Serve the worst-off communities first, then as many as possible, nearby."""
        return cls(
            name="fair",
            goals=[
                Leximin("fill_rate", by="community"),
                Maximize("served"),
                Minimize("travel"),
            ],
        )

    @classmethod
    def efficient(cls) -> Self:
        """Serve as many as possible, then at least cost, then with least travel."""
        return cls(
            name="efficient",
            goals=[Maximize("served"), Minimize("cost"), Minimize("travel")],
        )

    @classmethod
    def own_only(cls) -> Self:
        """Use only slots of the own community, else as `fair`."""
        return cls(
            name="own only",
            rules=[AtMost("tier", "own", by="assignment")],
            goals=cls.fair().goals,
        )

    @classmethod
    def vulnerable_first(cls, *groups: str) -> Self:
        """Serve `groups` first, each in turn, then as `fair`."""
        first = [Maximize("served", where={"group": group}) for group in groups]
        return cls(name=f"{', '.join(groups)} first", goals=[*first, *cls.fair().goals])

    @classmethod
    def first_come(cls) -> Self:
        """Let needs choose in turn by date: the baseline that offices know."""
        return cls(name="first come", method="first_come")

    def with_moves_in_units(self, units: int) -> Self:
        """Return the policy with every share of moves as units, rounded down.

        A limit ``AtMost("moved", …)`` above 0 and below 1 is a share of what the
        earlier plan gives; all other limits are left as they are.

        Parameters
        ----------
        units
            What the earlier plan gives in all.

        Examples
        --------
        >>> calm = Policy(rules=[AtMost("moved", 0.05)], goals=[Maximize("served")])
        >>> str(calm.with_moves_in_units(230).rules[0].bound)
        '11'
        """
        rules = tuple(_moves_in_units(rule, units) for rule in self.rules)
        return self if rules == self.rules else self.model_copy(update={"rules": rules})


def _moves_in_units(rule: Rule, units: int) -> Rule:
    if not isinstance(rule, AtMost) or rule.by is not None:
        return rule
    if not MEASURES[rule.measure].needs_baseline:
        return rule
    bound = rule.bound
    if not isinstance(bound, Fraction) or not 0 < bound < 1:
        return rule
    return AtMost(rule.measure, floor(bound * units), where=rule.where)


def _terms(items: object) -> object:
    return (
        tuple(items)
        if isinstance(items, Iterable) and not isinstance(items, (str, Mapping))
        else items
    )
