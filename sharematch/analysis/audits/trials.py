"""Changes that should not matter: a town made anew, and the way back from its plans."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sharematch.analysis.audits.names import SPACES, with_other_names
from sharematch.model.instance import Instance
from sharematch.model.needs import Need
from sharematch.model.places import Community
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

__all__ = [
    "Trial",
    "Units",
    "irrelevant",
    "longer_lists",
    "merged",
    "renamed",
    "shuffled",
    "split",
]

Units = Mapping[tuple[str, str], int]
"""Units of a plan by need and slot."""
MOST_CHOICES = 5
"""How many needs are tried with a longer list of choices."""


@dataclass(frozen=True)
class Trial:
    """A town that should count as the same, and its policy."""

    change: str
    instance: Instance
    policy: Policy
    back: Callable[[Units], Units]
    """From a plan of the changed town to one of the town as it was."""
    is_strict: bool = False
    """Whether not even ties may fall differently."""


def renamed(
    instance: Instance, policy: Policy, only: Collection[str] = SPACES
) -> Trial:
    """Give everything other names, so that what came first by name comes last.

    Parameters
    ----------
    only
        What is renamed, of `SPACES`.
    """
    changed, other, old = with_other_names(instance, policy, only)
    return Trial(
        "rename",
        changed,
        other,
        lambda units: {old(*pair): amount for pair, amount in units.items()},
    )


def shuffled(instance: Instance, policy: Policy) -> Trial:
    """Turn the order of all records around."""
    turned = {name: [*getattr(instance, name)][::-1] for name in COLLECTIONS}
    return Trial(
        "shuffle", instance.replace(**turned), policy, lambda x: x, is_strict=True
    )


def split(instance: Instance, policy: Policy) -> Trial | str:
    """Split needs of several units in two."""
    if _looks_at_needs(policy):
        return Text("audit.the_policy_looks_at_needs_one")
    divisible = {need.id for need in _plain(instance) if need.quantity > 1}
    if not divisible:
        return Text("audit.no_need_can_be_split")
    taken = {need.id for need in instance.needs}
    marks = ("'" * i for i in range(1, 99))
    mark = next(m for m in marks if not any(id_ + m in taken for id_ in divisible))
    needs: list[Need] = []
    for need in instance.needs:
        if need.id not in divisible:
            needs.append(need)
            continue
        half = need.quantity // 2
        for id_, quantity in ((need.id, need.quantity - half), (need.id + mark, half)):
            update = {"id": id_, "quantity": quantity}
            update["min_quantity"] = min(need.min_quantity, quantity)
            needs.append(need.model_copy(update=update))

    def back(units: Units) -> Units:
        whole_units: Counter[tuple[str, str]] = Counter()
        for (need, slot), amount in units.items():
            whole_units[need if need in taken else need.removesuffix(mark), slot] += (
                amount
            )
        return dict(whole_units)

    return Trial("split", instance.replace(needs=needs), policy, back)


def merged(instance: Instance, policy: Policy) -> Trial | str:
    """Make one need of those that are equal."""
    if _looks_at_needs(policy):
        return Text("audit.the_policy_looks_at_needs_one")
    alike: dict[Any, list[Need]] = defaultdict(list)
    for need in _plain(instance):
        # Its name and quantity aside: those of the smallest need there can be.
        update = {"id": "any", "quantity": need.min_quantity}
        alike[need.model_copy(update=update)].append(need)
    several = [group for group in alike.values() if len(group) > 1]
    if not several:
        return Text("audit.no_two_needs_are_equal")
    members = {group[0].id: group for group in several}
    gone = {need.id for group in several for need in group[1:]}
    total = {id_: sum(x.quantity for x in group) for id_, group in members.items()}
    needs = [
        need.model_copy(update={"quantity": total.get(need.id, need.quantity)})
        for need in instance.needs
        if need.id not in gone
    ]

    def back(units: Units) -> Units:
        member_units: Counter[tuple[str, str]] = Counter()
        open_demand = {x.id: x.quantity for group in several for x in group}
        for (need, slot), amount in sorted(units.items()):
            spare_units = amount
            for member in members.get(need, []):
                member_share = min(spare_units, open_demand[member.id])
                member_units[member.id, slot] += member_share
                open_demand[member.id] -= member_share
                spare_units -= member_share
            member_units[need, slot] += spare_units
        return {pair: amount for pair, amount in member_units.items() if amount}

    return Trial("merge", instance.replace(needs=needs), policy, back)


def irrelevant(instance: Instance, policy: Policy) -> Trial:
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
    return Trial("irrelevant", changed, policy, lambda x: x)


def longer_lists(instance: Instance) -> Iterator[tuple[str, Instance]]:
    """Yield instances in which one need lists all slots after its own choices."""
    choosing_needs = [need for need in instance.needs if need.choices][:MOST_CHOICES]
    for need in choosing_needs:
        other_slots = [
            slot.id for slot in instance.slots if slot.id not in need.choices
        ]
        longer = need.model_copy(update={"choices": (*need.choices, *other_slots)})
        needs = [longer if x.id == need.id else x for x in instance.needs]
        yield need.id, instance.replace(needs=needs)


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
