"""Reading and writing instances, policies and results; the schemas of their files."""

from sharematch.io.carry import Note, Reading
from sharematch.io.geo.geojson import read_geojson, write_geojson
from sharematch.io.geo.osm import read_osm
from sharematch.io.geo.outlines import read_outlines
from sharematch.io.hsds.reading import read_hsds
from sharematch.io.hsds.writing import write_hsds
from sharematch.io.ical.plans import write_calendars
from sharematch.io.ical.reading import read_ical
from sharematch.io.ical.writing import write_ical
from sharematch.io.native.days_off import read_days_off
from sharematch.io.native.files import (
    instance_hash,
    read_instance,
    read_policy,
    read_records,
    read_result,
    write_instance,
    write_policy,
    write_result,
)
from sharematch.io.native.parquet import write_parquet
from sharematch.io.native.plans import read_answers, read_plan, read_usage
from sharematch.io.native.schemas import schema
from sharematch.io.native.sql import read_sql, write_sql, write_sql_assignments
from sharematch.model.canonical import policy_hash

__all__ = [
    "Note",
    "Reading",
    "instance_hash",
    "policy_hash",
    "read_answers",
    "read_days_off",
    "read_geojson",
    "read_hsds",
    "read_ical",
    "read_instance",
    "read_osm",
    "read_outlines",
    "read_plan",
    "read_policy",
    "read_records",
    "read_result",
    "read_sql",
    "read_usage",
    "schema",
    "write_calendars",
    "write_geojson",
    "write_hsds",
    "write_ical",
    "write_instance",
    "write_parquet",
    "write_policy",
    "write_result",
    "write_sql",
    "write_sql_assignments",
]
