"""Reading and writing instances, policies and results; the schemas of their files."""

from sharematch.io.carry import Note, Reading
from sharematch.io.files import (
    instance_hash,
    read_instance,
    read_policy,
    read_result,
    write_instance,
    write_policy,
    write_result,
)
from sharematch.io.geojson import read_geojson, write_geojson
from sharematch.io.parquet import write_parquet
from sharematch.io.plans import read_answers, read_plan
from sharematch.io.schemas import schema
from sharematch.model.canonical import policy_hash

__all__ = [
    "Note",
    "Reading",
    "instance_hash",
    "policy_hash",
    "read_answers",
    "read_geojson",
    "read_instance",
    "read_plan",
    "read_policy",
    "read_result",
    "schema",
    "write_geojson",
    "write_instance",
    "write_parquet",
    "write_policy",
    "write_result",
]
