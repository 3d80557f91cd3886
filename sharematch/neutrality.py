"""Neutrality: whether the outcome changes when nothing that matters has changed.

The same town is solved again with other names, in another order of records, with equal
needs split and merged, with a need that nothing can serve, and with longer lists of
choices. Each plan is brought back to the town as it was and judged by its own goals.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, Protocol

from sharematch.allocation import Allocation
from sharematch.engine import solve as solve_exactly
from sharematch.model.instance import COLLECTIONS, Instance
from sharematch.model.policy import Policy
from sharematch.model.records import Community, Need
from sharematch.result import Result, plan_of
from sharematch.verifier import verify

__all__ = ["Audit", "Change", "audit"]

Verdict = Literal["same", "tie", "explained", "unexplained", "skipped"]
Units = Mapping[tuple[str, str], int]
MOST_CHOICES = 5
"""How many needs are tried with a longer list of choices."""


class Solve(Protocol):
    """What decides: `sharematch.solve`, or anything that is called alike."""

    def __call__(self, instance: Instance, policy: Policy, *, seed: int) -> Result: ...


@dataclass(frozen=True)
class Change:
    """One change that should not matter, and what it did.

    `verdict` is "same"; "tie" where other needs are served and every goal is worth the
    same; "explained" where the policy itself makes the difference, see `reason`;
    "unexplained"; or "skipped". Pairs are before and after.
    """

    change: str
    verdict: Verdict
    reason: str = ""
    goals: Mapping[int, tuple[Any, Any]] = field(default_factory=dict)
    """Goals, from 1, that are worth something else."""
    communities: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Units served, where they differ."""
    needs: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "change": self.change,
            "verdict": self.verdict,
            "reason": self.reason,
            "goals": [
                {"goal": goal, "before": _text(one), "after": _text(other)}
                for goal, (one, other) in self.goals.items()
            ],
            "communities": _rows(self.communities),
            "needs": _rows(self.needs),
        }


