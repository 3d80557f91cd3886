"""What all records have in common: frozen values that keep their rules."""

from collections.abc import Callable, Iterable, Mapping
from inspect import Signature
from types import SimpleNamespace
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    TypeVar,
    get_type_hints,
)

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from sharematch.errors import InputError
from sharematch.model.problems import problems_of

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["Record", "RowRule", "Ruled", "Timed", "fast_init", "fill"]

Init = TypeVar("Init", bound=Callable[..., None])


def fast_init(init: Init) -> Init:
    """Keep pydantic on its fast path: records made from data need no call of this."""
    init.__dict__["__pydantic_base_init__"] = True
    return init


def fill(
    record: BaseModel,
    values: dict[str, Any],
    given: set[str],
    private: dict[str, Any] | None = None,
) -> None:
    """Give a new record all that pydantic keeps in one."""
    object.__setattr__(record, "__dict__", values)
    object.__setattr__(record, "__pydantic_fields_set__", given)
    object.__setattr__(record, "__pydantic_extra__", None)
    object.__setattr__(record, "__pydantic_private__", private)


class RowRule(NamedTuple):
    """What some fields of one record must keep between them.

    `check` gets their values in this order and raises InputError: a record calls it
    with its own, a table once with each different combination.
    """

    fields: tuple[str, ...]
    check: Callable[..., None]


class _PlainSignature:
    """The signature of a record as people read it: types, not what checks them."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def __get__(self, record: object, owner: type) -> Signature:
        whole: Signature = self.whole.__get__(record, owner)
        given = {p.name: p.annotation for p in whole.parameters.values()}
        plain = get_type_hints(SimpleNamespace(__annotations__=given))
        shown = [p.replace(annotation=plain[p.name]) for p in whole.parameters.values()]
        return whole.replace(parameters=shown)


class Record(BaseModel):
    """Base of all records and policy terms: frozen, no unknown fields.

    Every record that exists keeps its rules: copies with changes are checked, and
    `model_construct` checks like the constructor.

    Raises
    ------
    InputError
        At construction, with every wrong field named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    _label: ClassVar[str] = ""
    _rules: ClassVar[tuple[RowRule, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        type.__setattr__(
            cls, "__signature__", _PlainSignature(cls.__dict__["__signature__"])
        )

    @fast_init
    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise InputError(problems_of(error, type(self), fields)) from None

    @classmethod
    def model_construct(  # type: ignore[override]  # the plugin's has no values
        cls, _fields_set: set[str] | None = None, **values: Any
    ) -> Self:
        """Return a record of these values, checked like any other.

        Raises
        ------
        InputError
            With every wrong field named.
        """
        made = cls(**values)
        if _fields_set is not None:
            object.__setattr__(made, "__pydantic_fields_set__", _fields_set)
        return made

    @classmethod
    def made_of(cls, values: dict[str, Any], given: set[str]) -> Self:
        """Return a record of values that are checked; those of `given` were said."""
        made = cls.__new__(cls)
        fill(made, values, given)
        return made

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> Self:
        """Return a copy with some fields changed, checked anew.

        Raises
        ------
        InputError
            With every wrong field named.

        Examples
        --------
        >>> import sharematch as sm
        >>> station = sm.Facility(id="station", community="tianfeng")
        >>> station.model_copy(update={"opening_cost": 100}).opening_cost
        Decimal('100.00')
        """
        if not update:
            return super().model_copy(deep=deep)
        copied = type(self)(**{**self.__dict__, **update})
        given = self.model_fields_set | update.keys()
        object.__setattr__(copied, "__pydantic_fields_set__", given)
        return copied

    def copy(self, **changes: Any) -> Self:
        """Return `model_copy` of these changes."""
        return self.model_copy(**changes)

    @classmethod
    def label(cls) -> str:
        """Return the word messages use for this record."""
        return cls._label or cls.__name__.lower()

    @classmethod
    def row_rules(cls) -> tuple[RowRule, ...]:
        """Return what fields of one record must keep between them."""
        return cls._rules

    def __repr_args__(self) -> Iterable[tuple[str, object]]:
        return self._set_fields()

    def __str__(self) -> str:
        return repr(self)

    def _set_fields(self) -> Iterable[tuple[str, object]]:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value != field.default:
                yield name, value


class Ruled(Record):
    """A record some of whose fields depend on each other."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        values = self.__dict__
        for names, check in self._rules:
            check(*[values[name] for name in names])
        return self


class Timed(Ruled):  # noqa: PLW1641 (pydantic adds it to what is frozen)
    """A record with times; another is equal if its times are written alike.

    Python takes times of one instant for equal, but their days may differ.
    """

    _times: ClassVar[tuple[str, ...]] = ("start", "end")

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        return same if same is not True else _offsets(self) == _offsets(other)


def _offsets(record: Any) -> "list[timedelta | None]":
    times = [getattr(record, name) for name in record._times]  # noqa: SLF001 (its own)
    return [time and time.utcoffset() for time in times]
