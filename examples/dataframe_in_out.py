"""Lists are kept in dataframes: how do they go in, and how does a plan come out?

Needs are in pandas, slots in polars, places in pyarrow. Nothing is turned into objects
row by row; tables come out to whichever dataframe is asked for.
"""

import pandas as pd
import polars as pl
import pyarrow as pa

import sharematch as sm

needs = pd.DataFrame(
    {
        "id": ["t-elderly", "l-elderly", "l-choir"],
        "community": ["tianfeng", "lianqiao", "lianqiao"],
        "kind": ["health", "health", "culture/choir"],
        "quantity": [5, 4, 12],
        "groups": ["elderly", "elderly", None],  # a null means the default
        "since": pd.to_datetime(["2026-02-20", "2026-02-25", None]),
    }
)
slots = pl.DataFrame(
    {
        "id": ["clinic-mon", "clinic-thu", "hall-tue"],
        "facility": ["clinic", "clinic", "hall"],
        "kinds": [
            ["health/check"],
            ["health/check", "health/nurse"],
            ["culture/choir"],
        ],
        "capacity": [4, 3, 20],
        "start": ["2026-03-02T09:00", "2026-03-05T14:00", "2026-03-03T19:00"],
        "end": ["2026-03-02T11:00", "2026-03-05T16:00", "2026-03-03T21:00"],
        "fee": [0.0, 0.0, 2.5],
    }
).with_columns(pl.col("start", "end").str.to_datetime("%Y-%m-%dT%H:%M"))
facilities = pa.table({"id": ["clinic", "hall"], "community": ["tianfeng", "lianqiao"]})

town = sm.Instance.from_tables(
    communities={"id": ["tianfeng", "lianqiao"]},
    facilities=facilities,
    slots=slots,
    needs=needs,
)
result = sm.solve(town)

print("By community, in pandas:")
by_community = pa.table(result.by("community")).to_pandas()
print(
    by_community[["id", "demand", "served", "fill_rate", "fees"]].to_string(index=False)
)

print("\nThe plan, in polars, with the times of its slots:")
plan = pl.DataFrame(result.allocation).join(slots, left_on="slot", right_on="id")
with pl.Config(tbl_hide_dataframe_shape=True, tbl_formatting="ASCII_MARKDOWN"):
    print(plan.select("need", "slot", "quantity", "start", "fee").sort("need", "slot"))

waited = pa.table(result.allocation).to_pandas().rename(columns={"quantity": "units"})
waited = waited.merge(needs, left_on="need", right_on="id")
starts = slots.select("id", "start").to_pandas()
waited = waited.merge(starts, left_on="slot", right_on="id")
days = (waited["start"].dt.normalize() - waited["since"]).dt.days * waited["units"]
print(
    f"\nDays waited: {int(days.sum())}; as the library counts: {result.value('wait')}"
)
