"""Whether a plan that somebody submits holds, and how it stands to the best known."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import sharematch as sm
from benchmarks.instances import library
from sharematch.errors import InputError
from sharematch.model.values import write_value
from sharematch.plans.results.plan import plan_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import Status

__all__ = ["Verdict", "check", "judge", "standing"]

_SMALLER_IS_BETTER = ("minimize", "leximax")


@dataclass(frozen=True)
class Verdict:
    """What the checker says of one file.

    Parameters
    ----------
    instance, policy
        Their names in the library.
    standing
        ``invalid``, ``worse``, ``equal`` or ``better`` than the best known.
    values
        Of the goals in turn, as they stand in files; empty if invalid.
    goal
        From 1: the first goal that differs from the best known; 0 for none.
    best
        The best values known.
    problems
        What the plan breaks, or what its file says and is not so.
    is_certified
        Whether the file's certificate proves every goal.
    """

    instance: str
    policy: str
    standing: str
    values: tuple[Any, ...] = ()
    goal: int = 0
    best: tuple[Any, ...] = ()
    problems: tuple[str, ...] = ()
    is_certified: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return dict(vars(self))

    def __str__(self) -> str:
        text = f"{self.instance}, {self.policy}: {self.standing}"
        if self.goal:
            one, other = (_short(x[self.goal - 1]) for x in (self.values, self.best))
            text += f" at goal {self.goal}, {one} against {other}"
        text += ", proved by its certificate" if self.is_certified else ""
        return "\n  ".join([text, *self.problems])


def check(path: Path, instance: str = "", policy: str = "") -> Verdict:
    """Return the verdict on a result (`.json`) or on a plan (`.csv`).

    Parameters
    ----------
    path
        The file.
    instance, policy
        Names in the library; a plan needs them, a result has the hashes of both.

    Raises
    ------
    InputError
        When the file cannot be read, or is of another instance or policy.
    """
    if path.suffix != ".json":
        if not (instance and policy):
            raise InputError(
                f"{path}: a plan needs --instance and --policy; results name theirs"
            )
        return judge(instance, policy, sm.io.read_plan(path))
    result = sm.io.read_result(path)
    instance = instance or _named(str(result.provenance.get("instance")), path)
    policy = policy or _policy_named(result.policy, path)
    if sm.io.policy_hash(library.policy(policy)) != sm.io.policy_hash(result.policy):
        raise InputError(f"{path}: is of another policy than {policy}")
    # Read once more with its instance: hashes are compared, measures can be taken.
    records = library.build(instance)
    result = sm.io.read_result(path, records)
    return judge(instance, policy, result.allocation, records=records, result=result)


def judge(
    instance: str,
    policy: str,
    plan: sm.Allocation,
    *,
    records: sm.Instance | None = None,
    result: Result | None = None,
) -> Verdict:
    """Return the verdict on a plan, recomputed from the records alone.

    `result` is the file that the plan stands in, if it stands in one: its certificate
    is checked too.
    """
    records = library.build(instance) if records is None else records
    terms = library.policy(policy)
    broken = sm.verify(records, plan, terms)
    best = tuple(library.known()[instance]["best"][policy]["values"])
    if broken:
        problems = tuple(map(str, broken))
        return Verdict(instance, policy, "invalid", best=best, problems=problems)
    values = _values(records, plan, terms)
    where, goal = standing(terms, values, best)
    doubts = () if result is None else sm.check_certificate(records, result)
    # That a bound is a solver's claim is no fault; all else is.
    faults = tuple(str(doubt) for doubt in doubts if doubt.code != "claimed")
    return Verdict(
        instance,
        policy,
        "invalid" if faults else where,
        values,
        0 if faults else goal,
        best,
        faults,
        is_certified=result is not None and not doubts,
    )


def standing(
    policy: sm.Policy, values: tuple[Any, ...], best: tuple[Any, ...]
) -> tuple[str, int]:
    """Return how goal values stand to the best known, and the goal that decides."""
    for number, (goal, value, other) in enumerate(
        zip(policy.goals, values, best, strict=True), 1
    ):
        one, two = _comparable(value), _comparable(other)
        if one != two:
            is_better = (one < two) == (goal.op in _SMALLER_IS_BETTER)
            return ("better" if is_better else "worse"), number
    return "equal", 0


def _values(
    records: sm.Instance, plan: sm.Allocation, policy: sm.Policy
) -> tuple[Any, ...]:
    given = Result(
        status=Status.FEASIBLE,
        structure="given",
        goals=(),
        allocation=plan,
        unmet=(),
        policy=policy,
        provenance={},
        instance=records,
        _plan=plan_of(records, plan, policy),
    )
    return tuple(write_value(given.goal_value(goal)) for goal in policy.goals)


def _comparable(value: Any) -> list[Fraction]:
    parts = value if isinstance(value, list) else [value]
    return [Fraction(part) for part in parts]


def _short(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ", ".join(value[:4]) + (", …" if len(value) > 4 else "")


def _named(digest: str, path: Path) -> str:
    for name, facts in library.known().items():
        if facts["hash"] == digest:
            return str(name)
    raise InputError(f"{path}: its instance {digest} is not in the library")


def _policy_named(policy: sm.Policy, path: Path) -> str:
    digest = sm.io.policy_hash(policy)
    for name in library.POLICIES:
        if sm.io.policy_hash(library.policy(name)) == digest:
            return name
    raise InputError(f"{path}: its policy is not one of the library's")
