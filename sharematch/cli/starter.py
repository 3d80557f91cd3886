"""A small instance and policy to start from, with comments on what goes where."""

from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import is_folder, new_folder, write_text
from sharematch.text import Text

__all__ = ["write_starter"]

FILES = {
    "instance.toml": """\
# Two communities share a clinic and a hall. Replace the rows of the tables with your
# own; delete a table, or a column, that you do not need.
#
#   communities.csv  who lives together; lon,lat (or x,y in km) where they are
#   facilities.csv   the places; features such as step-free; share = own keeps one back
#   slots.csv        so many places of some kinds at a facility, at some time or untimed
#   needs.csv        so many units of a kind, for whom, when, how far, at what fee
#
# Lists in one cell are separated by ";", windows are start/end, times 2026-03-02T09:00.
# An empty cell means the default. Other tables: areas, providers, pairs, links, past,
# decisions. `sharematch schema instance` lists all fields.
#
# Check:  sharematch validate .
# Solve:  sharematch solve . --policy policy.toml --out ../result.json

format = "sharematch-instance"
version = 1
name = "starter"
currency = "CNY"

[travel]
unit = "km"       # or "min", with a speed in km/h
metric = "geo"    # or "plane": x,y in km
detour = 1.3      # streets are so much longer than the straight line
""",
    "communities.csv": """\
id,lon,lat,population,tags
tianfeng,121.5512,29.8683,2400,old
lianqiao,121.5571,29.8702,1800,old
""",
    "facilities.csv": """\
id,community,lon,lat,features,share
clinic,tianfeng,121.5520,29.8690,step-free,
hall,lianqiao,121.5566,29.8708,step-free,
club-room,tianfeng,121.5508,29.8679,,own
""",
    "slots.csv": """\
id,facility,kinds,capacity,start,end,reserve,fee,staff_fee
clinic-mon,clinic,health/check-up,6,2026-03-02T09:00,2026-03-02T11:00,2,0,
clinic-thu,clinic,health/check-up;health/nurse,4,2026-03-05T14:00,2026-03-05T16:00,0,0,
hall-tue,hall,culture/choir;culture/dance,20,2026-03-03T19:00,2026-03-03T21:00,5,3.00,3.00
club-room,club-room,culture,8,,,0,0,
""",
    "needs.csv": """\
id,community,kind,quantity,groups,windows,max_travel,max_fee,requires
t-elderly,tianfeng,health,5,elderly,,0.8,,step-free
l-elderly,lianqiao,health,4,elderly,2026-03-05T12:00/2026-03-05T18:00,1.2,,step-free
l-disabled,lianqiao,health/nurse,2,disabled,,1.5,,step-free
t-choir,tianfeng,culture/choir,12,,,2,5,
l-choir,lianqiao,culture/choir,10,,,1,5,
t-any,tianfeng,culture,6,elderly;low-income,,1,0,
""",
    "policy.toml": """\
# Rules hold in every plan. Goals are in strict order: a later one decides only among
# the plans that are best for all earlier ones.

format = "sharematch-policy"
version = 1
name = "fair and near"

# Residents pay no more than the host's own staff.
[[rules]]
op = "at_most"
measure = "parity_gap"
bound = 0
by = "assignment"

# No elderly resident travels more than 1,000 m.
[[rules]]
op = "at_most"
measure = "travel"
bound = 1000
by = "assignment"
where = { group = "elderly" }

# The worst-off community as well off as possible, then the next one, ...
[[goals]]
op = "leximin"
measure = "fill_rate"
by = "community"

# ... then as many units served as possible,
[[goals]]
op = "maximize"
measure = "served"

# ... as near as possible.
[[goals]]
op = "minimize"
measure = "travel"
""",
}


def write_starter(folder: Path) -> list[str]:
    """Write the starter into a new or empty folder; return the names of its files.

    Raises
    ------
    InputError
        When the folder cannot be made, or holds something.
    """
    if folder.exists() and is_folder(folder) and any(folder.iterdir()):
        hint = Text("file.name_a_new_folder")
        raise InputError([Problem("file.is_not_empty", str(folder), hint=hint)])
    with new_folder(folder) as made:
        for name, text in FILES.items():
            write_text(made / name, text)
    return list(FILES)
