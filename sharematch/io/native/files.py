"""The verbs of this package: read and write instances, policies and results."""

import codecs
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sharematch.errors import InputError, Problem
from sharematch.io.native import documents, tables
from sharematch.io.native.atomic import check_suffix, is_folder, new_folder, write_text
from sharematch.io.native.encodings import write_table_text
from sharematch.io.native.quick_json import columns_of_json
from sharematch.io.native.results import result_text
from sharematch.model import cells
from sharematch.model.answers import answers_of
from sharematch.model.arguments import expect, typed
from sharematch.model.base import Record
from sharematch.model.canonical import instance_data, policy_data
from sharematch.model.garbage import without_collection
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.reading import columns_of_rows
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns
    from sharematch.plans.results.result import Result

__all__ = [
    "read_instance",
    "read_policy",
    "read_records",
    "read_result",
    "write_instance",
    "write_policy",
    "write_result",
]

Made = TypeVar("Made")
AnyPath = str | os.PathLike[str]


@typed
def read_instance(path: AnyPath) -> Instance:
    """Read an instance from a `.json` or `.toml` file, or from a folder of tables.

    Raises
    ------
    InputError
        With everything that is wrong; each problem names its file, and in tables the
        row (the first row of names is row 1).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> path = Path(mkdtemp()) / "town.json"
    >>> write_instance(town, path)
    >>> read_instance(path) == town
    True
    """
    path = Path(path)
    if not is_folder(path):
        if known := _quickly(path):
            return known
        data = documents.read(path)
        fields = documents.check_format(data, "instance", str(path))
        with without_collection():
            quick = _by_column(fields)
        return quick or _checked(lambda: Instance(**fields), lambda _: str(path))
    reader = tables.FolderReader(path)
    with without_collection():
        quick = reader.by_column()
    if quick is not None:
        return quick
    fields = reader.read()
    if reader.is_broken:  # what records say of each other cannot be told
        readable = {k: v for k, v in fields.items() if k not in reader.broken}
        raise InputError([*reader.problems, *_one_by_one(readable, reader.locate)[1]])
    return _checked(lambda: Instance(**fields), reader.locate, reader.problems)


@typed
def read_records(path: AnyPath) -> dict[str, tuple[Record, ...]]:
    r"""Read records that are to be added to an instance, by collection.

    Each is checked by itself; what it says of others is checked when it is added.

    Raises
    ------
    InputError
        With everything that is wrong, and for anything but records.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp()) / "more"
    >>> folder.mkdir()
    >>> _ = (folder / "needs.csv").write_text("id,community,kind\nn,junmiao,sport\n")
    >>> [need.id for need in read_records(folder)["needs"]]
    ['n']
    """
    path = Path(path)
    problems: list[Problem] = []
    if reader := tables.FolderReader(path) if is_folder(path) else None:
        fields = reader.read()
        problems += reader.problems
    else:
        fields = documents.check_format(documents.read(path), "instance", str(path))

    def locate(problem: Problem) -> str:
        return str(path) if reader is None else reader.locate(problem)

    if others := sorted(fields.keys() - COLLECTIONS.keys()):
        message = Text("file.cannot_be_added_to_a_round")
        problems.append(Problem(message, source=str(path), field=others[0]))
    made, wrong = _one_by_one(fields, locate)
    if problems := [*problems, *wrong]:
        raise InputError(problems)
    return {name: tuple(records) for name, records in sorted(made.items())}


def _one_by_one(
    fields: Mapping[str, Any], locate: Callable[[Problem], str]
) -> tuple[dict[str, list[Record]], list[Problem]]:
    """Return records, each checked by itself, and what is wrong with the others."""
    made: dict[str, list[Record]] = {}
    problems: list[Problem] = []
    for collection in sorted(fields.keys() & COLLECTIONS.keys()):
        for row in fields[collection]:
            try:
                record = COLLECTIONS[collection](**row)
                made.setdefault(collection, []).append(record)
            except InputError as error:
                problems += (
                    replace(problem, source=problem.source or locate(problem))
                    for problem in error.problems
                )
    return made, problems


def _quickly(path: Path) -> Instance | None:
    """Return the instance of a JSON file if nothing is wrong, by its fields' texts."""
    if path.suffix.lower() != ".json":
        return None
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        with without_collection():
            parts = columns_of_json(content)
            if parts is None:
                return None
            other_fields = documents.check_format(parts[1], "instance", str(path))
            return Instance.from_columns(parts[0], other_fields, cells=False)
    except (InputError, OSError):
        return None


def _by_column(fields: dict[str, Any]) -> Instance | None:
    """Return the instance if nothing is wrong, much faster than by records."""
    given_names = [name for name in COLLECTIONS if name in fields]
    try:
        columns = {name: columns_of_rows(fields[name]) for name in given_names}
    except RecursionError:
        return None
    other_fields = {k: value for k, value in fields.items() if k not in COLLECTIONS}
    readable = {name: each for name, each in columns.items() if each is not None}
    if len(readable) < len(columns):
        return None
    return Instance.from_columns(readable, other_fields, cells=False)


@typed
def read_policy(path: AnyPath) -> Policy:
    """Read a policy from a `.toml` or `.json` file.

    Raises
    ------
    InputError
        With everything that is wrong; each problem names the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "policy.toml"
    >>> write_policy(Policy.fair(), path)
    >>> read_policy(path) == Policy.fair()
    True
    """
    path = Path(path)
    data = documents.read(path)
    fields = documents.check_format(data, "policy", str(path))
    return _checked(lambda: Policy(**fields), lambda _: str(path))


