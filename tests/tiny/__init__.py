"""Tiny random problems in the format of files, and plain stand-ins for records.

`tiny_case` draws an instance and a policy small enough for `tests.oracles`; `namespace`
and `policy_namespace` turn such fields into simple objects with every attribute that
records and policies have, without any check.
"""

from tests.tiny.cases import drawn_once, tiny_case, tiny_instance
from tests.tiny.instances import LENGTHS, MONEY
from tests.tiny.policies import LINEAR_MAXIMA, LINEAR_MINIMA, Draw
from tests.tiny.records import Fields, namespace, policy_namespace

__all__ = [
    "LENGTHS",
    "LINEAR_MAXIMA",
    "LINEAR_MINIMA",
    "MONEY",
    "Draw",
    "Fields",
    "drawn_once",
    "namespace",
    "policy_namespace",
    "tiny_case",
    "tiny_instance",
]
