"""What a solve found: status, goals with bounds, the plan, measures, provenance."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from html import escape
from typing import Any, TypeVar, cast

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import Label, labels
from sharematch.errors import InputError
from sharematch.model.answers import Answer, answers_of, decide
from sharematch.model.arguments import expect, hide_private
from sharematch.model.canonical import policy_data
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Goal, Policy
from sharematch.model.refusals import conflict_notes, conflict_text
from sharematch.model.result_document import check_result
from sharematch.model.values import GoalNumber, Number, write_value
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.later import may_come_later
from sharematch.plans.results.plan import Plan, plan_of
from sharematch.plans.results.status import (
    ConflictTerm,
    GoalValue,
    Status,
    Unmet,
    conflict_document,
    goal_document,
    read_goal,
)
from sharematch.text import Text, about
from sharematch.text.tables import Table

__all__ = ["Result", "as_answered", "document_of"]


@may_come_later("unmet", "certificate")
@hide_private
@dataclass(frozen=True, eq=False)
class Result:
    """The outcome of a solve; a plan in it has passed the verifier.

    `allocation` is empty where there is no plan. `timings` are seconds by phase and
    never written to files. What tells of a plan beside its goals is worked out when
    first asked for.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> result.status, result.is_optimal
    (<Status.OPTIMAL: 'optimal'>, True)
    >>> result.value("served"), str(result.value("fill_rate"))
    (2, '1/12')
    >>> [goal.measure for goal in result.goals]
    ['fill_rate', 'served', 'travel']
    """

    status: Status
    structure: str
    goals: tuple[GoalValue, ...]
    allocation: Allocation
    unmet: tuple[Unmet, ...]
    policy: Policy
    provenance: Mapping[str, Any]
    conflict: tuple[ConflictTerm, ...] | None = None
    certificate: Any = None
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    baseline: Allocation | None = field(default=None, repr=False)
    """The earlier plan, where the policy asks what has moved."""
    answers: tuple[Answer, ...] = ()
    """What was said to the earlier plan; see `as_answered`."""
    instance: Instance | None = field(default=None, repr=False)
    """The records, where they are known; they do not travel to other processes."""
    _plan: Plan | None = field(default=None, repr=False)
    _document: Mapping[str, Any] | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        state = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**state, "instance": None}

    @property
    def is_optimal(self) -> bool:
        """Whether every goal is proved."""
        return self.status is Status.OPTIMAL

    @property
    def columns(self) -> Columns | None:
        """The instance as columns; None without a plan or read without its instance."""
        return None if self._plan is None else self._plan.measures.columns

    @property
    def label(self) -> Label:
        """What people are shown for a record, by type and id: its name, if it has one.

        The id where the instance is not known.
        """
        columns = self.columns
        if columns is None and self.instance is not None:
            columns = encode(self.instance)
        return labels(columns)

    def value(
        self, measure: str, where: Mapping[str, str | tuple[str, ...]] | None = None
    ) -> Number:
        """Return a measure of the whole plan.

        Returns
        -------
        An int; a Fraction for ratios; a Decimal in major units for money.

        Raises
        ------
        InputError
            For an unknown measure, or a filter on a result read without its instance.
        """
        expect(str, measure=measure)
        expect(Mapping, None, where=where)
        if measure not in MEASURES or MEASURES[measure].only_in_rules:
            raise InputError("policy.is_not_a_measure_name", name=measure)
        if self._plan is None:
            return self._stored(measure, where)
        return self._plan.value(measure, where)

    def knows(self, measure: str) -> bool:
        """Return whether a measure of the whole plan can be told."""
        stored = (self._document or {}).get("measures", {})
        return self._plan is not None or measure in stored

    def _stored(self, measure: str, where: object) -> Number:
        stored = (self._document or {}).get("measures", {})
        if where or measure not in stored:
            raise InputError(
                "ask.needs_the_instance",
                measure=measure,
                hint="read_result(…, instance)",
            )
        return MEASURES[measure].read(stored[measure])

    def goal_value(self, goal: Goal) -> GoalNumber:
        """Return what a goal is worth in this plan, whether it was solved for or not.

        Raises
        ------
        InputError
            Without a plan, for a result read without its instance, for ``moved``, or
            for a goal that names what the instance does not have.
        """
        if self._plan is None:
            raise InputError("ask.a_goals_value_needs_a_plan")
        return self._plan.goal_value(goal)

    def each(self, measure: str, group: str) -> dict[str, Number]:
        """Return one measure by the groups that ask or offer anything.

        Raises
        ------
        InputError
            Without a plan, or for a result read without its instance.
        """
        expect(str, measure=measure, group=group)
        if self._plan is None:
            raise InputError(
                "ask.by_needs_a_plan_and_its", measure=measure, group=group
            )
        return self._plan.each(measure, group)

    def by(self, group: str | tuple[str, str]) -> Table:
        """Return the measures that make sense by a group, one row per group.

        Groups of needs show demand, served, fill rate, travel and fees; groups of
        slots show use, lending and money; communities and areas show both lent and
        borrowed.
        """
        expect(str, tuple, group=group)
        if self._plan is not None:
            return self._plan.table(group)
        stored = (self._document or {}).get("by", {})
        if not isinstance(group, str) or group not in stored:
            raise InputError(
                "ask.by_needs_the_instance",
                group=group,
                hint="read_result(…, instance)",
            )
        return Table(_read_row(row) for row in stored[group])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of this result; equal results give equal ones."""
        return document_of(self, Allocation.to_rows, _unmet_rows)

    @classmethod
    def from_dict(
        cls, document: Mapping[str, Any], instance: Instance | Columns | None = None
    ) -> "Result":
        """Return the result that a JSON document holds.

        With its `instance`, every measure by every group can be computed again; the
        answers in the document are taken into account.

        Raises
        ------
        InputError
            For a document that is no result of this version, or ids that the
            instance does not have.
        """
        try:
            return _read(document, instance)
        except (
            *(LookupError, TypeError, AttributeError),
            *(ValueError, ArithmeticError),
        ) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(about(Text("ask.not_a_result"), repr(error))) from None

    def __repr__(self) -> str:
        served = f", served {self.value('served')}" if len(self.allocation) else ""
        return f"<Result {self.status}{served}, {len(self.allocation)} assignments>"

    def _repr_html_(self) -> str:
        """Return the result for notebooks: status, goals, who gets what."""
        status = f"<p>{escape(repr(self))}</p>"
        goals = Table(
            {"op": g.op, "measure": g.measure, "value": str(_shown(g.value))}
            for g in self.goals
        )
        has_table = self._plan is not None or self._document is not None
        tables = [goals] * bool(self.goals)
        tables += [self._shown_by_community()] if has_table else []
        return status + "".join(table._repr_html_() for table in tables)

    def _shown_by_community(self) -> Table:
        """Return the table by community as people are shown it."""
        table, label = self.by("community"), self.label
        rows = ({**row, "id": label("community", str(row["id"]))} for row in table)
        return Table(rows, table.columns)

    def __str__(self) -> str:
        lines = [f"Status: {self.status} ({self.structure})"]
        for goal in self.goals:
            from_words = goal.goal.by
            by = f" by {' and '.join(goal.goal.groups)}" if from_words else ""
            lines.append(f"{goal.op} {goal.measure}{by}: {_shown(goal.value)}")
        if self.conflict:
            rules = self.policy.rules
            label = self.label
            said = (conflict_text(t, rules, label=label) for t in self.conflict)
            members = (f"- {text}" for text in said)
            lines += ["Cannot hold together:", *members]
            lines += conflict_notes(self.conflict)
        if self._plan is not None or (self._document or {}).get("by"):
            lines += ["", str(self._shown_by_community())]
        return "\n".join(lines)


