"""What communities could be served alone."""

import sharematch as sm


def test_a_label_shared_with_others_does_not_bind_one_community_alone():
    """Of two halls that stand on one label, each counts to its own community."""
    instance = sm.Instance(
        communities=[sm.Community(id=c) for c in ("a", "b")],
        facilities=[sm.Facility(id=f"hall {c}", community=c) for c in ("a", "b")],
        slots=[
            sm.Slot(id=c, facility=f"hall {c}", kinds=["any"], capacity=1, either="one")
            for c in ("a", "b")
        ],
        needs=[
            sm.Need(id=f"n{c}", community=c, kind="any", choices=[c])
            for c in ("a", "b")
        ],
    )
    alone = sm.AtLeast("fill_rate", "alone", by="community")
    result = sm.solve(instance, sm.Policy(rules=[alone], goals=[sm.Maximize("served")]))
    assert result.status == "infeasible"
    assert result.conflict is not None
