"""What is known: hashes, sizes, best values, what proves them; plans of the small."""

from typing import Any

import sharematch as sm
from benchmarks.instances import library
from benchmarks.instances.checking import standing
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.io.native import documents
from sharematch.io.native.atomic import write_text
from sharematch.model.values import write_value
from sharematch.plans.checking import CLAIMED
from sharematch.plans.results.result import Result

__all__ = ["record"]


def record(names: list[str], *, time_limit: float) -> None:
    """Solve instances and keep what is better than what was known, or new.

    Parameters
    ----------
    names
        Of instances of the library.
    time_limit
        Seconds for each solve.

    Raises
    ------
    ValueError
        When an instance that is known has another hash by now, or a plan is not valid.
    """
    for name in names:
        instance = library.build(name)
        facts = library.known().setdefault(name, _facts(instance))
        if facts["hash"] != sm.io.instance_hash(instance):
            raise ValueError(
                f"{name}: the generator makes another instance than before"
            )
        for policy_name in library.ENTRIES[name].policies:
            policy = library.policy(policy_name)
            result = sm.solve(instance, policy, time_limit=time_limit)
            row = _row(instance, result)
            old = facts["best"].get(policy_name)
            if old is not None and not _is_news(policy, row, old):
                continue
            facts["best"][policy_name] = row
            if library.ENTRIES[name].size == "community":
                sm.io.write_result(result, library.plan_path(name, policy_name))
        document = {
            "format": "sharematch-known-values",
            "version": 1,
            "instances": {
                n: library.known()[n] for n in library.ENTRIES if n in library.known()
            },
        }
        write_text(library.KNOWN, documents.json_text(document))


def _facts(instance: sm.Instance) -> dict[str, Any]:
    return {
        "hash": sm.io.instance_hash(instance),
        "needs": len(instance.needs),
        "slots": len(instance.slots),
        "demand": sum(need.quantity for need in instance.needs),
        "capacity": sum(slot.capacity for slot in instance.slots),
        "arcs": len(arcs.build(encode(instance))),
        "best": {},
    }


def _row(instance: sm.Instance, result: Result) -> dict[str, Any]:
    doubts = sm.check_certificate(instance, result)
    if any(doubt.code != CLAIMED for doubt in doubts):
        raise ValueError("; ".join(map(str, doubts)))
    proof = "certificate" if not doubts else "solver" if result.is_optimal else "open"
    row: dict[str, Any] = {
        "proof": proof,
        "values": [write_value(goal.value) for goal in result.goals],
    }
    if proof == "open":
        row["bounds"] = [write_value(goal.bound) for goal in result.goals]
    return row


def _is_news(policy: sm.Policy, row: dict[str, Any], old: dict[str, Any]) -> bool:
    where, _ = standing(policy, tuple(row["values"]), tuple(old["values"]))
    proofs = ("open", "solver", "certificate")
    is_surer = proofs.index(row["proof"]) > proofs.index(old["proof"])
    return where == "better" or (where == "equal" and is_surer)
