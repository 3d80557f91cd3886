"""Re-solve after answers: keep what was accepted, change as little as possible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from numbers import Integral, Real
from typing import Any

from sharematch.core.columns.encoding import encode
from sharematch.core.columns.labels import Label, labels
from sharematch.engine.solving import solve
from sharematch.errors import InputError
from sharematch.model.answers import Answer, answers_of, decide
from sharematch.model.arguments import expect
from sharematch.model.goals import Minimize
from sharematch.model.instance import Instance
from sharematch.model.lots import revised, turns_of
from sharematch.model.policy import Policy
from sharematch.model.rules import AtMost
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.progress import OnProgress
from sharematch.season.changes import Change, changes_between, forced_moves
from sharematch.season.letters import Letter, letters_of

__all__ = ["Revision", "keeping", "resolve"]


@dataclass(frozen=True, eq=False)
class Revision:
    """A plan made anew after answers, and what it changes.

    Parameters
    ----------
    instance
        The records as they stand after the answers.
    before
        The plan that was answered.
    result
        The new plan.
    answers
        What was said.
    known
        Needs that were there before; None for a plan made by hand.
    records
        As they stood before the answers: what was withdrawn is known by its name.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> revision = sm.season.resolve(result)
    >>> revision.moved, revision.changes
    (0, ())
    """

    instance: Instance
    before: Allocation
    result: Result
    answers: tuple[Answer, ...]
    known: frozenset[str] | None = None
    records: Instance | None = None

    @property
    def allocation(self) -> Allocation:
        """The new plan."""
        return self.result.allocation

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every pair with other units than before, each with its cause.

        Empty where there is no new plan: then the draft stands until one is found.
        """
        if not self.result.status.has_plan:
            return ()
        after, known = self.result.allocation, self.known
        return changes_between(self.instance, self.before, after, self.answers, known)

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        """What to tell every need and facility that a change affects."""
        return letters_of(self.instance, self.changes, self.label)

    @cached_property
    def label(self) -> Label:
        """What people are shown for a record, by type and id."""
        records = self.instance if self.records is None else self.records
        return labels(encode(records))

    @property
    def moved(self) -> int:
        """Units no longer where they were."""
        return int(self.result.value("moved"))

    @cached_property
    def forced(self) -> int:
        """Units that no plan can keep, whatever the policy: a lower bound of `moved`.

        They were declined or withdrawn, or their slot has less room than before.
        """
        return forced_moves(self.instance, self.before)


