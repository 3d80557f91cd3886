"""Text of JSON and TOML files to plain data and back, nothing lost or guessed."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import is_folder, path_error, write_text
from sharematch.io.native.encodings import check_no_workbook
from sharematch.model.garbage import without_collection
from sharematch.text import Text, about, heard

__all__ = [
    "SUFFIXES",
    "VERSION",
    "Lines",
    "check_format",
    "json_line",
    "json_text",
    "parse_json",
    "read",
    "read_json",
    "read_text",
    "toml_text",
    "write",
]

VERSION = 1
"""Version of all three file formats."""

SUFFIXES = (".json", ".toml")

_LONGEST_NUMBER = 60


def read(path: Path) -> dict[str, Any]:
    """Return the content of a `.json` or `.toml` file; numbers keep their text.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8, breaks the rules of its format,
        repeats a key, holds NaN or infinity, or is no table at the top.
    """
    _refuse_folder(path)
    data = _load(path, _parse_toml if _suffix(path) == ".toml" else parse_json)
    if not isinstance(data, dict):
        raise InputError(
            [Problem("file.must_be_one_object_with_named", str(path), hint="{…}?")]
        )
    return data


def read_json(path: Path) -> Any:
    """Return the content of a JSON file of any name and shape.

    Raises
    ------
    InputError
        As `read`.
    """
    _refuse_folder(path)
    return _load(path, parse_json)


def _refuse_folder(path: Path) -> None:
    if is_folder(path):
        raise InputError([Problem("file.is_a_folder_a_file_is", str(path))])


def _load(path: Path, parse: Callable[[str], object]) -> object:
    text = read_text(path)
    try:
        with without_collection():
            return parse(text)
    except RecursionError:
        raise InputError([Problem("file.is_nested_too_deeply", str(path))]) from None
    except ValueError as error:
        raise InputError([Problem(_sentence(error), str(path))]) from None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark.

    Raises
    ------
    InputError
        When the file cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise path_error(path, error) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            [
                Problem(
                    "file.is_not_utf_8_text_byte",
                    str(path),
                    hint="file.save_it_again_with_encoding_utf",
                    byte=error.start,
                )
            ]
        ) from None


def check_format(data: Mapping[str, Any], kind: str, source: str) -> dict[str, Any]:
    """Return the fields beside `format` and `version`, which must be right.

    Raises
    ------
    InputError
        When one is missing, or says that this is something else.
    """
    expected = f"sharematch-{kind}"
    fields = dict(data)
    format_, version = fields.pop("format", None), fields.pop("version", None)
    problems = []
    if format_ is None:
        hint = Text("file.add_format_version", name=expected, version=VERSION)
        problems.append(
            Problem("value.is_missing", field="format", hint=hint, source=source)
        )
    elif format_ != expected:
        problems.append(
            Problem(
                "value.must_be",
                field="format",
                value=str(format_)[:60],
                source=source,
                expected=expected,
            )
        )
    elif version is None:
        hint = Text("file.add_version", version=VERSION)
        problems.append(
            Problem("value.is_missing", field="version", hint=hint, source=source)
        )
    elif version != VERSION or isinstance(version, bool):
        problems.append(
            Problem(
                "file.is_not_a_version_that_can",
                field="version",
                value=str(version)[:60],
                source=source,
                version=VERSION,
            )
        )
    if problems:
        raise InputError(problems)
    return fields


def write(data: Mapping[str, Any], path: Path) -> None:
    """Write plain data as `.json` or `.toml`, whole or not at all.

    Raises
    ------
    InputError
        When the suffix is neither, or the path cannot be written.
    """
    to_text = toml_text if _suffix(path) == ".toml" else json_text
    write_text(path, to_text(data))


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return suffix
    check_no_workbook(path)
    hint = (
        Text("file.name_it_or", one=f"{path.stem}.json", other=f"{path.stem}.toml")
        if path.stem
        else ""
    )
    message = Text("file.is_of_no_known_type", type=suffix or Text("file.no_suffix"))
    raise InputError([Problem(message, str(path), hint=hint)])


class Lines(tuple[str, ...]):
    """Records that are JSON already, in place of a list of them."""

    __slots__ = ()


def json_text(data: Mapping[str, Any]) -> str:
    """Return plain data as JSON, keys in the order given, one record a line.

    A list of records may be given as `Lines`.
    """
    return f"{_spread(data, 0)}\n"


def _spread(value: Any, depth: int) -> str:
    """Return JSON with objects down to a depth, and lists of objects, on many lines."""
    inner = "\n" + " " * (depth + 1)
    outer = "\n" + " " * depth
    if isinstance(value, Mapping) and value and depth < 2:
        items = [
            f"{json_line(key)}: {_spread(v, depth + 1)}" for key, v in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(items)}{outer}}}"
    if isinstance(value, Lines) and value:
        return f"[{inner}{f',{inner}'.join(value)}{outer}]"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return f"[{inner}{_lines(value, inner)}{outer}]"
    return json_line(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_MARK = "\0"
"""A character that never stands in JSON as such."""
_MARKING = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(f",{_MARK}", ": ")
)


def _lines(rows: Sequence[Mapping[str, Any]], inner: str) -> str:
    """Return rows as JSON, each on a line of its own."""
    if not any(isinstance(value, list | dict) for value in rows[0].values()):
        # All at once is three times as fast as one by one, and where no row holds
        # another, commas between braces are those between rows.
        text, between = _MARKING.encode(rows)[1:-1], f"}},{_MARK}{{"
        if text.count("{") == text.count(between) + 1 == len(rows):
            return text.replace(between, f"}},{inner}{{").replace(_MARK, " ")
    return f",{inner}".join(map(json_line, rows))


def json_line(value: object) -> str:
    """Return plain data as JSON on one line."""
    return _ENCODER.encode(value)


def toml_text(data: Mapping[str, Any]) -> str:
    """Return plain data as TOML."""
    import tomli_w

    return tomli_w.dumps(data)


def parse_json(text: str) -> object:
    """Return what a text says as JSON; ValueError where it breaks its rules."""
    data = json.loads(
        text,
        parse_float=_decimal,
        parse_int=_integer,
        parse_constant=_refuse_constant,
        object_pairs_hook=_object,
    )
    if _SURROGATE.search(text):
        _refuse_half_characters(data)
    return data


# Written as an escape, half of a pair gets past the check for UTF-8.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _refuse_half_characters(data: object) -> None:
    try:
        json.dumps(data, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start]).strip("'")
        raise ValueError(Text("file.holds_half_a_character", code=half)) from None


MOST_PARTS = 50
"""A key of more parts is refused: each part is looked up below all parts before it."""

# Text that is no key first, unfinished or not, so that each character is met once.
_KEYS = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?(?:"""|\Z)'
    r"|'''[\s\S]*?(?:'''|\Z)"
    r"|#[^\n]*"
    r'|(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?)'
    r'(?:[ \t]*+\.[ \t]*+(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?))*+'
)
_PART = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|[\w-]++')


