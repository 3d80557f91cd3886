"""The catalogs: codes, names of values, forms, and nothing said in code itself."""

import ast
import pickle
import re
import string
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.errors import InputError, Problem, UnsupportedError
from sharematch.neutrality import audit
from sharematch.text import LANGUAGES, Text, about, heard, say, text_of, told
from sharematch.text.catalog import Entry, form_for, section, sections

PACKAGE = Path(sm.__file__).parent
ERRORS = {"InputError", "InfeasibleError", "SolverError", "UnsupportedError"}
ERRORS |= {"ValueError", "BadParameter", "Problem"}
SAID_AS = {"message", "hint", "detail"}
"""Parameters that take a sentence, wherever a function or record has one."""

SAYING = {"Text", "say", "text", "text_of", "about", "InputError", "Problem"}
SAYING |= {"InfeasibleError", "SolverError", "UnsupportedError"}
"""What takes a code and its values."""

OF_PROBLEMS = {"message", "record", "id", "field", "value", "hint", "source"}

HEARD = {"usage", "system", "syntax"}
"""Sections that are looked up by their English."""

SAME_IN_BOTH = re.compile(
    r"""(sharematch|weight=|pip|season)\ .* | "format":.* | \w*=\S*
    | [\w.]*[({].*[)}]\?? | [A-Z]\w+\ .*[=(].*
    | everyone | area | host""",
    re.VERBOSE,
)
"""Names, values and code, which stand as they are."""


@cache
def entries(lang: str) -> dict[str, Entry]:
    return {
        f"{name}.{key}": entry
        for name in sections(lang)
        for key, entry in section(lang, name).items()
    }


def forms(entry: Entry) -> list[str]:
    return entry if isinstance(entry, list) else [entry]


def names(entry: Entry) -> set[str]:
    """Return the names of values in an entry; a number may be told by the form."""
    parse = string.Formatter().parse
    found = {
        name.partition(".")[0]
        for text in forms(entry)
        for _, name, *_ in parse(text)
        if name
    }
    return found - {"n"} if isinstance(entry, list) else found


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text("utf-8"))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


