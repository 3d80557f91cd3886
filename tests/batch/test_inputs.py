from pathlib import Path

import pytest

import sharematch as sm
from sharematch.batch.inputs import content_hash, find_inputs
from sharematch.errors import InputError

TOWN = sm.Instance(communities=[sm.Community(id="lianqiao")])


@pytest.fixture
def weeks(tmp_path: Path) -> Path:
    folder = tmp_path / "weeks"
    folder.mkdir()
    for name in ("week-2.json", "week-1.toml", "week-3"):
        sm.io.write_instance(TOWN, folder / name)
    return folder


def names(source: Path, *besides: Path) -> list[str]:
    return [item.name for item in find_inputs(source, besides)]


def test_files_and_folders_of_tables_are_instances_by_name(weeks: Path):
    (weeks / "notes.txt").write_text("about")
    (weeks / ".hidden.json").write_text("{}")
    (weeks / "drafts").mkdir()
    assert names(weeks) == ["week-1", "week-2", "week-3"]


def test_what_is_besides_is_left_out(weeks: Path):
    (weeks / "policy.toml").write_text("")
    assert names(weeks, weeks / "policy.toml", weeks / "week-3") == ["week-1", "week-2"]


def test_a_manifest_names_paths_from_where_it_lies(weeks: Path):
    manifest = weeks.parent / "manifest.csv"
    manifest.write_text("name,path\nlast,weeks/week-3\n,weeks/week-1.toml\n")
    assert names(manifest) == ["last", "week-1"]
    manifest.write_text(f"path\n{weeks / 'week-2.json'}\n")
    assert [item.path for item in find_inputs(manifest)] == [weeks / "week-2.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nx\n", "must have the columns path and perhaps name, has name"),
        ("path,size\nx,1\n", "has path, size"),
        ("", "has none"),
        ("path\n", "holds no instances"),
        ("name,path\nx,\n", "row 2: must have a path"),
        ("path\na.json,b\n", "row 2: has too many cells"),
        ("name,path\na/b,x\n", "name 'a/b': cannot be the name of a file"),
        ("name,path\n.a,x\n", "name '.a': cannot be the name"),
        ("name,path\na\x07,x\n", "cannot be printed"),
        (f"name,path\n{'n' * 201},x\n", "longer than 200 bytes"),
        ("name,path\na,x\nA,y\n", "y: and .*x would have one result, a.json"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str, message: str):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(text)
    with pytest.raises(InputError, match=message):
        find_inputs(manifest)


def test_two_instances_of_one_name_are_refused(weeks: Path):
    sm.io.write_instance(TOWN, weeks / "week-3.json")
    with pytest.raises(InputError, match=r"would have one result, week-3.json\nMaybe"):
        find_inputs(weeks)


def test_a_folder_that_is_one_instance_is_refused(weeks: Path):
    with pytest.raises(InputError, match="Maybe sharematch solve"):
        find_inputs(weeks / "week-3")


def test_nothing_to_do_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="holds no instances"):
        find_inputs(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        find_inputs(tmp_path / "nowhere")
    (tmp_path / "town.json").write_text("{}")
    with pytest.raises(InputError, match="neither a folder nor a manifest"):
        find_inputs(tmp_path / "town.json")


def test_a_hash_tells_contents_apart(weeks: Path):
    for path in (weeks / "week-2.json", weeks / "week-3"):
        before = content_hash(path)
        assert content_hash(path) == before
        part = path / "communities.csv" if path.is_dir() else path
        part.write_text(f"{part.read_text()} ")
        assert content_hash(path) != before
    with pytest.raises(InputError, match="No such file"):
        content_hash(weeks / "week-9.json")