def document_of(
    result: Result,
    assignments: Callable[[Allocation], Any],
    unmet: Callable[[Sequence[Unmet]], Any],
) -> dict[str, Any]:
    """Return the JSON document of a result, its many rows as these write them."""
    if result._document is not None:  # noqa: SLF001 (its own)
        return dict(result._document)  # noqa: SLF001 (its own)
    plan = result._plan  # noqa: SLF001 (its own)
    earlier: dict[str, Any] = {}  # the plan before and the answers to it, if any
    if result.answers:
        earlier["decisions"] = [answer.to_dict() for answer in result.answers]
    if result.baseline is not None:
        earlier["baseline"] = result.baseline.to_rows()
    conflict = result.conflict
    return {
        "format": "sharematch-result",
        "version": 1,
        "status": result.status.value,
        "structure": result.structure,
        "goals": [goal_document(goal) for goal in result.goals],
        "measures": {} if plan is None else _measured(plan),
        "by": {} if plan is None else _by_groups(plan),
        "assignments": assignments(result.allocation),
        "unmet": unmet(result.unmet),
        "certificate": result.certificate,
        "conflict": None if conflict is None else [*map(conflict_document, conflict)],
        "warnings": list(result.warnings),
        **earlier,
        "policy": policy_data(result.policy),
        "provenance": dict(result.provenance),
    }


