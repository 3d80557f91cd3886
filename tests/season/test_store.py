"""Rounds in a database: their order, what they hold, and that a changed past shows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import sharematch as sm
from sharematch.errors import InputError
from sharematch.lots import hash_of_seed
from sharematch.season import Answer, Rule, Season, Used, commitment, schema
from sharematch.season.log import POSSIBLE, START, entries_of, keep, text_of
from tests.season.towns import play, town

SEED = hash_of_seed("first frost", "spring")


def solved(season: Season) -> object:
    """Solve, or draw where lots are to decide."""
    if any(entry.state == "sealed" for entry in season.log("spring")[-1:]):
        return season.draw("spring", seed="first frost")
    return season.solve("spring")


ACTIONS: dict[str, Callable[[Season], object]] = {
    "open": lambda season: season.open("spring", town()),
    "add": lambda season: season.add(
        "spring", needs=[sm.Need(id="new", community="lianqiao", kind="health")]
    ),
    "commit": lambda season: season.commit("spring", SEED),
    "seal": lambda season: season.seal("spring"),
    "solve": solved,
    "decide": lambda season: season.decide("spring", [Answer("t", "mon", "declined")]),
    "finalize": lambda season: season.finalize("spring"),
    "usage": lambda season: season.usage("spring", [used_of(season)]),
    "close": lambda season: season.close("spring"),
}
WAY = {
    "": (),
    "open": ("open",),
    "committed": ("open", "commit"),
    "sealed": ("open", "commit", "seal"),
    "draft": ("open", "solve"),
    "objections": ("open", "solve", "decide", "solve"),
    "final": ("open", "solve", "finalize"),
    "closed": ("open", "solve", "finalize", "close"),
}


def used_of(season: Season) -> Used:
    first = next(iter(season.result("spring").allocation))
    return Used(first.need, first.slot, 0)


@pytest.fixture
def season(url: str) -> Season:
    return Season.create(url)


def test_a_whole_round(season: Season):
    play(season, "spring")
    (stands,) = season.rounds()
    assert (stands.state, stands.possible, stands.is_settled) == ("closed", (), True)
    assert (stands.status, stands.served, stands.demand) == ("optimal", 6, 9)
    actions = [entry.action for entry in season.log("spring")]
    assert actions == [
        *("open", "add", "solve", "decide", "solve", "finalize", "usage", "close"),
    ]
    assert season.audit() == ()
    assert len(season.instance("spring").needs) == 3
    assert season.policy("spring") == sm.Policy.fair()
    assert len(season.answers("spring")) == 1
    declined = season.answers("spring")[0]
    kept = {(a.need, a.slot) for a in season.result("spring").allocation}
    assert (declined.need, declined.slot) not in kept


@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("action", ACTIONS)
def test_order(tmp_path: Path, state: str, action: str):
    season = Season.create(str(tmp_path / "season.db"))
    for step in WAY[state]:
        ACTIONS[step](season)
    if action in POSSIBLE[state]:
        ACTIONS[action](season)
        assert season.log()[-1].state == POSSIBLE[state][action]
        assert season.audit() == ()
        return
    before = season.log()
    expected = f"cannot {action}: it is {state}" if state else "is no round"
    if action == "usage" and state in ("", "open", "committed", "sealed"):
        expected = "is no round" if not state else "there is no plan yet"
    with pytest.raises(sm.SharematchError, match=expected):
        ACTIONS[action](season)
    assert season.log() == before


def test_what_is_possible_is_told(season: Season):
    season.open("spring", town())
    with pytest.raises(sm.SharematchError, match="Maybe add, solve"):
        season.finalize("spring")
    with pytest.raises(sm.SharematchError, match="Maybe spring"):
        season.solve("sprint")


def test_nothing_is_added_where_something_is_wrong(season: Season):
    season.open("spring", town())
    fine = sm.Need(id="fine", community="lianqiao", kind="health")
    with pytest.raises(sm.SharematchError, match='need "t"'):
        season.add("spring", needs=[fine, {"id": "t", "community": "b", "kind": "x"}])
    with pytest.raises(sm.SharematchError, match="wishes is no kind of record"):
        season.add("spring", wishes=[fine])
    assert len(season.log()) == 1


def test_answers_must_name_what_is_there(season: Season):
    season.open("spring", town())
    season.solve("spring")
    with pytest.raises(sm.SharematchError, match="nobody"):
        season.decide("spring", [Answer("nobody", "mon", "declined")])
    with pytest.raises(sm.SharematchError, match="no answers"):
        season.decide("spring", [])


def test_a_plan_must_take_in_what_came_after_it(season: Season):
    season.open("spring", town())
    season.solve("spring")
    ACTIONS["add"](season)
    assert not season.rounds()[0].is_settled
    with pytest.raises(sm.SharematchError, match="add came after the plan"):
        season.finalize("spring")
    season.solve("spring")
    season.finalize("spring")


def test_a_plan_that_cannot_be_is_not_made_final(season: Season):
    nobody = sm.AtMost("served", 0)
    some = sm.AtLeast("served", 1)
    season.open("spring", town(), sm.Policy(rules=[nobody, some]))
    assert season.solve("spring").status is sm.Status.INFEASIBLE
    with pytest.raises(sm.SharematchError, match="there is no plan: infeasible"):
        season.finalize("spring")
    assert season.audit() == ()


def test_what_changes_while_it_is_solved_is_not_lost(season: Season):
    season.open("spring", town())

    def meddle(_progress: object) -> None:
        if len(season.log()) == 1:
            ACTIONS["add"](season)

    with pytest.raises(sm.SharematchError, match="has changed while it was solved"):
        season.solve("spring", on_progress=meddle)
    assert [entry.action for entry in season.log()] == ["open", "add"]


def test_the_ledger_lifts_who_got_little(season: Season):
    uneven = town()
    alone = uneven.slots[0].model_copy(update={"share": 0})
    season.open("spring", uneven.replace(slots=(alone,)))
    season.solve("spring")
    season.finalize("spring")
    season.close("spring")
    assert [(p.served, p.demand) for p in season.past()] == [(0, 4), (3, 4)]
    season.open("summer", town(), ledger=Rule())
    by = {row["id"]: row["served"] for row in season.solve("summer").by("community")}
    assert by == {"lianqiao": 4, "tianfeng": 2}
    assert season.audit() == ()


def test_a_past_of_its_own_and_the_ledger_do_not_mix(season: Season):
    past = [sm.Past(community="tianfeng", served=1, demand=2)]
    with pytest.raises(sm.SharematchError, match="has a past of its own"):
        season.open("spring", town().replace(past=past), ledger=Rule())


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_names_of_rounds(season: Season, name: str):
    with pytest.raises(sm.SharematchError, match="1 to 200 characters"):
        season.open(name, town())


CHANGES = (
    "UPDATE log SET at = '2020-01-01T00:00:00+00:00' WHERE position = 2",
    "UPDATE log SET action = 'finalize' WHERE position = 2",
    "UPDATE log SET round = 'other' WHERE position = 2",
    "UPDATE log SET details = '{\"seed\"\\:1}' WHERE position = 1",
    "UPDATE log SET state = 'final' WHERE position = 3",
    "UPDATE log SET document = (SELECT document FROM log WHERE position = 1) "
    "WHERE position = 3",
    "UPDATE documents SET text = '{}' WHERE hash = "
    "(SELECT document FROM log WHERE position = 3)",
    "DELETE FROM log WHERE position = 4",
    "UPDATE log SET position = 100 WHERE position = 8",
)


FORGED = (
    "UPDATE log SET details = 'junk' WHERE position = {}",
    "UPDATE log SET details = '[1]' WHERE position = {}",
    "UPDATE log SET details = x'00ff' WHERE position = {}",
    "UPDATE log SET state = 'junk' WHERE position = {}",
    "UPDATE log SET document = NULL WHERE position = {}",
)


@pytest.mark.parametrize("change", FORGED)
def test_junk_with_right_hashes_is_found_and_never_a_traceback(
    season: Season, change: str
):
    play(season, "spring")
    count = len(season.log())
    for position in (1, 2, count):
        with schema.writing(season._engine) as connection:
            connection.execute(text(change.format(position)))
            before = START
            for entry in entries_of(connection):
                linked = replace(entry, previous=before)
                before = linked.computed()
                values = {"previous": linked.previous, "hash": before}
                row = schema.log.c.position == entry.position
                connection.execute(schema.log.update().where(row).values(values))
        if "details" in change or position < count:
            assert season.audit()
        for read in (season.rounds, lambda: season.instance("spring")):
            with suppress(InputError):
                read()


def test_a_document_that_no_season_writes_is_found(season: Season):
    """Its hash is right, and so is the log: only what it says cannot be."""
    play(season, "spring")
    for junk in ("{}", "[]", "not JSON", '{"format":"sharematch-result"}'):
        position = write_anew(season, "solve", junk)
        assert any(f"entry {position}:" in str(f) for f in season.audit())


def write_anew(season: Season, action: str, document: str) -> int:
    """Replace the document of the first such entry, and all hashes after it."""
    with schema.writing(season._engine) as connection:
        entries = entries_of(connection)
        first = next(e for e in entries if e.action == action)
        made, before = keep(connection, document), START
        for entry in entries:
            held = made if entry.position == first.position else entry.document
            linked = replace(entry, previous=before, document=held)
            before = linked.computed()
            row = schema.log.c.position == entry.position
            values = {
                "previous": linked.previous,
                "document": linked.document or None,
                "hash": before,
            }
            connection.execute(schema.log.update().where(row).values(values))
    return first.position


@pytest.mark.parametrize("action", ["commit", "seal"])
def test_another_draw_than_was_committed_to_shows(season: Season, action: str):
    """Also where the whole log is written anew."""
    season.open("spring", town(), sm.Policy())
    season.commit("spring", SEED)
    made = season.seal("spring")
    season.draw("spring", seed="first frost")
    other = replace(made, seed=hash_of_seed("second frost", "spring"))
    told = {"seed": other.seed} if action == "commit" else other.to_dict()
    write_anew(season, action, text_of(told))
    assert {finding.code for finding in season.audit()} == {"draw"}
    write_anew(season, action, "{}")
    assert season.audit()


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_past_shows(season: Season, change: str):
    play(season, "spring")
    with schema.writing(season._engine) as connection:
        connection.execute(text(change))
    assert season.audit()


def test_a_past_that_was_cut_off_shows_by_a_hash_written_down(season: Season):
    play(season, "spring")
    head = season.log()[-1].hash
    assert season.audit(head) == ()
    with schema.writing(season._engine) as connection:
        connection.execute(text("DELETE FROM log WHERE position = 8"))
    assert season.audit() == ()
    assert [finding.code for finding in season.audit(head)] == ["head"]


def test_what_is_no_season_is_refused(url: str, tmp_path: Path):
    with pytest.raises(sm.SharematchError, match="holds no season"):
        Season(url)
    with pytest.raises(sm.SharematchError, match="Maybe a path, or postgresql"):
        Season("nothing://there")
    with pytest.raises(sm.SharematchError, match="unable to open"):
        Season(str(tmp_path / "no" / "folder.db"))


def test_another_version_is_brought_up_to_date(season: Season, url: str):
    with schema.writing(season._engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(sm.SharematchError, match="is of version 0000"):
        Season(url)


def test_making_it_again_changes_nothing(season: Season, url: str):
    play(season, "spring")
    before = season.log()
    again = Season.create(url)
    assert again.log() == before


def test_migrations_make_what_the_code_expects(season: Season):
    with schema.reading(season._engine) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


def test_lots_keep_to_what_was_committed_before_the_list_closed(season: Season):
    season.open("spring", town(), sm.Policy())
    season.commit("spring", SEED)
    season.add("spring", needs=[sm.Need(id="new", community="lianqiao", kind="health")])
    made = season.seal("spring")
    assert made == commitment("first frost", "spring", ["t", "l", "new"])
    for wrong, message in (
        (lambda: season.draw("spring", seed="second frost"), "another seed"),
        (lambda: season.solve("spring"), "its list is sealed"),
        (lambda: season.add("spring", needs=[]), "cannot add: it is sealed"),
        (lambda: season.commit("spring", SEED), "cannot commit"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()
    drawn = season.draw("spring", seed="first frost")
    assert drawn.commitment == made
    season.decide("spring", [(next(iter(drawn.numbers)), "", "withdrawn")])
    late = sm.Need(id="late", community="lianqiao", kind="health")
    season.add("spring", needs=[late])
    again = season.solve("spring")
    assert again.provenance["draw"]["late"] == ["late"]
    assert again.provenance["draw"]["commitment"] == made.hash
    season.finalize("spring")
    assert season.audit() == ()


def test_a_round_without_a_sealed_list_is_not_drawn(season: Season):
    season.open("spring", town())
    with pytest.raises(InputError, match="its list is not sealed"):
        season.draw("spring", seed="first frost")
    with pytest.raises(InputError, match="x is no hash"):
        season.commit("spring", "x")