def _refuse_long_keys(text: str) -> None:
    for match in _KEYS.finditer(text):
        key = match.group()
        is_text = key.startswith(('"""', "'''", "#"))
        if not is_text and key.count(".") >= MOST_PARTS:
            parts = len(_PART.findall(key))
            if parts > MOST_PARTS:
                raise ValueError(Text("file.holds_a_key_of_more_than", most=MOST_PARTS))


def _parse_toml(text: str) -> object:
    _refuse_long_keys(text)
    return tomllib.loads(text, parse_float=_decimal)


def _integer(text: str) -> int | Decimal:
    # A longer number is refused where its field is known; int() would just be slow.
    return int(text) if len(text) <= _LONGEST_NUMBER else Decimal(text)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of nineteen digits and more
        raise ValueError(Text("file.holds_a_number_of_too_many")) from None


def _refuse_constant(text: str) -> object:
    raise ValueError(Text("file.is_not_a_number_that_can", text=text))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(Text("file.the_key_stands_there_twice", key=key[:60]))
            seen.add(key)
    return data


def _sentence(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        place = Text("file.line_column", line=error.lineno, column=error.colno)
        return about(place, heard("syntax", error.msg))
    text = heard("syntax", str(error))
    return Text("file.holds_a_number_of_too_many") if "digits" in text else text
