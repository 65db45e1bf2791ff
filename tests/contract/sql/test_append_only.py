"""The ledger refuses to be changed, whoever asks the database; and words that were erased are gone from the disk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.ledger_ports import PublishedHead
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.records.personal import PersonalClass, PersonalRecord
from tests.contract.sql.test_units_of_work import stored
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, register
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

_TASK_OF_NOBODY = (
    "INSERT INTO tasks SELECT 'other', estate, 'other', state, over, life_safety, '', opened_at, closed_at, next_due_at,"
    " revision, body, ending FROM tasks"
)


@pytest.fixture
def database(request, units):
    """The database under `units`, with three entries and a published head; memory has none to be asked."""
    if not isinstance(units, SqlUnitsOfWork):
        pytest.skip("a database is asked here")
    with units.writing() as uow:
        uow.registers.store(register(), "digest-1")
        uow.ledger.append(ESTATE, [Draft(Kind.NODE_BORN, START, "system") for _ in range(3)])
        uow.heads.add(ESTATE, PublishedHead(3, uow.ledger.head(ESTATE).hash, START))
        uow.commit()
    return units._engine


@pytest.mark.parametrize("deed", ["UPDATE tasks SET responsible_id = ''", _TASK_OF_NOBODY])
def test_a_task_without_a_responsible_party_cannot_exist_in_the_database_either(database, deed):
    Scene(SqlUnitsOfWork(database)).rings("lift.entrapment", "b1/lift-1")
    with pytest.raises(DBAPIError, match="responsible"), database.begin() as connection:
        connection.execute(text(deed))


def test_an_incident_has_one_task_in_the_database_either(database):
    Scene(SqlUnitsOfWork(database)).rings("lift.entrapment", "b1/lift-1")
    twice = _TASK_OF_NOBODY.replace("'other', state", "incident_id, state").replace("''", "'property'")
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(text(twice))


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE ledger SET actor = 'nobody' WHERE seq = 2",
        "UPDATE ledger SET seq = 9 WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 3",
        "DELETE FROM ledger",
        (
            "INSERT INTO ledger SELECT estate, seq + 5, kind, at, actor, incident_id, subject, causation_id, data, previous,"
            " hash FROM ledger WHERE seq = 3"
        ),
        (
            "INSERT INTO ledger SELECT estate, seq - 3, kind, at, actor, incident_id, subject, causation_id, data, previous,"
            " hash FROM ledger WHERE seq = 1"
        ),
        "UPDATE ledger_heads SET hash = 'x'",
        "DELETE FROM ledger_heads",
    ],
)
def test_nothing_in_the_ledger_is_updated_deleted_or_slipped_in(database, deed):
    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(text(deed))
    with SqlUnitsOfWork(database).reading() as uow:
        entries = uow.ledger.since(ESTATE, 0)
        assert [entry.seq for entry in entries] == [1, 2, 3]
        assert verify(entries) is None
        assert len(uow.heads.latest(ESTATE, 9)) == 1


def test_replacing_is_no_way_round_it(engine):
    units = SqlUnitsOfWork(engine)
    with units.writing() as uow:
        uow.ledger.append(ESTATE, [Draft(Kind.NODE_BORN, START, "system") for _ in range(2)])
        uow.commit()
    with pytest.raises(DBAPIError, match="order of commits"), engine.begin() as connection:
        connection.execute(
            text(
                "INSERT OR REPLACE INTO ledger SELECT estate, seq, kind, at, 'nobody', incident_id, subject, causation_id,"
                " data, previous, hash FROM ledger WHERE seq = 1"
            )
        )


def test_truncating_is_refused(server):
    """Only PostgreSQL knows it."""
    with pytest.raises(DBAPIError, match="append-only"), server.begin() as connection:
        connection.execute(text("TRUNCATE ledger"))


def record(number, **extra):
    facts = {"sort": PersonalClass.CONTACT, "at": START, "text": f"+86 138 0000 {number:04}", "salt": "s", **extra}
    return PersonalRecord(f"p{number}", ESTATE, facts.pop("subject", "member:guard"), **facts)


def test_personal_data_comes_back_by_key_and_by_person(units):
    with units.writing() as uow:
        uow.personal.put(record(1))
        uow.personal.put(record(2, subject="reporter:1", sort=PersonalClass.REPORTER))
        uow.personal.erase(record(1).erased(START))
        uow.commit()
    with units.reading() as uow:
        assert uow.personal.get("p1") == record(1).erased(START)
        assert uow.personal.get("nothing") is None
        assert [r.id for r in uow.personal.of_subject(ESTATE, "member:guard")] == ["p1"]
        assert [r.id for r in uow.personal.of_estate(ESTATE)] == ["p2"]


def test_what_belongs_to_an_open_incident_is_not_outlived(units):
    later = START + timedelta(days=9)
    with units.writing() as uow:
        uow.registers.store(register(), "digest-1")
        uow.commit()
    stored(units)
    with units.writing() as uow:
        uow.personal.put(record(1))
        uow.personal.put(record(2, at=later))
        uow.personal.put(record(3, incident_id="i1"))
        uow.personal.put(record(4, sort=PersonalClass.NOTE))
        uow.commit()
    with units.writing() as uow:
        assert [r.id for r in uow.personal.outlived(PersonalClass.CONTACT, later)] == ["p1"]
        incident = uow.incidents.get("i1")
        incident.closed_at = START + timedelta(days=1)
        uow.incidents.save(incident)
        assert [r.id for r in uow.personal.outlived(PersonalClass.CONTACT, later)] == ["p1", "p3"]
        assert [r.id for r in uow.personal.outlived(PersonalClass.CONTACT, START + timedelta(hours=1))] == ["p1"]


def test_looking_on_is_one_look(units):
    with units.writing() as uow:
        assert uow.personal.first_look(ESTATE, "guard", "i1", START, START - timedelta(hours=1))
        assert not uow.personal.first_look(ESTATE, "guard", "i1", START, START - timedelta(hours=1))
        assert uow.personal.first_look(ESTATE, "guard", "i2", START, START - timedelta(hours=1))
        assert uow.personal.first_look(ESTATE, "manager", "i1", START, START - timedelta(hours=1))
        assert uow.personal.last_look(ESTATE, "guard", "i1") == START
        assert uow.personal.last_look(ESTATE, "guard", "i9") is None
        later = START + timedelta(hours=2)
        assert uow.personal.first_look(ESTATE, "guard", "i1", later, later - timedelta(hours=1))


def test_published_heads_are_read_newest_first(units):
    with units.writing() as uow:
        for seq in (3, 5, 8):
            uow.heads.add(ESTATE, PublishedHead(seq, f"{seq}" * 64, START))
        uow.commit()
    with units.reading() as uow:
        assert [head.seq for head in uow.heads.latest(ESTATE)] == [8]
        assert [head.seq for head in uow.heads.latest(ESTATE, 2, before=8)] == [5, 3]
        assert uow.heads.latest("elsewhere") == []


def test_entries_are_found_by_when_they_were_made(units):
    with units.writing() as uow:
        uow.registers.store(register(), "digest-1")
        uow.ledger.append(ESTATE, [Draft(Kind.NODE_BORN, START + timedelta(hours=n), "system") for n in range(4)])
        uow.commit()
    with units.reading() as uow:
        found = uow.ledger.between(ESTATE, START + timedelta(hours=1), START + timedelta(hours=3), 10)
        assert [entry.seq for entry in found] == [2, 3]
        assert len(uow.ledger.between(ESTATE, START, START + timedelta(hours=9), 1)) == 1


def test_erased_words_are_not_in_the_file_any_more(tmp_path):
    path = tmp_path / "state.db"
    engine = fresh_state(path)
    units = SqlUnitsOfWork(engine)
    words = "the caller is on floor nine, flat 903 " * 40
    with units.writing() as uow:
        uow.personal.put(record(1, text=words))
        uow.commit()
    with units.writing() as uow:
        uow.personal.erase(record(1, text=words).erased(START))
        uow.commit()
    engine.dispose()
    assert path.exists()
    for file in tmp_path.iterdir():
        assert b"flat 903" not in file.read_bytes(), file.name


def test_notes_of_before_keep_their_words_beside_the_ledger(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0007")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO incidents (id, estate, matter, mode, hazard, severity, place_id, equipment_id, node_id,"
                " opened_at, late) VALUES ('i1', 'example', 'm', 'real', 'fire.smoke', 'critical', 'p', 'e', 'n',"
                " '2026-01-01 00:00:00.000000', 0)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO notes (id, incident_id, member_id, party_id, at, text, public, salt) VALUES"
                " ('n1', 'i1', 'guard', 'property', '2026-01-01 00:00:00.000000', '关门器坏了', 1, 'salt')"
            )
        )
    upgrade(engine)
    with SqlUnitsOfWork(engine).reading() as uow:
        (note,) = uow.notes.of_incident("i1")
        assert (note.text, note.salt, note.erased_at) == ("关门器坏了", "salt", None)
        assert uow.personal.of_subject("example", "member:guard")[0].id == "n1"
    engine.dispose()
