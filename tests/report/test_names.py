"""Names of records: shown to people everywhere, told to nobody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.cli import app
from sharematch.io.ical.plans import write_calendars
from sharematch.io.publishing.publishing import publish
from sharematch.report import write_report
from sharematch.season import resolve

RUN = CliRunner()
NAMES = {
    "junmiao": "Junmiao old town",
    "lianqiao": "Lianqiao south",
    "hall": "The great hall",
    "tue": "Tuesday evening",
    "choir": "The morning choir",
    "owner": "The parish",
}


def town(*, named: bool = True) -> sm.Instance:
    """Return two communities, one hall, one place too few, with names or without."""

    def of(id_: str) -> Any:
        return {"id": id_, "name": NAMES.get(id_) if named else None}

    times: dict[str, Any] = {"start": "2026-12-01T19:00", "end": "2026-12-01T21:00"}
    return sm.Instance(
        communities=[sm.Community(**of("junmiao")), sm.Community(**of("lianqiao"))],
        providers=[sm.Provider(sector="host", **of("owner"))],
        facilities=[sm.Facility(community="junmiao", provider="owner", **of("hall"))],
        slots=[
            sm.Slot(facility="hall", kinds=["x"], capacity=3, **times, **of("tue")),
            sm.Slot(id="wed", facility="hall", kinds=["x"], capacity=1),
        ],
        needs=[
            sm.Need(community="lianqiao", kind="x", quantity=4, **of("choir")),
            sm.Need(id="band", community="junmiao", kind="x", quantity=1),
        ],
    )


def outputs(instance: sm.Instance, folder: Path) -> dict[str, str]:
    """Return what people read about a plan, by where."""
    folder.mkdir()
    result = sm.solve(instance)
    found = {
        "explain": str(sm.explain(result, need="choir"))
        + str(sm.explain(result, slot="tue"))
        + str(sm.explain(result, community="lianqiao")),
        "compare": str(sm.compare(result, sm.solve(instance, sm.Policy.own_only()))),
    }
    for lang in ("en", "zh"):
        write_report(instance, result, folder / f"{lang}.html", lang=lang)
        found[lang] = (folder / f"{lang}.html").read_text(encoding="utf-8")
    write_calendars(instance, result.allocation, folder / "plan")
    texts = (path.read_text(encoding="utf-8") for path in (folder / "plan").iterdir())
    found["calendars"] = "".join(texts).replace("\r\n ", "")
    declined = [{"need": "choir", "slot": "tue", "status": "declined"}]
    letters = resolve(result, declined).letters
    found["letters"] = "".join(str(letter) + letter.text("zh") for letter in letters)
    path = folder / "town.json"
    io.write_instance(instance, path)
    run = RUN.invoke(app, ["solve", str(path), "--out", str(folder / "r.json")])
    assert run.exit_code == 0, run.output
    found["command"] = run.stdout
    return found


SHOWN = {
    "explain": ("junmiao", "lianqiao", "hall", "tue", "choir"),
    "compare": ("junmiao", "lianqiao"),
    "en": ("junmiao", "lianqiao", "hall", "choir", "owner"),
    "zh": ("junmiao", "lianqiao", "hall", "choir", "owner"),
    "calendars": ("lianqiao", "hall", "tue", "choir"),
    "letters": ("lianqiao", "hall", "choir"),
    "command": ("junmiao", "lianqiao"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, str]]:
    folder = tmp_path_factory.mktemp("names")
    return {n: outputs(town(named=n), folder / str(n)) for n in (True, False)}


@pytest.mark.parametrize("where", SHOWN)
def test_people_read_names(read, where):
    for id_ in SHOWN[where]:
        assert NAMES[id_] in read[True][where], id_
        assert NAMES[id_] not in read[False][where]


@pytest.mark.parametrize("where", [key for key in SHOWN if key not in ("en", "zh")])
def test_without_names_all_is_as_with_them_put_back(read, where):
    text = read[True][where]
    if where in ("compare", "command"):  # columns are as wide as what stands in them
        return
    for id_, name in NAMES.items():
        text = text.replace(name, id_)
    plain = read[False][where]
    if where == "calendars":  # in the order of their files' names
        assert sorted(text.splitlines()) == sorted(plain.splitlines())
    else:
        assert text == plain


def test_files_and_published_plans_keep_to_ids():
    instance = town()
    result = sm.solve(instance)
    written = json.dumps(result.to_dict(), ensure_ascii=False)
    published = publish(instance, result, b"secret" * 6)
    public = json.dumps([published.instance, published.result], ensure_ascii=False)
    for name in NAMES.values():
        assert name not in written
        assert name not in public
    assert result.to_dict() == sm.solve(town(named=False)).to_dict()