# ── both files ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_is_toml_and_has_each_section_once(lang: str):
    text = (PACKAGE / "text" / f"{lang}.toml").read_text("utf-8")
    whole = tomllib.loads(text)
    assert {name: section(lang, name) for name in sections(lang)} == {
        name: part for name, part in whole.items() if isinstance(part, dict)
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_what_english_says(lang: str):
    assert entries(lang).keys() == entries("en").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_names_the_same_values(lang: str):
    other = {code: names(entry) for code, entry in entries(lang).items()}
    assert other == {code: names(entry) for code, entry in entries("en").items()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_entry_has_a_form_for_every_number(lang: str):
    most = max(form_for(number, lang) for number in range(1_000))
    for code, entry in entries(lang).items():
        if isinstance(entry, list):
            assert len(entry) == most + 1, code


# ── what the code says ───────────────────────────────────────────────────────────────


@cache
def codes_in_code() -> tuple[set[str], set[str]]:
    """Return the codes in the package, and patterns of those made at run time."""
    known = "|".join(sections("en"))
    whole, part = re.compile(rf"({known})\.\w+"), re.compile(rf"({known})\.\w*")
    files = re.compile(r".*\.(json|toml|csv|html)")
    codes: set[str] = set()
    patterns: set[str] = set()
    for _, module in modules():
        inside = {
            id(piece)
            for node in ast.walk(module)
            if isinstance(node, ast.JoinedStr)
            for piece in node.values
        }
        for node in ast.walk(module):
            match node:
                case ast.Constant(value=str(text)) if id(node) not in inside:
                    if whole.fullmatch(text) and not files.fullmatch(text):
                        codes.add(text)
                case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                    if part.fullmatch(text):
                        patterns.add(_pattern(node))
    return codes, patterns


def _pattern(node: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
        for part in node.values
    )


def test_every_code_in_use_is_in_the_catalog():
    codes, patterns = codes_in_code()
    assert len(codes) > 400
    assert sorted(codes - entries("en").keys()) == []
    for pattern in patterns:
        assert any(re.fullmatch(pattern, code) for code in entries("en")), pattern


def test_every_entry_is_in_use():
    """By its code, by a part of it that stands in code, or as a word on the page."""
    codes, patterns = codes_in_code()
    wild = {pattern for pattern in patterns if re.fullmatch(r"\w+\\\.\\w\+", pattern)}
    files = (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"))
    words = {w for path in files for w in re.findall(r"\w+", path.read_text("utf-8"))}
    unused = [
        code
        for code in entries("en").keys() - codes
        if code.partition(".")[0] not in HEARD
        and not any(re.fullmatch(pattern, code) for pattern in patterns - wild)
        and not (
            any(re.fullmatch(pattern, code) for pattern in wild)
            and code.partition(".")[2] in words
        )
    ]
    assert sorted(unused) == []


def test_every_name_in_an_entry_is_given():
    wrong = []
    for path, module in modules():
        for call in ast.walk(module):
            if not isinstance(call, ast.Call) or name_of(call) not in SAYING:
                continue
            place = 1 if name_of(call) == "about" else 0
            match call.args[place : place + 1]:
                case [ast.Constant(value=str(code))] if code in entries("en"):
                    given = {word.arg for word in call.keywords}
                    if None in given:  # **values
                        continue
                    if name_of(call) in ("InputError", "Problem"):
                        given -= OF_PROBLEMS
                    if given - {"n"} != names(entries("en")[code]) - {"n"}:
                        wrong.append((str(path), call.lineno, code))
    assert wrong == []


class Sentences(ast.NodeVisitor):
    """Collects what a module says itself: templates with {} for what differs."""

    def __init__(self, module: ast.Module, known: dict[str, list[str]]) -> None:
        self.known = known
        self.found: set[str] = set()
        self._function: ast.AST = module
        self.visit(module)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._function = self._function, node
        self.generic_visit(node)
        self._function = outer

    def visit_Call(self, node: ast.Call) -> None:
        name = name_of(node)
        said = list(node.args[:1]) if name in ERRORS else []
        for parameter, argument in zip(
            self.known.get(name, ()), node.args, strict=False
        ):
            if parameter in SAID_AS and not isinstance(argument, ast.Starred):
                said.append(argument)
        said += [word.value for word in node.keywords if word.arg in SAID_AS]
        for argument in said:
            self.found.update(self._templates(argument))
        self.generic_visit(node)

    def _templates(self, node: ast.expr) -> Iterator[str]:
        """Yield what an expression may say; "{}" for what only a run can tell."""
        match node:
            case ast.Constant(value=str(text)):
                yield text or "{}"
            case ast.JoinedStr(values=parts):
                texts = [""]
                for part in parts:
                    more = [*self._templates(part)] or ["{}"]
                    texts = [text + end for text in texts for end in more]
                yield from texts
            case ast.FormattedValue(value=value):
                yield from self._templates(value)
            case ast.IfExp(body=one, orelse=other):
                yield from self._templates(one)
                yield from self._templates(other)
            case ast.Name(id=name):
                yield from self._assigned(name)
            case _:
                pass  # a text, a list of problems, what another error says, a value

    def _assigned(self, name: str) -> Iterator[str]:
        for node in ast.walk(self._function):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value):
                    if found == name:
                        yield from self._templates(value)
                case ast.Assign(
                    targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)
                ):
                    for target, value in zip(names, values, strict=True):
                        if isinstance(target, ast.Name) and target.id == name:
                            yield from self._templates(value)


def parameters(module: ast.Module) -> dict[str, list[str]]:
    """Return the parameters of functions, and the fields of records, by their name."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(module):
        names: list[str] = []
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
        elif isinstance(node, ast.ClassDef):
            parts = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            names = [ast.unparse(part.target) for part in parts]
        if SAID_AS & set(names):
            assert isinstance(node, ast.FunctionDef | ast.ClassDef)
            found[node.name] = names[1:] if names[0] == "self" else names
    return found


def is_prose(sentence: str) -> bool:
    """Return whether somebody would have to translate it."""
    if sentence in entries("en") or SAME_IN_BOTH.fullmatch(sentence):
        return False
    words = re.findall(r"[a-z]{2,}", sentence)
    return len(words) > 1 or (len(words) == 1 and sentence == words[0])


def test_errors_and_findings_are_codes():
    known: dict[str, list[str]] = {}
    for _, module in modules():
        known |= parameters(module)
    said = {
        (str(path), sentence)
        for path, module in modules()
        for sentence in Sentences(module, {**known, **parameters(module)}).found
    }
    assert len(said) > 200
    assert sorted(pair for pair in said if is_prose(pair[1])) == []


# ── saying ───────────────────────────────────────────────────────────────────────────


def test_a_number_chooses_the_form():
    assert [say("remark.slots", n=n) for n in (0, 1, 2)] == [
        "0 slots",
        "1 slot",
        "2 slots",
    ]
    assert say("remark.slots", "zh", n=1) == "1 个时段"


def test_what_a_language_lacks_is_said_in_english():
    assert say("remark.slots", "xx", n=2) == "2 slots"
    assert say("tier.borough", "zh") == "borough"
    assert text_of("no such thing. at all") == "no such thing. at all"


def test_a_text_is_its_english_and_remembers_the_rest():
    text = about(Text("policy.goal", number=2), "coupling.slack_couples_goals")
    assert text == "goal 2: slack couples goals"
    for same in (text, pickle.loads(pickle.dumps(text)), str(ValueError(text))):
        assert told(same, "zh") == "目标 2：slack 使目标相互关联"


def test_values_with_braces_stand_as_they_are():
    text = Text("value.must_be", expected="{odd} {0} }{")
    assert text == "must be {odd} {0} }{"
    assert told(text, "zh") == "必须是 {odd} {0} }{"


def test_nothing_is_read_before_anything_is_said():
    code = "import sharematch, sys; print('tomllib' in sys.modules)"
    from subprocess import run  # noqa: PLC0415
    from sys import executable  # noqa: PLC0415

    done = run([executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_a_problem_is_told_with_its_facts_as_they_are():
    code = "value.must_not_be_negative"
    problem = Problem(code, "slot", "must be text", "capacity", "-1")
    source = Text("place.row", file="slots.csv", row=2)
    problem = replace(problem, source=source, hint="table.keep_two")
    error = InputError([problem])
    for same in (error, pickle.loads(pickle.dumps(error))):
        assert same.problems[0].code == code
        assert str(same) == same.text()
        assert same.text().splitlines() == [
            'slots.csv, row 2: slot "must be text": capacity -1: must not be negative',
            "Maybe keep two",
        ]
        assert same.text("zh").splitlines() == [
            "slots.csv 第 2 行：时段“must be text”：capacity -1：不得为负数",
            "建议：只保留一组",
        ]


def test_errors_of_others_say_what_they_are_given():
    assert str(InputError("my own words")) == "my own words"
    assert InputError("my own words").text("zh") == "my own words"
    refused = UnsupportedError(
        about("slot", "coupling.couples_needs_or_slots", field="x")
    )
    assert refused.text("zh") == "slot：x 使需求或时段相互关联"
    assert pickle.loads(pickle.dumps(refused)).text("zh") == refused.text("zh")


def test_what_is_found_wrong_with_a_plan_is_told():
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a", max_units=1)],
        slots=[sm.Slot(id="s", facility="f", kinds=["h"], capacity=1)],
        needs=[sm.Need(id="n", community="a", kind="h", quantity=1)],
    )
    found = sm.verify(town, [("s", "n", 2), ("s", "x", 1)], sm.Policy.fair())
    assert [told(str(violation), "zh") for violation in found] == [
        "需求“x”不在实例之中",
        "需求“n”：安排 2 个名额，申请 1 个",
        "时段“s”：使用 2 个名额，共有 1 个",
        "设施“f”：使用 2 个名额，上限 1 个",
    ]


HURTING = [" and ", ": ", "must have ", "(", ")", " is ", ", row ", "{name}", "a", "\n"]


@given(st.lists(st.sampled_from(HURTING), max_size=2_000).map("".join))
@example(": " * 9_000)
@example("Invalid value for " * 50 + "x")
@example("No such option: " * 60)
def test_whatever_others_say_it_is_heard_soon(text: str):
    begin = time.perf_counter()
    for name in HEARD:
        assert heard(name, text) == text
    assert time.perf_counter() - begin < 5


def test_an_audit_gives_its_reasons():
    towns = [
        sm.Instance(),
        sm.Instance(
            communities=[sm.Community(id="a")],
            facilities=[sm.Facility(id="f", community="a")],
            slots=[sm.Slot(id="s", facility="f", kinds=["h"], capacity=1)],
            needs=[sm.Need(id="n", community="a", kind="h", quantity=2)],
        ),
    ]
    floor = sm.Policy(rules=[sm.AtLeast("served", 1, by="community")])
    for town, policy in product(
        towns, (sm.Policy.fair(), sm.Policy.first_come(), floor)
    ):
        for change in audit(town, policy).changes:
            assert isinstance(change.reason, Text) or not change.reason
            assert isinstance(change.change, Text) or say(
                f"audit.{change.change}", "zh"
            ) != say(f"audit.{change.change}")
