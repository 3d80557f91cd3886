"""Databases by SQLAlchemy (extra `sql`): a table for each collection, as in CSV.

Tables and columns are named as collections and fields; a location is two columns, sets
and lists are text separated by ";" (or arrays, where a database has them).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.base import Record
from sharematch.model.canonical import instance_data
from sharematch.model.cells import LOCATION_COLUMNS, cell_text
from sharematch.model.extras import install
from sharematch.model.instance import Instance
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text, about

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from sharematch.plans.allocation import Allocation

    Database = str | Engine | Connection

__all__ = ["read_sql", "write_sql", "write_sql_assignments"]


@typed
def read_sql(
    database: "str | Engine | Connection", *, prefix: str = "", **rest: Any
) -> Instance:
    """Read an instance from the tables of a database; none of them is changed.

    Parameters
    ----------
    database
        A URL such as "postgresql+psycopg://…", an engine, or a connection.
    prefix
        What the names of the tables begin with, before "needs", "slots", …
    rest
        `name`, `travel` and `currency` of the instance, which stand in no table.

    Raises
    ------
    InputError
        When there is no such table, the database cannot be read, or with everything
        that is wrong in its rows, as `Instance.from_tables`.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(communities=[sm.Community(id="lianqiao", tags=["old"])])
    >>> with _module().create_engine("sqlite://").connect() as connection:
    ...     write_sql(town, connection)
    ...     read_sql(connection) == town
    True
    """
    module = _module()
    tables: dict[str, Any] = {}
    with _connection(database) as connection:
        known = module.inspect(connection)
        present = {*known.get_table_names(), *known.get_view_names()}
        for collection in COLLECTIONS:
            if prefix + collection not in present:
                continue
            table = module.Table(
                prefix + collection, module.MetaData(), autoload_with=connection
            )
            rows = connection.execute(module.select(table)).all()
            tables[collection] = {
                column.name: [row[number] for row in rows]
                for number, column in enumerate(table.columns)
            }
    if not tables:
        hint = Text("database.is_one_of_them", table=f"{prefix}needs")
        raise InputError([Problem("database.holds_no_table_of_an_instance", hint=hint)])
    return Instance.from_tables(**tables, **rest)


@typed
def write_sql(
    instance: Instance, database: "str | Engine | Connection", *, prefix: str = ""
) -> None:
    """Write the records of an instance into new tables, in one transaction.

    Raises
    ------
    InputError
        When one of the tables is there already, or the database cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> database = f"sqlite:///{Path(mkdtemp()) / 'town.db'}"
    >>> sm.io.write_sql(town, database)
    >>> sm.io.read_sql(database) == town
    False
    """
    module = _module()
    data = instance_data(instance)
    metadata = module.MetaData()
    location = LOCATION_COLUMNS[instance.travel.metric == "geo"]
    filled = []
    for collection, record in COLLECTIONS.items():
        rows = [_row(row, record, location) for row in data.get(collection, ())]
        names = dict.fromkeys(name for row in rows for name in row)
        if not names:
            continue
        columns = [module.Column(name, _type(module, name, rows)) for name in names]
        table = module.Table(prefix + collection, metadata, *columns)
        filled.append((table, [{**dict.fromkeys(names), **row} for row in rows]))
    with _connection(database) as connection:
        present = module.inspect(connection).get_table_names()
        if taken := sorted(set(present) & {table.name for table, _ in filled}):
            raise InputError([Problem("file.is_there_already", "table", taken[0])])
        metadata.create_all(connection)
        for table, rows in filled:
            connection.execute(table.insert(), rows)


@typed
def write_sql_assignments(
    allocation: "Allocation",
    database: "str | Engine | Connection",
    *,
    table: str = "assignments",
) -> None:
    """Write a plan into a table, in place of what it held, in one transaction.

    Others see the old plan or the new one, never a part. The table has the columns
    `slot`, `need` and `quantity`, with bookings in openings `start` and `end` as text;
    it is made if it is not there. With a connection, the transaction is the caller's.

    Raises
    ------
    InputError
        When the database cannot be written; it is as it was then.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> database = f"sqlite:///{Path(mkdtemp()) / 'town.db'}"
    >>> sm.io.write_sql_assignments(result.allocation, database)
    """
    module = _module()
    times = ("start", "end") if allocation.has_bookings else ()
    place = module.Table(
        table,
        module.MetaData(),
        module.Column("slot", module.Text, nullable=False),
        module.Column("need", module.Text, nullable=False),
        module.Column("quantity", module.BigInteger, nullable=False),
        *(module.Column(name, module.Text) for name in times),
    )
    none = dict.fromkeys(times)
    rows = [none | row for row in allocation.to_rows()]
    with _connection(database) as connection:
        place.create(connection, checkfirst=True)
        connection.execute(place.delete())
        if rows:
            connection.execute(place.insert(), rows)


def _module() -> Any:
    try:
        import sqlalchemy
    except ImportError:
        hint = install("sql")
        raise InputError(
            [Problem("database.databases_need_sqlalchemy", hint=hint)]
        ) from None
    return sqlalchemy


@contextmanager
def _connection(database: "str | Engine | Connection") -> Iterator[Any]:
    """Yield a connection in a transaction; the caller's own is left open."""
    module = _module()
    try:
        if isinstance(database, module.Connection):
            yield database
            return
        engine: Any = database
        if isinstance(database, str):
            engine = module.create_engine(database, poolclass=module.NullPool)
        with engine.begin() as connection:
            yield connection
    except (module.exc.SQLAlchemyError, ImportError, UnicodeError, OverflowError) as e:
        # Not its whole text: that holds the statement and rows of data.
        cause = getattr(e, "orig", None) or e
        what = f"{type(cause).__name__}: {cause}".partition("\n")[0][:284]
        message = about(Text("database.cannot_be_used"), what)
        raise InputError([Problem(message, "database")]) from e


def _row(
    row: Mapping[str, Any], record: type[Record], location: tuple[str, str]
) -> dict[str, Any]:
    """Return the columns of a record: numbers as they are, all else as in cells."""
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if name == "location":
            cells |= dict(zip(location, map(float, value), strict=True))
        elif type(value) in (int, bool) and name != "share":
            cells[name] = value
        else:
            cells[name] = cell_text(row, name, record)
    return cells


def _type(module: Any, name: str, rows: list[dict[str, Any]]) -> Any:
    types = {type(row[name]) for row in rows if name in row}
    if types == {bool}:
        return module.Boolean
    if types == {int}:
        return module.BigInteger
    return module.Double if types == {float} else module.Text
