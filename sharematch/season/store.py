"""A season in a database: its rounds, and an append-only log that shows every change.

The log is all there is: each entry says what was done to which round, holds the hash of
the entry before it, and names a document by the hash of its text. Every change is one
transaction, so it happened or it did not.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from sharematch.engine.solving import solve
from sharematch.errors import InputError
from sharematch.model.answers import Answer, answers_of, decide
from sharematch.model.base import Record
from sharematch.model.canonical import instance_data, policy_data, record_data
from sharematch.model.instance import Instance
from sharematch.model.lots import Commitment
from sharematch.model.needs import Past
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.plans.auditing.judging import check_claims
from sharematch.plans.auditing.verdict import Finding
from sharematch.plans.results.result import Result
from sharematch.season import replay, schema
from sharematch.season.audit import audit
from sharematch.season.decisions import resolve
from sharematch.season.ledger import Count, Rule, past_of, used_of
from sharematch.season.log import (
    START,
    Entry,
    entries_of,
    is_sealed,
    keep,
    last_of,
    names_of,
    next_state,
    text_of,
    wrong,
)
from sharematch.season.lottery import Draw, draw
from sharematch.text import Text, about

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

__all__ = ["Season"]

Found = TypeVar("Found")


class Season:
    """Rounds of one allocation, in a database.

    Parameters
    ----------
    url
        The path of an SQLite file, or a database URL such as
        ``postgresql://localhost/season``.

    Raises
    ------
    InputError
        Where there is no season, or one of another version.

    Examples
    --------
    >>> import tempfile
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=4)],
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     season = Season.create(f"{folder}/season.db")
    ...     season.open("spring", town)
    ...     plan = season.solve("spring")
    ...     season.finalize("spring")
    ...     season.close("spring")
    ...     [entry.action for entry in season.log()], season.audit()
    ...     season.past()
    (['open', 'solve', 'finalize', 'close'], ())
    (Past(community='tianfeng', served=3, demand=4),)
    """

    def __init__(self, url: str) -> None:
        self._engine: Engine = schema.connect(url)
        with schema.reading(self._engine) as connection:
            version = schema.version_of(connection)
        if version is None:
            raise InputError(
                "season.holds_no_season", record=str(url), hint="sharematch season init"
            )
        if version != schema.newest():
            raise InputError(
                "season.is_of_version_not",
                found=version,
                newest=schema.newest(),
                record=str(url),
                hint="season.sharematch_season_init_which_brings_it",
            )

    @classmethod
    def create(cls, url: str) -> "Season":
        """Make the tables where there are none, or bring them up to date."""
        schema.upgrade(schema.connect(url))
        return cls(url)

    # ---- what may be done

    def open(
        self,
        name: str,
        instance: Instance,
        policy: Policy | None = None,
        *,
        ledger: Rule | None = None,
    ) -> None:
        """Begin a round; with a ledger rule, what happened in closed rounds counts.

        Raises
        ------
        InputError
            For a name that is taken, or an instance that has a past of its own where
            the ledger is to give it one.
        """
        if not name or len(name) > 200:
            raise wrong(name, Text("season.must_be_a_name_of_1"))
        if ledger is not None and instance.past:
            raise wrong(
                name,
                Text("season.has_a_past_of_its_own"),
                Text("season.leave_it_or_the_ledger_out"),
            )
        policy = Policy.fair() if policy is None else policy
        data = {"instance": instance_data(instance), "policy": policy_data(policy)}
        details = {} if ledger is None else {"ledger": ledger.to_dict()}
        self._append(name, "open", data, details=details)

    def add(self, name: str, **records: Iterable[Any]) -> None:
        """Hand in more needs, slots or other records, by collection.

        Records or mappings are taken; all that is wrong is named, and then nothing is
        added.
        """
        data = {
            collection: [
                record_data(row) if isinstance(row, Record) else dict(row)
                for row in rows
            ]
            for collection, rows in records.items()
        }
        if unknown := sorted(data.keys() - COLLECTIONS.keys()):
            raise wrong(name, Text("season.is_no_kind_of_record", name=unknown[0]))

        def check(connection: Connection, entries: Sequence[Entry]) -> None:
            replay.instance_of(connection, name, entries, data)

        self._append(name, "add", data, check=check)

    def commit(self, name: str, seed_hash: str) -> None:
        """Keep the hash of the seed to draw with, while needs still come in.

        `lots.hash_of_seed(seed, name)` makes it, ``sharematch draw --commit`` tells it.
        The round's own name is the round of the draw.
        """
        if not re.fullmatch("sha256:[0-9a-f]{64}", seed_hash):
            raise wrong(
                name,
                Text("season.is_no_hash", text=seed_hash),
                Text("season.sha256_and_64_hex_digits"),
            )
        self._append(name, "commit", {"seed": seed_hash})

    def seal(self, name: str) -> Commitment:
        """Close the list of needs, and return the commitment to it, to be published."""

        def commitment(
            connection: Connection, entries: Sequence[Entry]
        ) -> dict[str, str]:
            return replay.commitment_of(connection, name, entries).to_dict()

        self._append(name, "seal", commitment)
        return self._read(replay.commitment_of, name)

    def draw(
        self,
        name: str,
        *,
        seed: str,
        time_limit: float | None = None,
        on_progress: Callable[..., None] | None = None,
    ) -> Draw:
        """Make the draft by lots, with the seed that was committed to.

        Raises
        ------
        InputError
            For another seed, or a round whose list is not sealed.
        """
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
            next_state(entries, name, "solve")
            if not is_sealed(entries, name):
                raise wrong(
                    name,
                    Text("season.its_list_is_not_sealed"),
                    Text("season.commit_seal_then_draw"),
                )
            town = replay.instance_of(connection, name, entries)
            policy = replay.policy_of(connection, name, entries)
            committed = replay.commitment_of(connection, name, entries)
        drawn = draw(
            town,
            policy,
            seed=seed,
            round=name,
            committed=committed,
            time_limit=time_limit,
            on_progress=on_progress,
        )
        self._keep_plan(name, drawn.result, last_of(entries, name))
        return drawn

    def solve(
        self,
        name: str,
        *,
        max_moved: Fraction | float | None = None,
        time_limit: float | None = None,
        seed: int = 0,
        on_progress: Callable[..., None] | None = None,
    ) -> Result:
        """Make the draft, or make it anew with all answers and little change.

        `max_moved` limits the units that leave their place, as in `resolve`.

        Nothing is locked while it is solved; if the round has changed by then, nothing
        is stored.
        """
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
            next_state(entries, name, "solve")
            if is_sealed(entries, name):
                raise wrong(name, Text("season.its_list_is_sealed_lots_decide"))
            town = replay.instance_of(connection, name, entries)
            policy = replay.policy_of(connection, name, entries)
            previous = replay.result_of(connection, name, entries)
            answers = replay.answers_to(connection, name, entries)
        options: dict[str, Any] = {
            "time_limit": time_limit,
            "seed": seed,
            "on_progress": on_progress,
        }
        if previous is None:
            result = solve(town, policy, **options)
        else:
            is_drawn = "draw" in previous.provenance  # then the same lots go on
            result = resolve(
                previous if is_drawn else previous.allocation,
                answers,
                instance=town,
                policy=policy,
                max_moved=max_moved,
                **options,
            ).result
        self._keep_plan(name, result, last_of(entries, name))
        return result

    def _keep_plan(self, name: str, result: Result, seen: Entry | None) -> None:
        """Store a plan unless the round has changed since."""

        def check(_connection: Connection, now: Sequence[Entry]) -> None:
            if last_of(now, name) != seen:
                raise wrong(
                    name,
                    Text("season.has_changed_while_it_was_solved"),
                    Text("season.solve_again"),
                )

        self._append(name, "solve", result.to_dict(), check=check)

    def decide(self, name: str, answers: Iterable[Any]) -> None:
        """Hand in what hosts and residents say to the draft: see `season.Answer`."""
        given = answers_of(answers, self.instance(name))
        if not given:
            raise wrong(name, Text("season.there_are_no_answers"))
        data = {"answers": [answer.to_dict() for answer in given]}

        def check(connection: Connection, entries: Sequence[Entry]) -> None:
            decide(replay.instance_of(connection, name, entries), given)

        self._append(name, "decide", data, check=check)

    def finalize(self, name: str) -> None:
        """Make the newest plan final.

        Raises
        ------
        InputError
            Where something was handed in after it, or it does not hold.
        """

        def check(connection: Connection, entries: Sequence[Entry]) -> None:
            round_entries = [entry for entry in entries if entry.round == name]
            if round_entries[-1].action != "solve":
                raise wrong(
                    name,
                    Text("season.came_after_the_plan", action=round_entries[-1].action),
                    Text("season.solve_first"),
                )
            result = replay.result_of(connection, name, entries)
            assert result is not None
            if not result.status.has_plan:
                raise wrong(name, Text("season.there_is_no_plan", status=result.status))
            if findings := check_claims(
                replay.instance_of(connection, name, entries), result
            ):
                raise wrong(
                    name, about(Text("season.the_plan_does_not_hold"), str(findings[0]))
                )

        self._append(name, "finalize", check=check)

    def usage(self, name: str, used: Iterable[Any]) -> None:
        """Hand in how many units were really used; of a pair, the last word counts."""
        rows = used_of(used)
        if not rows:
            raise wrong(name, Text("season.there_is_no_usage"))
        data = {"usage": [row.to_dict() for row in rows]}

        def check(connection: Connection, entries: Sequence[Entry]) -> None:
            replay.counts_in(connection, name, entries, rows)

        self._append(name, "usage", data, check=check)

    def close(self, name: str) -> None:
        """End a round: what everybody asked for, got and used goes into the ledger."""

        def counts(connection: Connection, entries: Sequence[Entry]) -> dict[str, Any]:
            return {
                "counts": [
                    asdict(c) for c in replay.counts_in(connection, name, entries)
                ]
            }

        self._append(name, "close", counts)

    # ---- what is there

    def rounds(self) -> tuple[replay.Round, ...]:
        """Return how each round stands, in the order in which they were opened."""
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
            names = dict.fromkeys(entry.round for entry in entries)
            return tuple(replay.round_of(connection, name, entries) for name in names)

    def log(self, name: str | None = None) -> tuple[Entry, ...]:
        """Return the entries of the log, of one round or of all."""
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
        return tuple(e for e in entries if name in (None, e.round))

    def instance(self, name: str) -> Instance:
        """Return the records of a round, with all that was added and its past."""
        return self._read(replay.instance_of, name)

    def policy(self, name: str) -> Policy:
        """Return the policy of a round."""
        return self._read(replay.policy_of, name)

    def answers(self, name: str) -> tuple[Answer, ...]:
        """Return all that was said to the drafts of a round."""
        return self._read(replay.answers_to, name)

    def result(self, name: str) -> Result:
        """Return the newest plan of a round.

        Raises
        ------
        InputError
            Where there is none.
        """
        newest = self._read(replay.result_of, name)
        if newest is None:
            raise wrong(
                name, Text("season.there_is_no_plan_yet"), Text("season.solve_first")
            )
        return newest

    def counts(self) -> tuple[tuple[Count, ...], ...]:
        """Return what everybody asked for, got and used in each closed round."""
        with schema.reading(self._engine) as connection:
            return replay.history_of(connection, entries_of(connection))

    def past(
        self, rule: Rule | None = None, instance: Instance | None = None
    ) -> tuple[Past, ...]:
        """Return what of the closed rounds counts for a round to come."""
        return past_of(self.counts(), rule, instance)

    def audit(self, head: str | None = None) -> tuple[Finding, ...]:
        """Return everything that shows a changed past; empty if nothing does.

        The chain of hashes, every document's hash, the order of states and every plan
        are recomputed. Who rewrites the whole log can only be found out by a hash that
        was written down elsewhere: `head`, that of any entry.
        """
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
            return audit(connection, entries, head)

    def _read(
        self, read: Callable[[Connection, str, Sequence[Entry]], Found], name: str
    ) -> Found:
        with schema.reading(self._engine) as connection:
            entries = entries_of(connection)
            if last_of(entries, name) is None:
                raise wrong(
                    name, Text("season.is_no_round_of_this_season"), names_of(entries)
                )
            return read(connection, name, entries)

    def _append(
        self,
        name: str,
        action: str,
        data: Any = None,
        *,
        details: Mapping[str, Any] | None = None,
        check: Callable[[Connection, Sequence[Entry]], None] | None = None,
    ) -> None:
        with schema.writing(self._engine) as connection:
            entries = entries_of(connection)
            state = next_state(entries, name, action)
            if check is not None:
                check(connection, entries)
            if callable(data):
                data = data(connection, entries)
            entry = Entry(
                position=len(entries) + 1,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                round=name,
                action=action,
                state=state,
                document="" if data is None else keep(connection, text_of(data)),
                details=text_of(dict(details or {})),
                previous=entries[-1].hash if entries else START,
                hash="",
            )
            row = asdict(entry) | {"hash": entry.computed()}
            row["document"] = row["document"] or None
            connection.execute(schema.log.insert().values(row))
