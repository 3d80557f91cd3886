"""Terms: what rules and goals share, and what they accept."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from pydantic import model_validator

from sharematch.errors import InputError, Problem
from sharematch.model.base import Record
from sharematch.model.measures import MEASURES
from sharematch.model.policy_fields import Filters, GroupBy, MeasureName
from sharematch.model.vocabulary import group_side
from sharematch.text import Text

__all__ = ["LONG", "By", "Numbers", "Term", "Where", "WhereValue"]

By = str | tuple[str, str] | None
WhereValue = str | Iterable[str]
Where = Mapping[str, WhereValue] | None
LONG = ("bookings", "minutes")
"""Measures of how much there is of bookings, beside units."""
Number = int | float | str | Decimal | Fraction
Numbers = Number | Mapping[Any, Number]
"""One number, numbers by group, or the name of a field of the group."""


class Term(Record):
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