@dataclass(frozen=True)
class Audit:
    """What every change did."""

    changes: tuple[Change, ...]

    @property
    def is_neutral(self) -> bool:
        """Whether the policy explains every difference."""
        return all(change.verdict != "unexplained" for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        changes = [change.to_dict() for change in self.changes]
        return {"neutral": self.is_neutral, "changes": changes}


@dataclass(frozen=True)
class _Trial:
    change: str
    instance: Instance
    policy: Policy
    back: Callable[[Units], Units]
    """From a plan of the changed town to one of the town as it was."""
    is_strict: bool = False
    """Whether not even ties may fall differently."""


def audit(
    instance: Instance,
    policy: Policy | None = None,
    *,
    seed: int = 0,
    solve: Solve = solve_exactly,
) -> Audit:
    """Return what changes that should not matter do to the outcome.

    Parameters
    ----------
    solve
        What decides, if not this library.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> found = audit(town)
    >>> found.is_neutral, [change.verdict for change in found.changes]
    (True, ['same', 'same', 'same', 'skipped', 'same', 'skipped'])
    """
    policy = Policy.fair() if policy is None else policy
    before = solve(instance, policy, seed=seed)
    judge = _Judge(instance, policy, before)
    changes: list[Change] = []
    for name, make in (
        ("rename", _renamed),
        ("shuffle", _shuffled),
        ("split", _split),
        ("merge", _merged),
        ("irrelevant", _irrelevant),
    ):
        trial = make(instance, policy)
        if isinstance(trial, str):
            changes.append(Change(name, "skipped", trial))
            continue
        after = solve(trial.instance, trial.policy, seed=seed)
        changes.append(judge.brought_back(trial, after))
    longer = [*_longer_lists(instance)]
    for need, other in longer:
        after = solve(other, policy, seed=seed)
        changes.append(judge.with_choices(need, other, after))
    if not longer:
        changes.append(Change("choices", "skipped", "no need lists choices"))
    return Audit(tuple(changes))


class _Judge:
    def __init__(self, instance: Instance, policy: Policy, before: Result) -> None:
        self.instance, self.policy, self.before = instance, policy, before
        self.units = _units(before)
        self._has_plan = before.status.value in ("optimal", "feasible")

    def brought_back(self, trial: _Trial, after: Result) -> Change:
        """Judge a plan of a town that should count as the same."""
        if self.before.status != after.status:
            text = f"{self.before.status} before, {after.status} after"
            adds = trial.change == "irrelevant" and after.status == "infeasible"
            why = "a rule asks something for every group, also where nothing fits"
            return Change(
                trial.change,
                "explained" if adds else "unexplained",
                f"{text}: {why}" if adds else text,
            )
        if not self._has_plan:
            return Change(trial.change, "same")
        units = trial.back(_units(after))
        plan = _allocation(units)
        broken = verify(self.instance, plan, self.policy)
        if broken:
            return Change(trial.change, "unexplained", str(broken[0]))
        one = self._values(self.instance, self.units)
        other = self._values(self.instance, units)
        return self._change(trial.change, one, other, units, strict=trial.is_strict)

    def with_choices(self, need: str, other: Instance, after: Result) -> Change:
        """Judge a plan after one need has listed more choices."""
        name = f"choices of {need}"
        if self.before.status != after.status:
            text = f"{self.before.status} before, {after.status} after"
            return Change(name, "explained", f"more pairs are possible: {text}")
        if not self._has_plan:
            return Change(name, "same")
        # The plan from before is still possible: none may be worse.
        units = _units(after)
        one, new = self._values(other, self.units), self._values(other, units)
        change = self._change(name, one, new, units)
        if change.goals and self._is_better(new, one):
            reason = "more pairs are possible, and the goals gain by them"
            return Change(
                name,
                "explained",
                reason,
                change.goals,
                change.communities,
                change.needs,
            )
        return change

    def _is_better(self, one: list[Any], other: list[Any]) -> bool:
        for goal, x, y in zip(self.policy.goals, one, other, strict=True):
            if x != y:
                return bool(x > y if goal.op in ("maximize", "leximin") else x < y)
        return False

    def _values(self, instance: Instance, units: Units) -> list[Any]:
        plan = plan_of(instance, _allocation(units), self.policy)
        return [plan.measures.goal_value(g, plan.units) for g in self.policy.goals]

    def _change(
        self,
        name: str,
        one: list[Any],
        other: list[Any],
        units: Units,
        *,
        strict: bool = False,
    ) -> Change:
        pairs = enumerate(zip(one, other, strict=True), 1)
        goals = {goal: pair for goal, pair in pairs if pair[0] != pair[1]}
        home = {need.id: need.community for need in self.instance.needs}
        sums: list[Counter[str]] = [Counter(), Counter()]
        served: list[Counter[str]] = [Counter(), Counter()]
        for side, plan in enumerate((self.units, units)):
            for (need, _), amount in plan.items():
                served[side][need] += amount
                sums[side][home[need]] += amount
        verdict: Verdict = "tie"
        if goals or (strict and units != self.units):
            verdict = "unexplained"
        elif units == self.units:
            verdict = "same"
        reason = ""
        if verdict == "unexplained":
            reason = "goals are worth something else" if goals else "the order decided"
        return Change(name, verdict, reason, goals, _differ(sums), _differ(served))


def _differ(sides: list[Counter[str]]) -> dict[str, tuple[int, int]]:
    one, other = sides
    keys = sorted({*one, *other})
    return {key: (one[key], other[key]) for key in keys if one[key] != other[key]}


def _units(result: Result) -> Units:
    return {(a.need, a.slot): a.quantity for a in result.allocation}


def _allocation(units: Units) -> Allocation:
    return Allocation([(slot, need, n) for (need, slot), n in units.items() if n])


# The changes


def _renamed(instance: Instance, policy: Policy) -> _Trial:
    """Give needs and slots other ids, everywhere."""
    new = {
        kind: {r.id: sha256(f"{kind} {r.id}".encode()).hexdigest() for r in records}
        for kind, records in (("need", instance.needs), ("slot", instance.slots))
    }
    need, slot = new["need"], new["slot"]
    old_need = {value: key for key, value in need.items()}
    old_slot = {value: key for key, value in slot.items()}
    changed = instance.replace(
        needs=[
            x.model_copy(
                update={
                    "id": need[x.id],
                    "choices": tuple(slot.get(c, c) for c in x.choices),
                }
            )
            for x in instance.needs
        ],
        slots=[x.model_copy(update={"id": slot[x.id]}) for x in instance.slots],
        pairs=[
            x.model_copy(update={"need": need[x.need], "slot": slot[x.slot]})
            for x in instance.pairs
        ],
        decisions=[
            x.model_copy(update={"need": need[x.need], "slot": slot[x.slot]})
            for x in instance.decisions
        ],
    )

    def renamed(term: Any) -> Any:
        update: dict[str, Any] = {}
        if term.where:
            update["where"] = {
                key: tuple(new.get(key, {}).get(value, value) for value in values)
                for key, values in term.where.items()
            }
        weights = getattr(term, "weights", None)
        if isinstance(weights, Mapping) and len(term.groups) == 1:
            names = new.get(term.groups[0], {})
            update["weights"] = {
                names.get(str(key), key): value for key, value in weights.items()
            }
        return term.model_copy(update=update)

    other = policy.model_copy(
        update={
            "rules": tuple(map(renamed, policy.rules)),
            "goals": tuple(map(renamed, policy.goals)),
        }
    )
    return _Trial(
        "rename",
        changed,
        other,
        lambda units: {(old_need[n], old_slot[s]): x for (n, s), x in units.items()},
    )


def _shuffled(instance: Instance, policy: Policy) -> _Trial:
    """Turn the order of all records around."""
    turned = {name: [*getattr(instance, name)][::-1] for name in COLLECTIONS}
    return _Trial(
        "shuffle", instance.replace(**turned), policy, lambda x: x, is_strict=True
    )


def _looks_at_needs(policy: Policy) -> bool:
    terms = (*policy.rules, *policy.goals)
    return policy.method != "goals" or any(
        "need" in (term.where or {}) or (term.by != "assignment" and "need" in groups)
        for term in terms
        for groups in [term.groups if term.by is not None else ()]
    )


def _plain(instance: Instance) -> Iterator[Need]:
    """Yield needs whose units stand for themselves."""
    named = {x.need for x in instance.pairs} | {x.need for x in instance.decisions}
    for need in instance.needs:
        couples = need.whole or need.min_quantity > 1 or need.sessions > 1
        couples = couples or need.person is not None or need.together is not None
        if not couples and need.id not in named:
            yield need


def _split(instance: Instance, policy: Policy) -> _Trial | str:
    """Split needs of several units in two."""
    if _looks_at_needs(policy):
        return "the policy looks at needs one by one"
    some = {need.id for need in _plain(instance) if need.quantity > 1}
    if not some:
        return "no need can be split"
    taken = {need.id for need in instance.needs}
    marks = ("'" * i for i in range(1, 99))
    mark = next(m for m in marks if not any(id_ + m in taken for id_ in some))
    needs: list[Need] = []
    for need in instance.needs:
        if need.id not in some:
            needs.append(need)
            continue
        half = need.quantity // 2
        for id_, quantity in ((need.id, need.quantity - half), (need.id + mark, half)):
            update = {"id": id_, "quantity": quantity}
            update["min_quantity"] = min(need.min_quantity, quantity)
            needs.append(need.model_copy(update=update))

    def back(units: Units) -> Units:
        found: Counter[tuple[str, str]] = Counter()
        for (need, slot), amount in units.items():
            found[need if need in taken else need.removesuffix(mark), slot] += amount
        return dict(found)

    return _Trial("split", instance.replace(needs=needs), policy, back)


def _merged(instance: Instance, policy: Policy) -> _Trial | str:
    """Make one need of those that are equal."""
    if _looks_at_needs(policy):
        return "the policy looks at needs one by one"
    alike: dict[Any, list[Need]] = defaultdict(list)
    for need in _plain(instance):
        alike[need.model_copy(update={"id": "", "quantity": 0})].append(need)
    several = [group for group in alike.values() if len(group) > 1]
    if not several:
        return "no two needs are equal"
    members = {group[0].id: group for group in several}
    gone = {need.id for group in several for need in group[1:]}
    total = {id_: sum(x.quantity for x in group) for id_, group in members.items()}
    needs = [
        need.model_copy(update={"quantity": total.get(need.id, need.quantity)})
        for need in instance.needs
        if need.id not in gone
    ]

    def back(units: Units) -> Units:
        found: Counter[tuple[str, str]] = Counter()
        left = {x.id: x.quantity for group in several for x in group}
        for (need, slot), amount in sorted(units.items()):
            for member in members.get(need, []):
                part = min(amount, left[member.id])
                found[member.id, slot] += part
                left[member.id] -= part
                amount -= part  # noqa: PLW2901 (what is not dealt out yet)
            found[need, slot] += amount
        return {pair: amount for pair, amount in found.items() if amount}

    return _Trial("merge", instance.replace(needs=needs), policy, back)


def _irrelevant(instance: Instance, policy: Policy) -> _Trial:
    """Add a need of a community of its own that nothing can serve."""
    taken = {x.id for x in instance.needs} | {x.id for x in instance.communities}
    taken |= {x.id for x in instance.facilities}
    kinds = {kind for slot in instance.slots for kind in slot.kinds}
    names = ("nobody" + "'" * i for i in range(1, 99))
    id_ = next(name for name in names if name not in taken | kinds)
    changed = instance.replace(
        communities=[*instance.communities, Community(id=id_)],
        needs=[*instance.needs, Need(id=id_, community=id_, kind=id_)],
    )
    return _Trial("irrelevant", changed, policy, lambda x: x)


def _longer_lists(instance: Instance) -> Iterator[tuple[str, Instance]]:
    """Yield instances in which one need lists all slots after its own choices."""
    some = [need for need in instance.needs if need.choices][:MOST_CHOICES]
    for need in some:
        more = [slot.id for slot in instance.slots if slot.id not in need.choices]
        longer = need.model_copy(update={"choices": (*need.choices, *more)})
        needs = [longer if x.id == need.id else x for x in instance.needs]
        yield need.id, instance.replace(needs=needs)


def _text(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(x) for x in value]
    return value if isinstance(value, int) else str(value)


def _rows(pairs: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"id": k, "before": a, "after": b} for k, (a, b) in pairs.items()]
