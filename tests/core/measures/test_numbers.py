"""Numbers of groups: what they are taken from, and which cannot be counted with."""

import pytest

import sharematch as sm

DEMANDS = {"junmiao": 1_000_003, "lianqiao": 1_000_033, "tianfeng": 1_000_037}
"""Of no common divisor: shares of all three have a denominator of nineteen digits."""


def town(**fields: object) -> sm.Instance:
    """Return three communities that ask for places in one hall."""
    return sm.Instance.model_validate(
        {
            "communities": [{"id": id_} for id_ in DEMANDS],
            "facilities": [{"id": "hall", "community": "junmiao"}],
            "slots": [
                {
                    "id": "mon",
                    "facility": "hall",
                    "kinds": ["any"],
                    "capacity": 9,
                    "fee": "0.50",
                }
            ],
            "needs": [
                {"id": f"of-{id_}", "community": id_, "kind": "any", "quantity": n}
                for id_, n in DEMANDS.items()
            ],
            **fields,
        }
    )


def test_ceilings_of_money_are_whole_cents():
    def most_fees(ceiling: str) -> sm.Result:
        goal = sm.Maximize("fees", by="community", upto={"junmiao": ceiling})
        return sm.solve(town(), sm.Policy(goals=[goal]))

    assert (
        most_fees("1.25").goals[0].value
        == sm.solve(town(), sm.Policy(goals=[sm.Maximize("fees")])).goals[0].value
    )
    with pytest.raises(sm.InputError, match=r"upto junmiao: 251/200: .* two decimal"):
        most_fees("1.255")


def test_entitlements_that_are_ceilings_of_money_are_whole_cents():
    communities = [{"id": id_, "entitlement": "1.255"} for id_ in DEMANDS]
    goal = sm.Maximize("fees", by="community", upto="entitlement")
    with pytest.raises(sm.InputError, match=r"upto.*junmiao: 1\.255"):
        sm.solve(town(communities=communities), sm.Policy(goals=[goal]))


def test_shares_of_too_many_parts_are_refused():
    goal = sm.Maximize("fill_rate", by="community", upto=1)
    policy = sm.Policy(goals=[goal])
    assert sm.solve(town(), policy).status == "optimal"
    needs = [need.model_dump(exclude_defaults=True) for need in town().needs]
    needs[0]["quantity"] += 10**9 + 7
    with pytest.raises(sm.InputError, match="fill_rate"):
        sm.solve(town(needs=needs), policy)


def test_minutes_are_asked_for_by_needs_that_say_them():
    goal = sm.Maximize("minutes", by="community", upto="demand")
    with pytest.raises(sm.InputError, match='need "of-junmiao": minutes'):
        sm.solve(town(), sm.Policy(goals=[goal]))