def _unmet_rows(unmet: Sequence[Unmet]) -> list[dict[str, Any]]:
    return [
        {
            "need": u.need,
            "quantity": u.quantity,
            "reason": u.reason,
            **({"code": u.code} if u.code else {}),
        }
        for u in unmet
    ]


def _measured(plan: Plan) -> dict[str, Any]:
    return {name: write_value(plan.value(name)) for name in plan.totals}


def _by_groups(plan: Plan) -> dict[str, Any]:
    return {
        group: [
            {key: write_value(value) for key, value in row.items()}
            for row in plan.table(group)
        ]
        for group in ("community", "facility")
    }


def _shown(value: GoalNumber) -> str:
    if not isinstance(value, tuple):
        return write_value(value) if not isinstance(value, Fraction) else f"{value}"
    first_few = [str(x) for x in value[:6]]
    return f"({', '.join(first_few)}{', …' if len(value) > 6 else ''})"


def _read_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: MEASURES[name].read(value) if name in MEASURES else value
        for name, value in row.items()
    }


def _read(document: Mapping[str, Any], instance: Instance | Columns | None) -> Result:
    if document["format"] != "sharematch-result" or document["version"] != 1:
        raise InputError(
            "ask.not_a_result", hint='"format": "sharematch-result", "version": 1'
        )
    check_result(document)
    if not isinstance(document["goals"], list):
        raise TypeError(f"goals {document['goals']!r} must be a list")
    _check_measures(document["provenance"].get("own_measures", {}))
    policy = Policy(**document["policy"])
    named = {term.get("rule") for term in document["conflict"] or ()} - {None}
    if not named <= {*range(1, len(policy.rules) + 1)}:
        raise InputError("claim.the_conflict_names_a_rule_that")
    allocation = Allocation(document["assignments"])
    earlier = document.get("baseline")
    baseline = None if earlier is None else Allocation(earlier)
    answers = answers_of(document.get("decisions", ()))
    plan = None
    if instance is not None:
        instance = as_answered(instance, answers, document["provenance"]["instance"])
        if Status(document["status"]).has_plan:
            plan = plan_of(instance, allocation, policy, baseline)
    goals = (
        tuple(
            read_goal(term, data)
            for term, data in zip(policy.goals, document["goals"], strict=True)
        )
        if document["goals"]
        else ()
    )
    return Result(
        status=Status(document["status"]),
        structure=document["structure"],
        goals=goals,
        allocation=allocation,
        unmet=tuple(Unmet(**item) for item in document["unmet"]),
        policy=policy,
        provenance=document["provenance"],
        conflict=None
        if document["conflict"] is None
        else tuple(ConflictTerm(**item) for item in document["conflict"]),
        certificate=document["certificate"],
        warnings=tuple(document.get("warnings", ())),
        baseline=baseline,
        answers=answers,
        instance=instance if isinstance(instance, Instance) else None,
        _plan=plan,
        _document=document,
    )


def _check_measures(origins: Mapping[str, Any]) -> None:
    """Refuse measures of somebody's own that nobody has registered here."""
    for name, origin in origins.items():
        if name not in MEASURES:
            raise InputError(
                "measure.is_not_registered",
                value=str(name),
                origin=str(origin),
                hint=Text("measure.register_it", name=name),
            )


Records = TypeVar("Records", bound=Instance | Columns)


def as_answered(
    instance: Records, answers: Iterable[Answer], digest: object
) -> Records:
    """Return the records as they stand after answers, unless they do already.

    Parameters
    ----------
    digest
        The hash of the records after the answers.
    """
    given = tuple(answers)
    if not given or encode(instance).digest == digest:
        return instance
    if isinstance(instance, Columns):
        raise InputError(
            "ask.columns_cannot_take_answers", hint="ask.pass_the_instance"
        )
    return cast("Records", decide(instance, given))
