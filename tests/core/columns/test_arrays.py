import pickle
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from sharematch import generate
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.reading import _minutes


def test_columns_travel_as_what_they_are():
    columns = encode(generate.make("community", 1))
    assert columns.digest
    back = pickle.loads(pickle.dumps(columns))
    assert "digest" not in vars(back)
    assert back.digest == columns.digest
    assert not back.need_quantity.flags.writeable
    assert not back.need_groups.indices.flags.writeable


def test_columns_are_their_own_encoding():
    columns = encode(generate.make("community", 1))
    assert encode(columns) is columns


def test_columns_are_read_only():
    columns = encode(generate.make("community", 1))
    assert isinstance(columns, Columns)
    arrays = [x for x in vars(columns).values() if isinstance(x, np.ndarray)]
    assert not any(array.flags.writeable for array in arrays)


def test_equal_times_of_a_zone_can_be_two_instants():
    time = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    first, second = _minutes([time, time.replace(fold=1)]).tolist()
    assert second - first == 60


def test_the_hash_of_an_instance_without_bookings_stays():
    """Files name it: what is added to records later is no part of it where unused."""
    town = generate.make("subdistrict", 3, scarcity=0.5)
    assert encode(town).digest.startswith("sha256:c2afc15b52e2")
