"""Rules: bounds that hold for every group, or for each assignment."""

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from sharematch.model.base import Record, fast_init
from sharematch.model.measures import MEASURES
from sharematch.model.policy_fields import Bound, Width
from sharematch.model.terms import By, Numbers, Term, Where
from sharematch.model.vocabulary import GROUP_FIELDS, units_below_alone
from sharematch.text import Text

__all__ = ["AtLeast", "AtMost", "Within"]


class _Rule(Term):
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
