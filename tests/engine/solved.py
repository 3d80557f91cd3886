"""Tiny cases that are solved, whatever is then looked at in their results."""

from hypothesis import assume

import sharematch as sm
from sharematch.errors import UnsupportedError
from tests.tiny import tiny_case

__all__ = ["solved_case"]


def solved_case(seed: int) -> tuple[sm.Instance, sm.Policy, sm.Result]:
    """Return a tiny case with its result; what is not supported is passed over."""
    fields, policy_fields = tiny_case(seed)
    instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
    try:
        result = sm.solve(instance, policy)
    except UnsupportedError:
        assume(condition=False)
        raise
    return instance, policy, result
