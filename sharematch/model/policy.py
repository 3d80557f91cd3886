"""Policies: rules that hold, and goals in strict order."""

from collections.abc import Iterable, Mapping
from math import floor
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sharematch.errors import InputError, Problem
from sharematch.model.policy_fields import (
    Bound,
    Filters,
    GroupBy,
    MeasureName,
    Share,
    Weights,
    Width,
)
from sharematch.model.records import Record, fast_init
from sharematch.model.vocabulary import MEASURES, group_side, units_below_alone
from sharematch.text import Text

__all__ = [
    "AtLeast",
    "AtMost",
    "Goal",
    "Leximax",
    "Leximin",
    "Maximize",
    "Minimize",
    "Policy",
    "Rule",
    "Within",
]

By = str | tuple[str, str] | None
WhereValue = str | Iterable[str]
Where = Mapping[str, WhereValue] | None


class _Term(Record):
    """What rules and goals share: a measure, its groups and its filter."""

    # Each kind of term has an `__init__` of its own: type checkers take an inherited
    # one to be that of the fields, which has no positional arguments.
    measure: MeasureName
    by: GroupBy = None
    where: Filters = None

    def _refuse(self, field: str, message: str, hint: str = "") -> InputError:
        value = str(getattr(self, field))
        return InputError([Problem(message, field=field, value=value, hint=hint)])

    @classmethod
    def label(cls) -> str:
        """Return the word messages use for this term: its `op`."""
        return str(cls.model_fields["op"].default)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of `by` as a tuple, empty for the whole."""
        if self.by is None or self.by == "assignment":
            return ()
        return (self.by,) if isinstance(self.by, str) else self.by

    @model_validator(mode="after")
    def _grouped(self) -> Self:
        side = MEASURES[self.measure].side
        for group in self.groups:
            if side != "both" and group_side(group, self.measure) != side:
                raise self._refuse(
                    "by",
                    Text(
                        "policy.cannot_group_which_is_the_sides",
                        measure=self.measure,
                        side=side,
                    ),
                )
        return self


class _Rule(_Term):
    @model_validator(mode="after")
    def _assigned(self) -> Self:
        if self.by == "assignment" and self.measure in (
            "demand",
            "unmet",
            "fill_rate",
            "used",
            "utilization",
            "opened_slots",
            "opened_facilities",
            "moved",
        ):
            raise self._refuse(
                "by", Text("policy.has_no_value_for_a_single", measure=self.measure)
            )
        return self


class _Bounded(_Rule):
    bound: Bound

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not isinstance(self.bound, str) or self._takes_text():
            return self
        if self.bound.startswith("alone"):
            raise self._refuse(
                "bound",
                Text("policy.stands_only_in_atleast_fill_rate"),
            )
        raise self._refuse(
            "bound",
            Text("value.must_be_a_number"),
            'by="assignment"' if self.measure == "tier" else "",
        )

    def _takes_text(self) -> bool:
        return self.measure == "tier" and self.by == "assignment"


class AtLeast(_Bounded):
    """A rule: `measure` is at least `bound`, for every group of `by`.

    The bound ``"alone"`` with ``fill_rate`` by community means: nobody is served
    less than by their own community's slots alone; ``"alone - 2"``: nobody by more than
    two units less.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.AtLeast("fill_rate", "1/2", by="community").bound
    Fraction(1, 2)
    """

    op: Literal["at_least"] = "at_least"

    @fast_init
    def __init__(
        self,
        measure: str,
        bound: object,
        by: By = None,
        where: Where = None,
        **rest: Any,
    ) -> None:
        Record.__init__(self, measure=measure, bound=bound, by=by, where=where, **rest)

    def _takes_text(self) -> bool:
        is_alone = units_below_alone(self) is not None
        by_community = self.by == "community" and self.where is None
        return (is_alone and by_community) or super()._takes_text()


class AtMost(_Bounded):
    """A rule: `measure` is at most `bound`, for every group of `by`.

    With ``by="assignment"`` it filters pairs by their value per unit: distances in
    metres or seconds, money in major units, a tier by number or name.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.AtMost("travel", 500, by="assignment", where={"group": "elderly"}).where
    {'group': ('elderly',)}
    """

    op: Literal["at_most"] = "at_most"

    @fast_init
    def __init__(
        self,
        measure: str,
        bound: object,
        by: By = None,
        where: Where = None,
        **rest: Any,
    ) -> None:
        Record.__init__(self, measure=measure, bound=bound, by=by, where=where, **rest)


class Within(_Rule):
    """A rule: between the best and the worst group of `by` lie at most `width`."""

    op: Literal["within"] = "within"
    width: Width

    @fast_init
    def __init__(
        self,
        measure: str,
        width: object,
        by: By = None,
        where: Where = None,
        **rest: Any,
    ) -> None:
        Record.__init__(self, measure=measure, width=width, by=by, where=where, **rest)

    @model_validator(mode="after")
    def _by_groups(self) -> Self:
        if not self.groups:
            raise self._refuse("by", Text("policy.must_name_groups"), 'by="community"')
        return self


class _Whole(_Term):
    slack: Share = None

    @model_validator(mode="after")
    def _ungrouped(self) -> Self:
        if self.by is not None:
            raise self._refuse(
                "by",
                Text("policy.a_total_has_no_groups"),
                f'Leximin("{self.measure}", by={self.by!r})',
            )
        return self


class Maximize(_Whole):
    """A goal: as much of `measure` as all earlier goals allow.

    `slack` lets later goals give up that share of the optimum.
    """

    op: Literal["maximize"] = "maximize"

    @fast_init
    def __init__(
        self, measure: str, where: Where = None, slack: object = None, **rest: Any
    ) -> None:
        Record.__init__(self, measure=measure, where=where, slack=slack, **rest)


class Minimize(_Whole):
    """A goal: as little of `measure` as all earlier goals allow."""

    op: Literal["minimize"] = "minimize"

    @fast_init
    def __init__(
        self, measure: str, where: Where = None, slack: object = None, **rest: Any
    ) -> None:
        Record.__init__(self, measure=measure, where=where, slack=slack, **rest)


class _Leveled(_Term):
    @model_validator(mode="after")
    def _by_groups(self) -> Self:
        if not self.groups:
            raise self._refuse("by", Text("policy.must_name_groups"), 'by="community"')
        return self


class Leximin(_Leveled):
    """A goal: the worst-off group as well off as possible, then the next.

    Parameters
    ----------
    measure
        By group; ``fill_rate``, or ``served`` divided by `weights`.
    by
        The groups, such as ``"community"``.
    weights
        ``"population"``, ``"entitlement"`` or positive numbers by group, for
        ``served``; a group without a positive weight takes no part.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.Leximin("served", by="community", weights="population").weights
    'population'
    """

    op: Literal["leximin"] = "leximin"
    weights: Weights = None

    @fast_init
    def __init__(
        self,
        measure: str,
        by: By = None,
        weights: object = None,
        where: Where = None,
        **rest: Any,
    ) -> None:
        Record.__init__(
            self, measure=measure, by=by, weights=weights, where=where, **rest
        )

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        if self.weights is None:
            return self
        if isinstance(self.weights, dict) and len(self.groups) == 1:
            # With one group there are no pairs: " | " is part of a name.
            for key in [key for key in self.weights if isinstance(key, tuple)]:
                self.weights[" | ".join(key)] = self.weights.pop(key)
        if self.measure != "served":
            raise self._refuse(
                "weights", Text("policy.divide_only_served"), "Leximin('served', …)"
            )
        if isinstance(self.weights, str) and self.by not in ("community", "area"):
            raise self._refuse("weights", Text("policy.is_known_by_community_and_area"))
        return self


class Leximax(_Leveled):
    """A goal: the greatest value of a group as small as possible, then the next.

    For loads and peaks, such as ``Leximax("used", by="day")``.
    """

    op: Literal["leximax"] = "leximax"

    @fast_init
    def __init__(
        self, measure: str, by: By = None, where: Where = None, **rest: Any
    ) -> None:
        Record.__init__(self, measure=measure, by=by, where=where, **rest)


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
    if not isinstance(rule, AtMost) or rule.measure != "moved" or rule.by is not None:
        return rule
    bound = rule.bound
    if isinstance(bound, str) or not 0 < bound < 1:
        return rule
    return AtMost("moved", floor(bound * units), where=rule.where)


def _terms(items: object) -> object:
    return (
        tuple(items)
        if isinstance(items, Iterable) and not isinstance(items, (str, Mapping))
        else items
    )
