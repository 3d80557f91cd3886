"""A result in public names, on the published instance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sharematch.allocation import Allocation
from sharematch.certificate import measured, proof_of
from sharematch.core.bounds import name_of
from sharematch.core.columns import Columns
from sharematch.core.measures import Measures
from sharematch.findings import Unmet
from sharematch.model.canonical import policy_hash
from sharematch.model.policy import Policy
from sharematch.model.wording import policy_text
from sharematch.plan import Plan, measure_plan
from sharematch.publication.mask import Mask
from sharematch.result import Result

__all__ = ["Shown"]

ALWAYS = (
    *("served", "demand", "unmet", "fill_rate"),
    *("tier", "lent", "borrowed", "used", "utilization"),
)
"""Measures that any published instance tells."""


class Shown:
    """A result in public names, on the published instance."""

    def __init__(self, mask: Mask, measures: Measures, columns: Columns) -> None:
        self.mask, self.measures, self.columns = mask, measures, columns

    def result(self, result: Result, units: Any) -> dict[str, Any]:
        """Return the document, with what the published instance tells of it."""
        mask = self.mask
        goals = tuple(
            replace(goal, goal=term)
            for goal, term in zip(result.goals, mask.policy.goals, strict=False)
        )
        baseline = result.baseline
        shown = replace(
            result,
            goals=goals,
            allocation=self._plan(result.allocation),
            unmet=tuple(
                Unmet(f"{mask.id('need', x.need)}", x.quantity, x.reason, x.code)
                for x in result.unmet
            ),
            policy=mask.policy,
            provenance={
                **result.provenance,
                "instance": self.columns.digest,
                "policy": policy_hash(mask.policy),
                "text": policy_text(mask.policy),
            },
            certificate=self._certificate(result, units),
            warnings=(),
            baseline=None if baseline is None else self._plan(baseline),
            answers=(),
            instance=None,
            _document=None,
        )
        document = replace(shown, _plan=self._measured(shown)).to_dict()
        known = {*ALWAYS, *mask.measures}
        document["unmet"].sort(key=lambda row: row["need"])
        document["measures"] = _only(document["measures"], known)
        document["by"] = {
            name: [_only(row, known | {"id"}) for row in rows]
            for name, rows in document["by"].items()
            if name in mask.keys
        }
        return document

    def _measured(self, shown: Result) -> Plan:
        measures, units = measured(self.columns, shown)
        return measure_plan(self.columns, measures.arcs, units, measures.baseline)

    def _plan(self, plan: Allocation) -> Allocation:
        return Allocation(
            {**self.mask.pair(a.need, a.slot), "quantity": a.quantity} for a in plan
        )

    def _certificate(self, result: Result, units: Any) -> Any:
        certificate = result.certificate
        if not certificate or certificate["kind"] != "prices":
            return certificate
        proof = proof_of(self.measures, units, result)
        policy = result.policy
        renamed: dict[str, tuple[str, dict[str, str]]] = {}
        for name, bound in proof.bounds.items():
            groups = self._groups(name, policy)
            new = {
                name_of(key): name_of(self.mask.key_of(groups, key))
                for key in bound.keys
            }
            base, _, key = name.partition(": ")
            renamed[name] = (f"{base}: {new[key]}" if key else name, new)
        return _Renaming(renamed).certificate(certificate)

    @staticmethod
    def _groups(name: str, policy: Policy) -> tuple[str, ...]:
        """Return what the sets of a bound are groups of."""
        if name in ("capacity", "reserve", "max_units"):
            return ("facility",) if name == "max_units" else ("slot",)
        kind, number = name.partition(": ")[0].split()
        terms: Any = policy.rules if kind == "rule" else policy.goals
        term = terms[int(number) - 1]
        return () if term.by is None else tuple(term.groups)


@dataclass(frozen=True)
class _Renaming:
    """For each bound its new name, and those of its sets."""

    bounds: Mapping[str, tuple[str, Mapping[str, str]]]

    def certificate(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return a certificate by prices in new names."""
        sides = {self.bounds[name][0]: side for name, side in old["sides"].items()}
        goals = [
            self._claim(claim, f"goal {position}")
            for position, claim in enumerate(old["goals"], 1)
        ]
        return {**old, "sides": sides, "goals": goals}

    def _claim(self, old: Mapping[str, Any], goal: str) -> dict[str, Any]:
        claim = dict(old)
        if "stages" in old:
            claim["stages"] = [self._claim(stage, goal) for stage in old["stages"]]
        if "prices" in old:
            claim["prices"] = {
                self.bounds[name][0]: _renamed(sets, self.bounds[name][1])
                for name, sets in old["prices"].items()
            }
        if "levels" in old:
            new = self._groups_of(goal)
            claim["levels"] = _renamed(old["levels"], new)
            claim["blocks"] = [self._block(block, new) for block in old["blocks"]]
        return claim

    def _groups_of(self, goal: str) -> Mapping[str, str]:
        names = [name for name in self.bounds if name.partition(": ")[0] == goal]
        return self.bounds[names[0]][1]

    def _block(self, old: Mapping[str, Any], new: Mapping[str, str]) -> dict[str, Any]:
        cut = {}
        for name, part in old["cut"].items():
            shown, sets = self.bounds.get(name, (name, {}))
            ids = {"ids": sorted(sets[x] for x in part["ids"])} if "ids" in part else {}
            cut[shown] = {**part, **ids}
        return {**old, "groups": sorted(new[x] for x in old["groups"]), "cut": cut}


def _renamed(old: Mapping[str, Any], new: Mapping[str, str]) -> dict[str, Any]:
    return {new[name]: value for name, value in old.items()}


def _only(row: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}
