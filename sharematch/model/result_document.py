"""What a result looks like in a file: checked before anything in it is used."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sharematch.errors import InputError
from sharematch.model.numbers import exact
from sharematch.model.problems import problems_of

__all__ = ["check_result"]

Count = Annotated[int, Field(ge=0)]


def _number(value: int | str) -> int | str:
    exact(value)
    return value


Number = Annotated[int | str, AfterValidator(_number)]
"""A count; a ratio or an amount of money as text."""


class _Row(BaseModel):
    """One group, and its measures by name."""

    model_config = ConfigDict(strict=True, extra="allow")
    # How pydantic is told the type of further fields.
    __pydantic_extra__: dict[str, Number]  # pyright: ignore[reportIncompatibleVariableOverride]

    id: str


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Unmet(_Part):
    need: str
    quantity: Count
    reason: str
    code: str = ""


class _Term(_Part):
    kind: str
    text: str
    rule: Count | None = None
    need: str = ""
    slot: str = ""
    code: str = ""
    quantity: Count | None = None
    relaxed: str = ""
    remains: bool = False
    least: Count | None = None
    asked: Count | None = None
    places: Count | None = None


class _Result(_Part):
    """The parts that are no records with a check of their own."""

    status: str
    structure: str
    measures: dict[str, Number]
    by: dict[str, list[_Row]]
    unmet: list[_Unmet]
    certificate: dict[str, Any] | None
    conflict: list[_Term] | None
    provenance: dict[str, Any]
    warnings: list[str] = []

    @classmethod
    def label(cls) -> str:
        """Return what messages call it."""
        return "result"


def check_result(document: Mapping[str, Any]) -> None:
    """Raise InputError, naming each field, for a document of another shape."""
    try:
        _Result.model_validate(dict(document))
    except ValidationError as error:
        raise InputError(problems_of(error, _Result, ())) from None
