"""Reading and writing instances, policies and results; the schemas of their files."""

from sharematch.io.files import (
    instance_hash,
    read_instance,
    read_policy,
    read_result,
    write_instance,
    write_policy,
    write_result,
)
from sharematch.io.schemas import schema
from sharematch.model.canonical import policy_hash

__all__ = [
    "instance_hash",
    "policy_hash",
    "read_instance",
    "read_policy",
    "read_result",
    "schema",
    "write_instance",
    "write_policy",
    "write_result",
]
