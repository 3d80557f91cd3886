"""Messages in Chinese: every sentence of the library has one, with the same names."""

import ast
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.errors import InputError, Problem, UnsupportedError
from sharematch.neutrality import audit
from sharematch.text.messages import (
    CHINESE,
    MAYBE,
    commands,
    error_text,
    files,
    plans,
    policies,
    records,
    seasons,
    speaker,
    standards,
    usage,
)

PACKAGE = Path(sm.__file__).parent
ERRORS = {"InputError", "InfeasibleError", "SolverError", "UnsupportedError"}
ERRORS |= {"ValueError", "BadParameter"}
SAID_AS = {"message", "hint", "detail"}
"""Parameters that take a sentence, wherever a function or record has one."""

SAME_IN_BOTH = re.compile(
    r"""(sharematch|weight=|pip)\ .* | "format":.* | \w*=\S* | [\w.]*[({].*[)}]\??
    | \{…\}\? | everyone | area | host""",
    re.VERBOSE,
)
"""Names, values and code, which stand as they are."""


class Sentences(ast.NodeVisitor):
    """Collects what a module says: templates with {} for what differs."""

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
        function = node.func
        name = getattr(function, "id", "") or getattr(function, "attr", "")
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
                pass  # a list of problems, what another error says, a value

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


def parameters(modules: Iterable[ast.Module]) -> dict[str, list[str]]:
    """Return the parameters of functions, and the fields of records, by their name."""
    found: dict[str, list[str]] = {}
    for node in (node for module in modules for node in ast.walk(module)):
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


def sentences() -> list[str]:
    """Return all that the package says when something is wrong."""
    modules = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")]
    known = parameters(modules)
    found: set[str] = set()
    for module in modules:
        # Some modules have functions of the same name; a module's own come first.
        found |= Sentences(module, {**known, **parameters([module])}).found
    return sorted(found)


def filled(template: str, values: Iterable[str]) -> str:
    """Return a template with values in place of {} or {names}."""
    rest = iter(values)
    return re.sub(r"\{\w*\}", lambda _: next(rest), template)


def marks(template: str) -> list[str]:
    return [f"⟦{i}⟧" for i in range(len(re.findall(r"\{\w*\}", template)))]


def parts_of(sentence: str) -> list[str]:
    """Return what is wrong, and what may mend it, with values in place."""
    return filled(sentence, marks(sentence)).split(MAYBE)


def is_told(text: str) -> bool:
    """Return whether a sentence is in Chinese, apart from what it is about."""
    subject, colon, rest = text.partition(": ")
    if SAME_IN_BOTH.fullmatch(text) or not re.search(
        "[a-z]", re.sub("⟦.*?⟧", "", text)
    ):
        return True
    say = speaker("zh")
    if say(text) not in (text, f"{say(subject)}: {say(rest)}"):
        return True
    is_name = re.fullmatch(r"\S+|[a-z_]+ ⟦\d+⟧", subject)
    return bool(colon) and is_told(rest) and (bool(is_name) or is_told(subject))


SENTENCES = sentences()

HURTING = [" and ", ": ", "must have ", "(", ")", " is ", ", row ", "{name}", "a", "\n"]


def test_the_sentences_of_the_package_are_found():
    assert len(SENTENCES) > 400
    assert {"is missing", "must be at least {}", "depth {}: must be 1 or more"} <= {
        *SENTENCES
    }


def test_each_sentence_has_chinese_words():
    english = [s for s in SENTENCES if not all(map(is_told, parts_of(s)))]
    assert english == []


def test_no_value_is_lost_in_chinese():
    for sentence in SENTENCES:
        values = marks(sentence)
        told = speaker("zh")(filled(sentence, values))
        assert [value for value in values if told.count(value) != 1] == [], sentence


def names(template: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", template)


def test_both_languages_have_the_same_names():
    for english, chinese in CHINESE.items():
        assert sorted(names(english)) == sorted(names(chinese))


def test_each_sentence_finds_its_own_words():
    for english, chinese in CHINESE.items():
        said = dict(zip(names(english), marks(english), strict=True))
        expected = filled(chinese, [said[name] for name in names(chinese)])
        assert speaker("zh")(filled(english, marks(english))) == expected


def test_no_sentence_stands_in_two_places():
    parts = (records, files, standards, policies, plans, seasons, usage, commands)
    assert sum(len(part.CHINESE) for part in parts) == len(CHINESE)


def test_a_problem_is_told_with_its_facts_as_they_are():
    problem = Problem("must not be negative", "slot", "must be text", "capacity", "-1")
    problem = replace(problem, source="slots.csv, row 2", hint="keep two")
    assert error_text(InputError([problem]), "zh") == (
        'slots.csv 第 2 行: 时段 "must be text": capacity -1: 不得为负数\n'
        "建议: 只保留一组"
    )
    assert error_text(InputError([problem]), "en") == str(InputError([problem]))
    refused = UnsupportedError("goal 1 (minimize cost): slack couples goals")
    assert error_text(refused, "zh") == "目标 1（minimize cost）: slack 使目标相互关联"


def test_what_is_wrong_with_a_proof_is_told():
    for text in said_by_yielding("plans/certificates/proof.py"):
        assert is_told(filled(text, marks(text))), text


def said_by_yielding(path: str) -> list[str]:
    """Return what a module yields or lists as wrong, rather than raising it."""
    module = ast.parse((PACKAGE / path).read_text("utf-8"))
    said = [
        ast.unparse(node)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and re.match(
            r"f?'(\{\w+\} )?(has|is|does|leaves|crosses) .*\w.$", ast.unparse(node)
        )
    ]
    assert len(said) > 10
    return [re.sub(r"\{.*?\}", "{}", text.lstrip("f")[1:-1]) for text in said]


def test_what_is_found_wrong_with_a_plan_is_told():
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a", max_units=1)],
        slots=[sm.Slot(id="s", facility="f", kinds=["h"], capacity=1)],
        needs=[sm.Need(id="n", community="a", kind="h", quantity=1)],
    )
    say = speaker("zh")
    found = sm.verify(town, [("s", "n", 2), ("s", "x", 1)], sm.Policy.fair())
    assert [say(str(violation)) for violation in found] == [
        "需求“x” 不在实例之中",
        "需求“n”: 服务 2 单位，申请 1 单位",
        "时段“s”: 使用 2 单位，名额 1",
        "设施“f”: 使用 2 单位，上限 1",
    ]


@given(st.lists(st.sampled_from(HURTING), max_size=2_000).map("".join))
@example(": " * 9_000)
@example("must have " * 90 + "x")
@example("a and " * 160 + "clash in " * 60)
def test_whatever_data_a_message_holds_it_is_told_soon(text: str):
    begin = time.perf_counter()
    assert speaker("zh")(text) or not text
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
            for text in filter(None, (change.change, change.reason)):
                assert is_told(text), text
