"""find_parts(): what of an instance can be solved apart, and what couples.

What may be apart, and why the parts' optima together are that of the whole, stands in
`sharematch.core.measures.components`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.components import Components, Joint, components, members
from sharematch.core.measures.measures import Measures
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.wording import goal_text, rule_text
from sharematch.text.tables import Table

__all__ = ["Coupling", "Parts", "find_parts"]

Ints = NDArray[np.int64]

SIZE = 2_000
"""Arcs of a part: enough that solving it takes longer than sending it."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """Something that keeps needs and slots in one part.

    Attributes
    ----------
    kind
        A field of records (``max_units``, ``opening_cost``, ``either``, ``person``,
        ``together``), ``decision``, ``rule``, ``goal``, ``opened_facilities``, or
        ``travel`` and ``location``: unknown distances, which all that is known decides.
    position
        Of the rule or goal in the policy, from 1; else 0.
    joined
        How many components fewer there are for it, after all before it.
    example
        The facility, person, community, … that joins the most of them.
    text
        All this in words.

    Examples
    --------
    >>> Coupling("rule", 1, 2, "mon", "cost at most 10").position
    1
    """

    kind: str
    position: int
    joined: int
    example: str
    text: str

    def __str__(self) -> str:
        example = f", most of them {self.example}" if self.example else ""
        return f"{self.text} (joins {self.joined + 1:,}{example})"


@dataclass(frozen=True)
class Parts:
    """An instance taken apart under a policy; see `find_parts`.

    Attributes
    ----------
    everything, measures
        All arcs; measures over those that the rules by assignment leave.
    found
        The components, each of needs and slots that nothing joins to any other.
    part
        By component: the part that it is solved in. Small ones share a part.
    couplings
        What joins components, in order: records, then rules, then goals.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> [coupling.kind for coupling in sm.batch.find_parts(town).couplings]
    ['goal']
    """

    policy: Policy
    everything: Arcs
    measures: Measures
    found: Components
    part: Ints
    couplings: tuple[Coupling, ...]

    @property
    def num_components(self) -> int:
        """How many components there are."""
        return self.found.count

    def __len__(self) -> int:
        return int(self.part.max(initial=-1)) + 1

    @property
    def columns(self) -> Columns:
        """The instance."""
        return self.measures.columns

    @property
    def table(self) -> Table:
        """One row for each part: its components, needs, slots and arcs."""
        arcs = self.measures.arcs
        ends = {
            "components": np.arange(self.num_components),
            "needs": self.found.need,
            "slots": self.found.slot,
            "arcs": self.found.need[arcs.need],
        }
        counts = {
            name: np.bincount(self.part[component], minlength=len(self)).tolist()
            for name, component in ends.items()
        }
        return Table(
            {"id": str(i + 1), **{name: counts[name][i] for name in counts}}
            for i in range(len(self))
        )

    def __str__(self) -> str:
        components = _count(self.num_components, "component")
        lines = [f"{components}, solved in {_count(len(self), 'part')}"]
        lines += [f"- {coupling}" for coupling in self.couplings]
        return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


@typed
def find_parts(
    instance: Instance | Columns, policy: Policy | None = None, *, size: int = SIZE
) -> Parts:
    """Return which parts of an instance can be solved apart, and what joins them.

    Parameters
    ----------
    instance
        The records of one round, or their columns.
    policy
        `Policy.fair()` if left out; what is fair among all keeps all together.
    size
        Arcs of a part: components share one until it has so many.

    Raises
    ------
    InputError
        For a policy that names what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> places = ["lianqiao", "tianfeng"]
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id=place) for place in places],
    ...     facilities=[sm.Facility(id=place, community=place) for place in places],
    ...     slots=[
    ...         sm.Slot(id=f, facility=f, kinds=["tea"], capacity=3, share="own")
    ...         for f in places
    ...     ],
    ...     needs=[
    ...         sm.Need(id=f"elderly of {c}", community=c, kind="tea", quantity=4)
    ...         for c in places
    ...     ],
    ... )
    >>> print(find_parts(town, size=1))
    2 components, solved in 2 parts
    >>> budget = sm.AtMost("served", 5)
    >>> policy = sm.Policy(rules=[budget], goals=sm.Policy.fair().goals)
    >>> print(find_parts(town, policy))
    1 component, solved in 1 part
    - rule 1, units served at most 5 (joins 2)
    """
    if size < 1:
        raise InputError("value.must_be_at_least", low=1, field="size", value=str(size))
    policy = Policy.fair() if policy is None else policy
    columns = encode(instance)
    everything = arcs_module.build(columns)
    every = Measures(columns, everything)
    measures = Measures(columns, everything.keep(admitted(every, policy.rules)))
    split = components(
        measures,
        policy.rules,
        policy.goals,
        by_travel=policy.method == "first_come",
    )
    weight = np.bincount(split.need, minlength=split.count)
    weight += np.bincount(split.slot, minlength=split.count)
    weight += np.bincount(split.need[measures.arcs.need], minlength=split.count)
    begin = (np.cumsum(weight) - weight) // size
    part = np.unique(begin, return_inverse=True)[1]
    if any(
        rule.by != "assignment" and not _is_about(measures, rule)
        for rule in policy.rules
    ):  # it holds or not, wherever it stands
        part = np.zeros_like(part)
    couplings = tuple(_coupling(joint, policy) for joint in split.joints)
    return Parts(policy, everything, measures, split, part, couplings)


def _is_about(measures: Measures, term: Any) -> bool:
    return any(len(group.record) for group in members(measures, term))


_TEXTS = {
    "max_units": "max_units, the limit of a facility over its slots",
    "opening_cost": "opening_cost, paid once for all slots of a facility",
    "opened_facilities": "facilities opened, counted once for all their slots",
    "either": "either, one use of a room instead of another",
    "person": "person, who cannot be in two places",
    "together": "together, needs that share their slots",
    "decision": "a decision that keeps a pair",
    "location": "locations known of needs only",
    "travel": "unknown distances, which count as the largest known one",
}


def _coupling(joint: Joint, policy: Policy) -> Coupling:
    kind, position, joined, example = joint
    if kind == "rule":
        text = f"rule {position + 1}, {rule_text(policy.rules[position])}"
    elif kind == "goal":
        text = f"goal {position + 1}, {goal_text(policy.goals[position])}"
    else:
        return Coupling(kind, 0, joined, example, _TEXTS[kind])
    return Coupling(kind, position + 1, joined, example, text)
