"""Whether what a result says cannot hold together really cannot.

Units that rules and decisions ask for either flow through what all others leave open,
or a cut shows that they cannot: both are counted in whole numbers. Where records or
rules couple, what neither the flows of all else nor a count of rows shows is not said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, STATUSES
from sharematch.core.columns.lookup import find
from sharematch.core.eligibility.arcs import Arcs, build
from sharematch.core.eligibility.loosening import loosened
from sharematch.core.eligibility.pins import Pin, find_arc, pins_of
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.bounds import pinned
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.errors import InputError
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.refusals import with_bound
from sharematch.plans.auditing.audited import flows_of, served_alone
from sharematch.plans.auditing.counting import cannot_hold
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.results.conflicts import told
from sharematch.plans.results.own_bounds import has_own_bounds, in_numbers
from sharematch.plans.results.plan import allocation_of
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import ConflictTerm
from sharematch.plans.results.terms import Term, terms_of
from sharematch.plans.verification import verify
from sharematch.progress import Stop
from sharematch.text import Text, about

__all__ = ["Flows", "judge_conflict"]

Ints = NDArray[np.int64]
MOST_UNITS = 2**31 - 1
"""What scipy's maximum flow can count."""


class Flows:
    """The flows that subsets of a policy's rules and of its pinned decisions leave."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self.columns, self.policy = columns, policy
        self.everything = build(columns)
        self.pins = pins_of(columns)

    def admitted(self, rules: Sequence[Any]) -> Arcs:
        """Return the pairs that rules by assignment leave."""
        measures = Measures(self.columns, self.everything)
        return self.everything.keep(admitted(measures, rules))

    def holds(self, terms: Sequence[Term]) -> bool | None:
        """Return whether some plan keeps these, None where nothing shows it."""
        rules = [term.value for term in terms if not term.is_pin]
        pins = [term.value for term in terms if term.is_pin]
        arcs = self.admitted(rules)
        if any(find_arc(arcs, pin.need, pin.cell) is None for pin in pins):
            return False
        columns = _with_pins(self.columns, pins)
        if any(MEASURES[rule.measure].needs_baseline for rule in rules):
            return None  # the earlier plan is not told
        program = flows_of(Measures(columns, arcs), rules, ())
        flows = program or _freed(columns, arcs, rules)
        if flows is not None:
            try:
                units = _some_plan(flows)
            except OverflowError:
                return None
            if units is None:  # not even with what couples left aside
                return False
            if program is not None or _keeps(columns, arcs, units, rules):
                return True
        alone_units = served_alone(columns, arcs, rules)
        pinned_units = pinned(columns, arcs)
        program_of_rows = lower_coupled(
            Measures(columns, arcs), rules, (), alone=alone_units, pins=pinned_units
        )
        return False if cannot_hold(program_of_rows.rows) else None


def judge_conflict(
    columns: Columns, result: Result
) -> tuple[list[Finding], list[Finding]]:
    """Return what is false of a conflict, and what of it nothing here shows."""
    flows, claimed = Flows(columns, result.policy), result.conflict or ()
    claimed_terms = [_term_of(flows, term) for term in claimed]
    terms = [term for term in claimed_terms if term is not None]
    false = [
        _false(about(claim.text, "claim.is_not_in_policy_and_records"))
        for claim, term in zip(claimed, claimed_terms, strict=True)
        if term is None
    ]
    if not claimed:
        message = Text("claim.names_nothing_that_cannot_hold_together")
        false = [_false(message)]
    elif len({term.key for term in terms}) < len(terms):
        false = [_false(Text("claim.names_the_same_rule_or_decision"))]
    if false:
        return false, []
    false, unproved = _judged(flows, terms, claimed)
    return (false or [*_mistold(flows, terms, claimed)]), unproved


def _judged(
    flows: Flows, terms: Sequence[Term], claimed: Sequence[ConflictTerm]
) -> tuple[list[Finding], list[Finding]]:
    """Return whether terms cannot hold together, and each is needed for that."""
    false, unproved = list[Finding](), list[Finding]()
    together = flows.holds(terms)
    if together:
        false.append(_false(Text("claim.what_is_named_can_hold_together")))
    elif together is None:
        unproved.append(_open(Text("claim.that_these_cannot_hold_together_is")))
    for term, claim in zip(terms, claimed, strict=True):
        others_hold = flows.holds([other for other in terms if other is not term])
        if others_hold is False:
            false.append(
                _false(about(claim.text, "claim.without_it_the_others_cannot_hold"))
            )
        elif others_hold is None:
            code = "claim.that_the_others_can_hold_without"
            unproved.append(_open(about(claim.text, code)))
    return false, unproved


def _term_of(flows: Flows, claim: ConflictTerm) -> Term | None:
    """Return the rule or decision that is named, None if there is none."""
    rules, position_of = flows.policy.rules, flows.columns.position
    if claim.kind == "rule":
        if claim.rule is None or not 0 < claim.rule <= len(rules):
            return None
        return _rule_of(flows, claim, Term(claim.rule - 1, rules[claim.rule - 1]))
    pair = (
        position_of["need"].get(claim.need, NONE),
        position_of["slot"].get(claim.slot, NONE),
    )
    for position, pin in enumerate(flows.pins):
        if (pin.need, pin.slot) == pair:
            return Term(position, pin)
    return None


def _rule_of(flows: Flows, claim: ConflictTerm, rule_term: Term) -> Term | None:
    """Return a rule for the groups that a claim names, if these are its bounds."""
    if not claim.bound:
        return rule_term
    if not has_own_bounds(rule_term.value):
        return None
    try:
        rule = with_bound(rule_term.value, claim.bound)
    except (ValueError, InputError):
        return None
    bounds = in_numbers(
        Measures(flows.columns, flows.everything), rule_term.value
    ).bound
    if not isinstance(rule.bound, Mapping) or not rule.bound:
        return None
    if any(bounds.get(key) != number for key, number in rule.bound.items()):
        return None
    return Term(rule_term.position, rule, is_partial=True)


def _mistold(
    flows: Flows, terms: Sequence[Term], claimed: Sequence[ConflictTerm]
) -> Iterator[Finding]:
    """Yield words and relaxations that are not those of the conflict."""

    def holds(tried: Sequence[Term]) -> bool:
        is_held = flows.holds(tried)
        if is_held is None:
            raise Stop
        return is_held

    is_so = told(flows, terms_of(flows), terms, holds)
    for claim, expected in zip(claimed, is_so, strict=True):
        # A relaxation that was not found in time is not told.
        untold = replace(expected, relaxed="", remains=False)
        if claim.least is None:  # nor need be told what floors ask for together
            untold = replace(untold, least=None, asked=None, places=None)
        shown = replace(claim, relaxed="", remains=False)
        if shown != untold:
            yield _false(
                about(claim.text, "claim.is_in_policy_and_records", text=expected.text)
            )
        elif expected.relaxed and claim.relaxed and _enough(claim) != _enough(expected):
            message = Text(
                "claim.is_claimed_to_be_enough_is",
                claimed=claim.relaxed,
                found=expected.relaxed,
            )
            yield _false(f"{claim.text}: {message}")


def _enough(term: ConflictTerm) -> tuple[str, bool]:
    return term.relaxed, term.remains


def _with_pins(columns: Columns, pins: Sequence[Pin]) -> Columns:
    """Return the records with these pinned decisions alone, others staying as said."""
    keeps = STATUSES.index("pinned")
    keeping = np.isin(columns.decision_status, [keeps, STATUSES.index("accepted")])
    values = {
        "need": [pin.need for pin in pins],
        "slot": [pin.slot for pin in pins],
        "status": [keeps for _ in pins],
        "quantity": [pin.quantity for pin in pins],
        "start": [_start_of(columns, pin) for pin in pins],
    }
    decisions: dict[str, Any] = {
        f"decision_{name}": np.concatenate(
            [getattr(columns, f"decision_{name}")[~keeping], np.array(added, np.int64)]
        )
        for name, added in values.items()
    }
    return replace(columns, **decisions)


def _start_of(columns: Columns, pin: Pin) -> int:
    """Return when a decided booking begins, NONE in a slot that is no opening."""
    if columns.slot_step[pin.slot] == NONE:
        return NONE
    return int(columns.cells.start[pin.cell])


def _freed(columns: Columns, arcs: Arcs, rules: Sequence[Any]) -> Program | None:
    """Return the flows of what does not couple: all plans are among them.

    None where bookings take several steps, which no flow counts.
    """
    measures = Measures(*loosened(columns, arcs))
    alone_units = served_alone(columns, arcs, rules)  # where what couples counts
    plain = [rule for rule in rules if flows_of(measures, [rule], (), alone_units)]
    while (program := flows_of(measures, plain, (), alone_units)) is None:
        if not plain:
            return None
        plain.pop()  # rules whose groups cross: without the last ones they do not
    return program


def _some_plan(program: Program) -> Ints | None:
    """Return the units on each arc of some plan, None where there is none.

    A circulation with lower bounds is a maximum flow that fills all of them. Without a
    baseline no two edges join the same nodes.

    Raises
    ------
    OverflowError
        For more units than can be counted.
    """
    network = program.network
    lower, upper = network.lower, np.minimum(network.upper, network.unbounded)
    if program.broken or (lower > upper).any():
        return None
    owed = np.zeros(network.num_nodes, np.int64)
    np.add.at(owed, network.head, lower)
    np.subtract.at(owed, network.tail, lower)
    total = int(owed[owed > 0].sum())
    source, sink = network.num_nodes, network.num_nodes + 1
    gives, takes = np.flatnonzero(owed > 0), np.flatnonzero(owed < 0)
    tail = np.concatenate([network.tail, np.full(len(gives), source), takes])
    head = np.concatenate([network.head, gives, np.full(len(takes), sink)])
    room = np.concatenate([upper - lower, owed[gives], -owed[takes]])
    room = np.minimum(room, total)
    if total > MOST_UNITS:
        raise OverflowError
    graph = scipy.sparse.csr_array(
        (room.astype(np.int32), (tail, head)), shape=(sink + 1, sink + 1)
    )
    circulation = scipy.sparse.csgraph.maximum_flow(graph, source, sink)
    if circulation.flow_value < total:
        return None
    num = network.num_arcs
    passed = circulation.flow.tocoo()
    edge = passed.row.astype(np.int64) * (sink + 1) + passed.col
    order = np.argsort(edge)
    ends = network.tail[:num] * np.int64(sink + 1) + network.head[:num]
    place = find(edge[order], ends)
    flow = np.append(passed.data[order], 0)[place]  # what carries nothing is not there
    return program.lift(lower[:num] + np.where(place == NONE, 0, flow))


def _keeps(columns: Columns, arcs: Arcs, units: Ints, rules: Sequence[Any]) -> bool:
    """Return whether a plan keeps everything, what couples too."""
    plan = allocation_of(columns, arcs, units)
    return not verify(columns, plan, Policy(rules=rules))


def _false(message: str) -> Finding:
    return Finding("conflict", message, "claim")


def _open(message: str) -> Finding:
    return Finding("claimed", message, "claim")