@instance_first
def resolve(
    previous: Result | Allocation,
    decisions: Iterable[Any] = (),
    *,
    instance: Instance | None = None,
    policy: Policy | None = None,
    max_moved: Fraction | float | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> Revision:
    """Make a plan anew after answers; it changes as little as the policy allows.

    Parameters
    ----------
    previous
        The draft, or a plan made by hand.
    decisions
        Answers to it: `Decision` records, `Answer` values, or mappings with `need`,
        `slot`, `status`, `quantity`.
    instance
        The records as they are now, with slots and needs that came or went; those of
        `previous` if left out.
    policy
        That of `previous` if left out. Without a goal for ``moved`` of its own,
        ``Minimize("moved")`` becomes the last goal: of all best plans, the nearest.
    max_moved
        Units that may leave their place at most, those that were declined included; a
        number below 1 that is not whole is a share of the draft's units. The same
        holds for a rule ``AtMost("moved", …)`` of the policy.

    Returns
    -------
    A revision whose plan keeps every accepted pair. If the draft is still a best plan
    under the policy, nothing moves. After a `draw`, what is free goes by the same lots;
    needs that came since come after all that were drawn among.

    Raises
    ------
    InputError
        For answers that name what the instance does not have, a draft without a plan
        or without its instance, or a policy without goals.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[
    ...         sm.Slot(id=day, facility="station", kinds=["health"], capacity=2)
    ...         for day in ("mon", "tue")
    ...     ],
    ...     needs=[sm.Need(id="elderly", community="tianfeng", kind="health")],
    ... )
    >>> draft = sm.Allocation([("mon", "elderly", 1)])
    >>> no = sm.Decision(need="elderly", slot="mon", status="declined")
    >>> revision = sm.season.resolve(draft, [no], instance=town)
    >>> [(a.slot, a.need) for a in revision.allocation], revision.moved
    ([('tue', 'elderly')], 1)
    """
    expect(Result, Allocation, previous=previous)
    expect(Iterable, decisions=decisions)
    expect(Instance, None, instance=instance)
    expect(Policy, None, policy=policy)
    expect(Real, Decimal, str, None, max_moved=max_moved)
    expect(Real, None, time_limit=time_limit)
    expect(Integral, seed=seed)
    before, town = _draft(previous, instance)
    policy = _agreed(previous) if policy is None else policy
    pairs = zip(before.needs, before.slots, before.starts, strict=True)
    offered = dict(zip(pairs, before.quantities.tolist(), strict=True))
    answers = tuple(_meant(answer, offered) for answer in answers_of(decisions, town))
    now = decide(town, answers)
    encode(now, near=town)
    drawn = _drawn(previous, town, now)
    result = solve(
        now,
        keeping(policy, max_moved),
        time_limit=time_limit,
        seed=seed,
        baseline=before,
        turns=turns_of(drawn, (n.id for n in now.needs)) if drawn else None,
        on_progress=on_progress,
    )
    known: frozenset[str] | None = None
    earlier: tuple[Answer, ...] = ()
    if isinstance(previous, Result):
        known = _needs(previous)
        # A file gets all that was said, its instance being that of the first draft.
        earlier = previous.answers if instance is None else ()
    result = replace(result, answers=(*earlier, *answers))
    told: dict[str, Any] = {}
    if drawn:
        told["draw"] = drawn
    if max_moved is not None:
        told["max_moved"] = str(max_moved)
    result = replace(result, provenance={**result.provenance, **told})
    return Revision(now, before, result, answers, known, town)


def _agreed(previous: Result | Allocation) -> Policy:
    """Return the policy of a draft; a limit of one revision ends with it."""
    if not isinstance(previous, Result):
        return Policy.fair()
    policy = previous.policy
    if "max_moved" not in previous.provenance:
        return policy
    return policy.model_copy(update={"rules": policy.rules[:-1]})


def _drawn(
    previous: Result | Allocation, town: Instance, now: Instance
) -> dict[str, Any]:
    """Return with what the draft was drawn, if lots decided, and who came or went."""
    if not isinstance(previous, Result) or "draw" not in previous.provenance:
        return {}
    if previous.instance is not None:
        listed = frozenset(need.id for need in previous.instance.needs)
    else:  # the draft alone knows who came since; who asks for nothing is not in it
        listed = _needs(previous) | {n.id for n in town.needs if not n.quantity}
    return revised(previous.provenance["draw"], listed, (n.id for n in now.needs))


def _meant(
    answer: Answer, offered: Mapping[tuple[str, str, datetime | None], int]
) -> Answer:
    """Return an answer with the units it accepts: what was offered."""
    if answer.status != "accepted" or answer.quantity is not None:
        return answer
    return answer._replace(quantity=offered.get(answer.pair))


def _needs(result: Result) -> frozenset[str]:
    """Return the needs that a result knew: each was served, or left unmet."""
    return frozenset((*result.allocation.needs, *(u.need for u in result.unmet)))


def keeping(policy: Policy, max_moved: Fraction | float | None = None) -> Policy:
    """Return the policy with a last goal, and perhaps a rule, for ``moved``.

    Raises
    ------
    InputError
        For first come, which has no goals, or a limit below 0.

    Examples
    --------
    >>> import sharematch as sm
    >>> [rule.measure for rule in keeping(sm.Policy.fair(), 11).rules]
    ['moved']
    """
    if policy.method != "goals":
        raise InputError(
            "season.has_no_goals_what_it_changes",
            method=policy.method,
            hint="season.name_a_policy_with_goals",
        )
    goals, rules = policy.goals, [*policy.rules]
    if not any(goal.measure == "moved" for goal in goals):
        goals = (*goals, Minimize("moved"))
    if max_moved is not None:
        if max_moved < 0:
            raise InputError(
                "value.must_not_be_below_0", field="max_moved", value=str(max_moved)
            )
        rules.append(AtMost("moved", max_moved))
    return Policy(name=policy.name, rules=rules, goals=goals)


def _draft(
    previous: Result | Allocation, instance: Instance | None
) -> tuple[Allocation, Instance]:
    plan = previous.allocation if isinstance(previous, Result) else previous
    known = previous.instance if isinstance(previous, Result) else None
    if isinstance(previous, Result) and not previous.status.has_plan:
        raise InputError("season.the_draft_has_no_plan_it", status=previous.status)
    town = known if instance is None else instance
    if town is None:
        raise InputError(
            "season.the_draft_is_without_its_instance", hint="resolve(…, instance)"
        )
    return plan, town
