"""What an auditor or the public may see of a plan: enough to check it, nobody's data.

Every id is replaced by a keyed hash. Pairs that may be matched are listed with what a
unit on each counts for the policy, in place of the attributes and places from which
they follow. Needs and slots bear only the groups that the policy itself looks at.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any

import numpy as np

from sharematch.allocation import Allocation
from sharematch.certificate import measured, proof_of
from sharematch.core.bounds import name_of
from sharematch.core.columns import Columns, Given, encode
from sharematch.core.measures import Key, Measures
from sharematch.errors import InputError
from sharematch.model.canonical import policy_hash, record_data
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.records import Decision
from sharematch.model.wording import policy_text
from sharematch.result import Plan, Result, Unmet, as_answered, measure_plan

__all__ = ["Publication", "columns_of", "name_in_public", "publish", "token_of"]

FORMAT = "sharematch-published"
RECORDS = (
    *("areas", "communities", "providers", "facilities", "slots", "needs"),
    *("past", "decisions"),
)
ALWAYS = (
    *("served", "demand", "unmet", "fill_rate"),
    *("tier", "lent", "borrowed", "used", "utilization"),
)
"""Measures that any published instance tells."""
PER_PAIR = ("travel", "rank", "cost", "wait", "lateness")
MONEY = {
    "fee": {"fees", "parity_gap", "subsidy"},
    "staff_fee": {"parity_gap"},
    "unit_cost": {"cost", "subsidy"},
    "opening_cost": {"cost", "subsidy"},
}
"""Which measures need which money of slots and facilities."""
WHOLE = "all"
"""The one community or kind of a policy that does not look at them."""


@dataclass(frozen=True)
class Publication:
    """Two documents to publish, and the keys with which people find their own lines.

    `tokens` holds the key of each need by its id: for the person who asked, for nobody
    else.
    """

    instance: Mapping[str, Any]
    result: Mapping[str, Any]
    tokens: Mapping[str, str]


def token_of(key: bytes, kind: str, id_: str) -> str:
    """Return the secret name of a record: HMAC (RFC 2104) of its type and id."""
    return hmac.new(key, f"{kind}\0{id_}".encode(), sha256).hexdigest()


def name_in_public(token: str) -> str:
    """Return the public id of who holds a token: half of its SHA-256.

    Examples
    --------
    >>> name_in_public(token_of(b"secret", "need", "n1"))
    'adf608a44729d9189ce920d332533206'
    """
    return sha256(token.encode()).hexdigest()[:32]


def publish(instance: Instance, result: Result, key: bytes) -> Publication:
    """Return what may be seen of a plan, and can be verified by anybody.

    Parameters
    ----------
    key
        A secret of the office, at least 16 bytes; who has it can tell whose each id is.

    Returns
    -------
    Documents that `sharematch verify` accepts: the plan, the value of each goal and the
    certificate are recomputed from them alone.

    Raises
    ------
    InputError
        For a result without a plan, or a key that is too short.
    """
    if len(key) < 16:
        raise InputError("the key is too short: at least 16 bytes")
    if result.status.value not in ("optimal", "feasible"):
        raise InputError("the result has no plan to publish")
    answered = as_answered(instance, result.answers, result.provenance.get("instance"))
    mask = _Mask(answered, result.policy, key)
    measures, units = measured(encode(answered), result)
    document = {"format": FORMAT, "version": 1, **mask.records()}
    document["arcs"] = [*mask.pairs(measures)]
    shown = _Shown(mask, measures, columns_of(document))
    need_ids = shown.columns.need_ids
    tokens = {need.id: token_of(key, "need", need.id) for need in answered.needs}
    assert {*map(name_in_public, tokens.values())} == {*need_ids}
    return Publication(document, shown.result(result, units), tokens)


def columns_of(document: Mapping[str, Any]) -> Columns:
    """Return the columns of a published instance.

    Raises
    ------
    InputError
        For a document that is no published instance.
    """
    try:
        rows = document["arcs"]
        if document["format"] != FORMAT or document["version"] != 1:
            raise InputError(f'not published\nMaybe "format": "{FORMAT}", "version": 1')
        records = {name: document[name] for name in RECORDS if name in document}
        columns = encode(Instance(**records))
        at = columns.position
        need = np.array([at["need"][row["need"]] for row in rows], np.int64)
        slot = np.array([at["slot"][row["slot"]] for row in rows], np.int64)
        order = np.lexsort((slot, need))
        rest = {
            field.name: np.array(
                [int(row.get(field.name, field.name == "units")) for row in rows],
                np.int64,
            )[order]
            for field in fields(Given)
            if field.name not in ("need", "slot")
        }
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not a published instance: {error!r}") from None
    given = Given(need=need[order], slot=slot[order], **rest)
    width = max(len(columns.slot_ids), 1)
    if (np.diff(given.need * width + given.slot) == 0).any():
        raise InputError("a published instance lists a pair twice")
    return replace(columns, given=given)


class _Mask:
    """What a policy looks at, and what everything is called in public."""

    def __init__(self, instance: Instance, policy: Policy, key: bytes) -> None:
        self.town, self.key = instance, key
        terms = (*policy.rules, *policy.goals)
        self.measures = {term.measure for term in terms}
        self.where = {
            (name, value)
            for term in terms
            for name, values in (term.where or {}).items()
            for value in values
        }
        self.keys = {name for name, _ in self.where}
        for term in terms:
            if term.by not in (None, "assignment"):
                self.keys |= {*term.groups}
            weights = getattr(term, "weights", None)
            for group in weights if isinstance(weights, Mapping) else ():
                parts = (group,) if isinstance(group, str) else group
                self.where |= {*zip(term.groups, parts, strict=False)}
        bounds = {getattr(term, "bound", None) for term in terms}
        self.bounds = {bound for bound in bounds if isinstance(bound, str)}
        self.by_weight = {
            weights
            for term in terms
            if isinstance(weights := getattr(term, "weights", None), str)
        }
        self.has_areas = bool(self.keys & {"area"}) or bool(self.bounds - {"alone"})
        self.has_homes = bool(
            self.keys & {"community", "area", "tags"} or "alone" in self.bounds
        )
        self.policy = policy.model_copy(
            update={
                "rules": tuple(map(self.term, policy.rules)),
                "goals": tuple(map(self.term, policy.goals)),
            }
        )

    # ---- names

    def id(self, kind: str, id_: str | None) -> str | None:
        """Return the public id of a record or label."""
        if id_ is None:
            return None
        return name_in_public(token_of(self.key, kind, id_))

    def group(self, name: str, value: str) -> str:
        """Return what a group is called: what the policy names keeps its name."""
        if name in ("day", "week", "month", "sector", "tags"):
            return value
        if name == "kind":
            return self.kind(value)
        if name == "group":
            return value if (name, value) in self.where else f"{self.id(name, value)}"
        return f"{self.id(name, value)}"

    def kind(self, kind: str) -> str:
        """Return a kind beneath the kinds that the policy names."""
        if "kind" not in self.keys:
            return WHOLE
        named = [
            value
            for name, value in self.where
            if name == "kind" and (kind == value or kind.startswith(f"{value}/"))
        ]
        above = max(named, key=len, default="")
        if kind == above:
            return kind
        return f"{above}/{self.id('kind', kind)}".removeprefix("/")

    def community(self, id_: str) -> str:
        """Return the public id of a community, or of all where that says enough."""
        return f"{self.id('community', id_)}" if self.has_homes else WHOLE

    def pair(self, need: str, slot: str) -> dict[str, Any]:
        """Return the public ids of a pair."""
        return {"slot": self.id("slot", slot), "need": self.id("need", need)}

    def key_of(self, groups: Iterable[str], key: Key) -> Key:
        """Return the public key of a group."""
        if isinstance(key, str):
            (name,) = (*groups,) or ("",)
            return self.group(name, key) if key else key
        one, other = (self.group(n, k) for n, k in zip(groups, key, strict=True))
        return one, other

    def term(self, term: Any) -> Any:
        """Return a rule or goal in public names."""
        change: dict[str, Any] = {}
        if term.where:
            change["where"] = {
                name: tuple(sorted(self.group(name, value) for value in values))
                for name, values in term.where.items()
            }
        weights = getattr(term, "weights", None)
        if isinstance(weights, Mapping):
            change["weights"] = {
                self.key_of(term.groups, key): value for key, value in weights.items()
            }
        return term.model_copy(update=change)

    # ---- records

    def records(self) -> dict[str, Any]:
        """Return the records of the published instance, sorted by their new ids."""
        found = {name: [*getattr(self, f"_{name}")()] for name in RECORDS}
        for name, rows in found.items():
            rows.sort(key=lambda row: str(row.get("id", row)))
            for row in rows:
                for field in [field for field, value in row.items() if value is None]:
                    del row[field]
            if name == "communities" and not self.has_homes:
                found[name] = [{"id": WHOLE}]
        return found

    def _areas(self) -> Iterator[dict[str, Any]]:
        for area in self.town.areas if self.has_areas else ():
            named = area.level in self.bounds
            yield {
                "id": self.id("area", area.id),
                "level": area.level if named else self.id("level", area.level),
                "parent": self.id("area", area.parent),
            }

    def _communities(self) -> Iterator[dict[str, Any]]:
        has_areas = "area" in self.keys
        for community in self.town.communities:
            data = record_data(community)
            named = [tag for tag in community.tags if ("tags", tag) in self.where]
            yield {
                "id": self.community(community.id),
                "area": self.id("area", community.area) if has_areas else None,
                "tags": sorted(named) or None,
                **{name: data.get(name) for name in self.by_weight},
            }

    def _providers(self) -> Iterator[dict[str, Any]]:
        for provider in self.town.providers if self._has_providers else ():
            sector = provider.sector if "sector" in self.keys else "public"
            yield {"id": self.id("provider", provider.id), "sector": sector}

    @property
    def _has_providers(self) -> bool:
        return bool(self.keys & {"provider", "sector"})

    def _facilities(self) -> Iterator[dict[str, Any]]:
        for facility in self.town.facilities:
            has = self._has_providers
            yield {
                "id": self.id("facility", facility.id),
                "community": self.community(facility.community),
                "provider": self.id("provider", facility.provider) if has else None,
                "max_units": facility.max_units,
                **self._money(facility, "opening_cost"),
            }

    def _slots(self) -> Iterator[dict[str, Any]]:
        is_timed = self.keys & {"day", "week", "month"} or any(
            need.person is not None or need.sessions > 1 for need in self.town.needs
        )
        for slot in self.town.slots:
            data = record_data(slot)
            yield {
                "id": self.id("slot", slot.id),
                "facility": self.id("facility", slot.facility),
                "kinds": [WHOLE],
                "capacity": slot.capacity,
                "reserve": data.get("reserve"),
                "min_units": data.get("min_units"),
                "either": self.id("either", slot.either),
                **{name: data.get(name) for name in ("start", "end") if is_timed},
                **self._money(slot, *MONEY),
            }

    def _money(self, record: Any, *names: str) -> dict[str, Any]:
        data = record_data(record)
        return {name: data.get(name) for name in names if MONEY[name] & self.measures}

    def _needs(self) -> Iterator[dict[str, Any]]:
        is_weighed = "weighted_served" in self.measures
        for need in self.town.needs:
            data = record_data(need)
            kept = ("min_quantity", "whole", "sessions", "every")
            groups = [
                self.group("group", group)
                for group in need.groups
                if ("group", group) in self.where or self._asks_groups
            ]
            yield {
                "id": self.id("need", need.id),
                "community": self.community(need.community),
                "kind": self.kind(need.kind),
                "quantity": need.quantity,
                "groups": sorted(groups) or None,
                "weight": data.get("weight") if is_weighed else None,
                **{name: data.get(name) for name in kept},
                "person": self.id("person", need.person),
                "together": self.id("together", need.together),
            }

    @property
    def _asks_groups(self) -> bool:
        terms = (*self.policy.rules, *self.policy.goals)
        return any(
            "group" in term.groups
            for term in terms
            if getattr(term, "by", None) not in (None, "assignment")
        )

    def _past(self) -> Iterator[dict[str, Any]]:
        counts = "fill_rate" in self.measures
        for past in self.town.past if counts else ():
            known = {"served": past.served, "demand": past.demand}
            if past.person is not None and "person" in self.keys:
                yield {"person": self.id("person", past.person), **known}
            if past.community is not None and self.keys & {"community", "area"}:
                yield {"community": self.community(past.community), **known}

    def _decisions(self) -> Iterator[dict[str, Any]]:
        for decision in self.town.decisions:
            if decision.status in ("pinned", "accepted"):
                yield self._decision(decision)

    def _decision(self, decision: Decision) -> dict[str, Any]:
        pair = self.pair(decision.need, decision.slot)
        return {**pair, "status": "pinned", "quantity": decision.quantity}

    def pairs(self, measures: Measures) -> Iterator[dict[str, Any]]:
        """Yield the pairs left by the policy, with what a unit on each counts."""
        columns, arcs = measures.columns, measures.arcs
        counted = {
            name: measures.arcs.cost if name == "cost" else measures.coefficients(name)
            for name in PER_PAIR
            if name in self.measures or (name == "cost" and "subsidy" in self.measures)
        }
        values = {"tier": arcs.tier, "units": arcs.units, **counted}
        lists = {name: array.tolist() for name, array in values.items()}
        need = [f"{self.id('need', id_)}" for id_ in columns.need_ids]
        slot = [f"{self.id('slot', id_)}" for id_ in columns.slot_ids]
        ends = [
            (need[n], slot[s], i)
            for i, (n, s) in enumerate(
                zip(arcs.need.tolist(), arcs.slot.tolist(), strict=True)
            )
        ]
        for n, s, i in sorted(ends):
            row = {"need": n, "slot": s}
            for name, array in lists.items():
                if array[i] != (name == "units"):
                    row[name] = array[i]
            yield row


class _Shown:
    """A result in public names, on the published instance."""

    def __init__(self, mask: _Mask, measures: Measures, columns: Columns) -> None:
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
