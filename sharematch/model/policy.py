"""Policies: rules that hold, and goals in strict order."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sharematch.errors import InputError, Problem
from sharematch.model.base import Record, fast_init
from sharematch.model.measures import MEASURES
from sharematch.model.policy_fields import (
    Bound,
    Ceiling,
    Filters,
    GroupBy,
    MeasureName,
    Share,
    Weights,
    Width,
)
from sharematch.model.vocabulary import GROUP_FIELDS, group_side, units_below_alone
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
LONG = ("bookings", "minutes")
"""Measures of how much there is of bookings, beside units."""
Number = int | float | str | Decimal | Fraction
Numbers = Number | Mapping[Any, Number]
"""One number, numbers by group, or the name of a field of the group."""


class _Term(Record):
    """What rules and goals share: a measure, its groups and its filter."""

    # Each kind of term has an `__init__` of its own: type checkers take an inherited
    # one to be that of the fields, which has no positional arguments.
    measure: MeasureName
    by: GroupBy = None
    where: Filters = None

    def _refuse(self, field: str, message: str, hint: str = "") -> InputError:
        value = getattr(self, field)
        if isinstance(value, Mapping):
            value = ", ".join(f"{key}: {number}" for key, number in value.items())
        return InputError([Problem(message, field=field, value=str(value), hint=hint)])

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

    def _check_numbers(self, field: str) -> None:
        """Refuse numbers by group, or a field of groups, that these cannot have."""
        numbers = getattr(self, field)
        if isinstance(numbers, dict):
            if not self.groups:
                raise self._refuse(field, Text("policy.takes_one_number"), "by=…")
            if len(self.groups) == 1:
                # With one group there are no pairs: " | " is part of a name.
                for key in [key for key in numbers if isinstance(key, tuple)]:
                    numbers[" | ".join(key)] = numbers.pop(key)
        elif isinstance(numbers, str):
            self._check_field(field, numbers)

    def _check_field(self, field: str, name: str) -> None:
        """Refuse a field that groups like these do not have."""
        if name in ("population", "entitlement"):
            if self.by not in ("community", "area"):
                raise self._refuse(field, Text("policy.is_known_by_community_and_area"))
            return
        if {group_side(group, self.measure) for group in self.groups} != {"need"}:
            raise self._refuse(field, Text("policy.is_known_by_groups_of_needs"))
        is_asked = MEASURES[self.measure].unit == "units" or self.measure in LONG
        if name == "demand" and not is_asked:
            raise self._refuse(
                field, Text("policy.is_not_asked_for_in", measure=self.measure)
            )

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

    @model_validator(mode="after")
    def _mixed(self) -> Self:
        """Refuse a mix without those who are mixed, or in what bounds no ratio."""
        if not MEASURES[self.measure].only_in_rules:
            return self
        if self.label() not in ("at_least", "at_most"):
            raise self._refuse("measure", Text("policy.stands_only_in_bounds"))
        if not any(group_side(key, "mix") == "need" for key in self.where or ()):
            text = Text("policy.must_name_those_who_are_mixed")
            raise self._refuse("where", text, "where=…")
        return self


class _Rule(_Term):
    slack: ClassVar[None] = None
    weights: ClassVar[None] = None

    @model_validator(mode="after")
    def _assigned(self) -> Self:
        has_value = MEASURES[self.measure].by_assignment
        if self.by == "assignment" and not has_value:
            raise self._refuse(
                "by", Text("policy.has_no_value_for_a_single", measure=self.measure)
            )
        return self


class _Bounded(_Rule):
    bound: Bound

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not isinstance(self.bound, str):
            self._check_numbers("bound")
            return self
        if self._takes_text():
            return self
        if self.bound in GROUP_FIELDS and self.by is not None:
            self._check_numbers("bound")
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

    Parameters
    ----------
    measure, by, where
        As in all terms: what is measured, by which groups, of which units.
    bound
        One number; numbers by group, and groups without one have no bound; or the name
        of a field: ``"entitlement"``, ``"population"`` (by community or area),
        ``"demand"`` or ``"people"`` (by groups of needs). ``"alone"`` with
        ``fill_rate`` by community means: nobody is served less than by their own
        community's slots alone; ``"alone - 2"``: nobody by more than two units less.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.AtLeast("fill_rate", "1/2", by="community").bound
    Fraction(1, 2)
    >>> sm.AtLeast("served", {"tianfeng": 3, "lianqiao": 1}, by="community").bound
    {'tianfeng': Fraction(3, 1), 'lianqiao': Fraction(1, 1)}
    """

    op: Literal["at_least"] = "at_least"

    @fast_init
    def __init__(
        self,
        measure: str,
        bound: Numbers,
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
    metres or seconds, money in major units, a tier by number or name. Else `bound` may
    be numbers by group or a field of groups, as in `AtLeast`.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.AtMost("served", "entitlement", by="community").bound
    'entitlement'
    >>> sm.AtMost("travel", 500, by="assignment", where={"group": "elderly"}).where
    {'group': ('elderly',)}
    """

    op: Literal["at_most"] = "at_most"

    @fast_init
    def __init__(
        self,
        measure: str,
        bound: Numbers,
        by: By = None,
        where: Where = None,
        **rest: Any,
    ) -> None:
        Record.__init__(self, measure=measure, bound=bound, by=by, where=where, **rest)


class Within(_Rule):
    """A rule: between the best and the worst group of `by` lie at most `width`.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.Within("fill_rate", "0.10", by="community").width
    Fraction(1, 10)
    """

    bound: ClassVar[None] = None
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


class _Goal(_Term):
    bound: ClassVar[None] = None
    sense: ClassVar[int]
    """1 where the greater is the better, -1 where the less."""


class Maximize(_Goal):
    """A goal: as much of `measure` as all earlier goals allow.

    With `by` the values of all groups are added up; with `upto` each counts as far as
    its own number and no further: "every club its two hours first", "as many needs as
    possible at least once".

    Parameters
    ----------
    measure
        What there is to be as much of as possible.
    by
        The groups whose values are added up; None for the whole.
    upto
        How far the value of a group counts: one number, numbers by group (a group
        without one counts in full), or a field of the group as in `AtLeast`.
    where
        Which units count. A mapping in second place is taken for this one.
    slack
        Lets later goals give up that share of the optimum.

    Examples
    --------
    >>> import sharematch as sm
    >>> once = sm.Maximize("served", by="need", upto=1)
    >>> sm.Policy(goals=[once, sm.Maximize("served")]).goals[0].upto
    Fraction(1, 1)
    """

    sense: ClassVar[int] = 1
    weights: ClassVar[None] = None
    op: Literal["maximize"] = "maximize"
    upto: Ceiling = None
    slack: Share = None

    @fast_init
    def __init__(
        self,
        measure: str,
        by: By | Mapping[str, WhereValue] = None,
        upto: Numbers | None = None,
        where: Where = None,
        slack: object = None,
        **rest: Any,
    ) -> None:
        if where is None and isinstance(by, Mapping):
            by, where = None, by
        Record.__init__(
            self, measure=measure, by=by, upto=upto, where=where, slack=slack, **rest
        )

    @model_validator(mode="after")
    def _far_enough(self) -> Self:
        if self.by == "assignment":
            raise self._refuse("by", Text("policy.must_name_groups"), 'by="need"')
        if isinstance(self.upto, str) and not self.groups:
            raise self._refuse("upto", Text("policy.takes_one_number"), "by=…")
        self._check_numbers("upto")
        given = self.upto.values() if isinstance(self.upto, Mapping) else (self.upto,)
        if MEASURES[self.measure].unit == "money" and any(
            isinstance(number, Fraction) and (number * 100).denominator > 1
            for number in given
        ):
            raise self._refuse("upto", Text("value.must_have_at_most_two_decimal"))
        return self


class Minimize(_Goal):
    """A goal: as little of `measure` as all earlier goals allow.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.Minimize("travel", where={"group": "elderly"})
    Minimize(measure='travel', where={'group': ('elderly',)})
    """

    sense: ClassVar[int] = -1
    weights: ClassVar[None] = None
    op: Literal["minimize"] = "minimize"
    slack: Share = None

    @fast_init
    def __init__(
        self, measure: str, where: Where = None, slack: object = None, **rest: Any
    ) -> None:
        Record.__init__(self, measure=measure, where=where, slack=slack, **rest)

    @model_validator(mode="after")
    def _ungrouped(self) -> Self:
        if self.by is not None:
            raise self._refuse(
                "by",
                Text("policy.a_total_has_no_groups"),
                f'Leximax("{self.measure}", by={self.by!r})',
            )
        return self


class _Leveled(_Goal):
    slack: ClassVar[None] = None

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
        ``"population"``, ``"entitlement"``, ``"demand"``, ``"people"`` or positive
        numbers by group, for ``served``; a group without a positive weight takes no
        part.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.Leximin("served", by="community", weights="population").weights
    'population'
    """

    sense: ClassVar[int] = 1
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
        self._check_numbers("weights")
        if self.measure not in {"served", *LONG}:
            raise self._refuse(
                "weights", Text("policy.divide_only_served"), "Leximin('served', …)"
            )
        return self


class Leximax(_Leveled):
    """A goal: the greatest value of a group as small as possible, then the next.

    For loads and peaks, such as ``Leximax("used", by="day")``.

    Examples
    --------
    >>> import sharematch as sm
    >>> sm.Policy(goals=[sm.Leximax("utilization", by="facility")]).goals[0].op
    'leximax'
    """

    sense: ClassVar[int] = -1
    weights: ClassVar[None] = None
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