@typed
def instance_hash(instance: "Instance | Columns") -> str:
    """Return "sha256:…" of an instance's content, whatever the order of its records.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> instance_hash(town) == instance_hash(town.model_copy())
    True
    """
    from sharematch.core.columns.encoding import encode

    return encode(instance).digest


@typed
def read_result(
    path: AnyPath, instance: "Instance | Columns | None" = None
) -> "Result":
    """Read a result from a `.json` file.

    Raises
    ------
    InputError
        When the file is no result, or is one of another instance than `instance`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> path = Path(mkdtemp()) / "result.json"
    >>> write_result(result, path)
    >>> read_result(path, town).value("served") == result.value("served")
    True
    """
    from sharematch.plans.results.result import Result, as_answered

    path = Path(path)
    data = documents.read(path)
    documents.check_format(data, "result", str(path))
    if instance is not None:
        provenance = data.get("provenance")
        claimed_hash = (
            provenance.get("instance") if isinstance(provenance, dict) else None
        )
        given = instance
        answers = _checked(
            lambda: answers_of(data.get("decisions", ())), lambda _: str(path)
        )
        instance = _checked(
            lambda: as_answered(given, answers, claimed_hash), lambda _: str(path)
        )
        expected = instance_hash(instance)
        if claimed_hash != expected:
            raise InputError(
                [
                    Problem(
                        "file.is_of_another_instance_this_one",
                        field="provenance.instance",
                        value=str(claimed_hash),
                        hint="file.the_instance_was_changed_after_it",
                        source=str(path),
                        hash=expected,
                    )
                ]
            )
    return _checked(lambda: Result.from_dict(data, instance), lambda _: str(path))


@typed
def write_instance(instance: Instance, path: AnyPath) -> None:
    """Write an instance to a `.json` or `.toml` file, or to a folder of CSV tables.

    Equal instances give equal bytes: records are sorted, defaults left out. The file
    or folder appears whole or not at all.

    Raises
    ------
    InputError
        When the path cannot be written, is of no known type, or is a folder with
        anything but an instance in it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> folder = Path(mkdtemp()) / "town"
    >>> write_instance(town, folder)
    >>> sorted(path.name for path in folder.iterdir())[:2]
    ['areas.csv', 'communities.csv']
    """
    path = Path(path)
    if not path.suffix or (path.exists() and is_folder(path)):
        _write_folder(instance, path)
    else:
        documents.write(_document("instance", instance_data(instance)), path)


@typed
def write_policy(policy: Policy, path: AnyPath) -> None:
    """Write a policy to a `.toml` or `.json` file, whole or not at all.

    Raises
    ------
    InputError
        When the path cannot be written or is of no known type.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "policy.toml"
    >>> write_policy(Policy.fair(), path)
    >>> print(path.read_text().splitlines()[0])
    format = "sharematch-policy"
    """
    documents.write(_document("policy", policy_data(policy)), Path(path))


@typed
def write_result(result: "Result", path: AnyPath) -> None:
    """Write a result to a `.json` file, whole or not at all; equal ones equally.

    Raises
    ------
    InputError
        When the path cannot be written, or promises another format than JSON.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> path = Path(mkdtemp()) / "result.json"
    >>> write_result(result, path)
    >>> print(path.read_text().splitlines()[1])
     "format": "sharematch-result",
    """
    from sharematch.plans.results.result import Result

    expect(Result, result=result)
    check_suffix(path, ".json")
    with without_collection():
        text = result_text(result)
    write_text(path, text)


def _document(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"format": f"sharematch-{kind}", "version": documents.VERSION, **data}


def _checked(
    make: Callable[[], Made],
    locate: Callable[[Problem], str],
    earlier: Iterable[Problem] = (),
) -> Made:
    """Return what `make` makes; add to its problems where they were read."""
    problems = list(earlier)
    try:
        made = make()
        if not problems:
            return made
    except InputError as error:
        problems += [
            replace(problem, source=problem.source or locate(problem))
            for problem in error.problems
        ]
    except RecursionError:
        message = Text("file.is_nested_too_deeply")
        problems.append(Problem(message, source=locate(Problem(message))))
    raise InputError(problems)


def _write_folder(instance: Instance, path: Path) -> None:
    if path.exists() and is_folder(path):
        names = sorted(item.name for item in path.iterdir())
        if foreign := [n for n in names if n != tables.MANIFEST and not _is_csv(n)]:
            raise InputError(
                [
                    Problem(
                        "file.holds_other_files_such_as_which",
                        str(path),
                        hint="file.name_a_new_folder",
                        file=foreign[0],
                    )
                ]
            )
    data = instance_data(instance)
    location = cells.LOCATION_COLUMNS[instance.travel.metric == "geo"]
    texts = {
        f"{collection}.csv": cells.csv_text(collection, data.pop(collection), location)
        for collection in COLLECTIONS
        if collection in data
    }
    manifest = documents.toml_text(_document("instance", data))
    with new_folder(path) as folder:
        for name, text in texts.items():
            write_table_text(folder / name, text)
        write_text(folder / tables.MANIFEST, manifest)


def _is_csv(name: str) -> bool:
    return tables.is_table(name) and name.endswith(".csv")
