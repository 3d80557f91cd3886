"""Goals: what there is to be as much or as little of as possible, or as even."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from sharematch.model.base import Record, fast_init
from sharematch.model.measures import MEASURES
from sharematch.model.policy_fields import Ceiling, Share, Weights
from sharematch.model.terms import LONG, By, Numbers, Term, Where, WhereValue
from sharematch.text import Text

__all__ = ["Leximax", "Leximin", "Maximize", "Minimize"]


class _Goal(Term):
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
