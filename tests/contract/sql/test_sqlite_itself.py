"""What SQLite must be told to be durable, and that migrations and tables say the same."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.adapters.sql.migrating import configuration, newest
from cloud.adapters.sql.notices import due_now
from cloud.adapters.sql.tables import metadata
from cloud.adapters.sql.types import Moment
from cloud.adapters.sql.upserting import statement
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Estate
from cloud.errors import Unavailable
from tests.fakes.channels import FakeChannel, sender
from tests.fakes.clocks import START, RecordingAnnouncer
from tests.fakes.estate import HOME, cleared, description, raised
from tests.fakes.scene import Scene


def test_tables_and_migrations_say_the_same(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(engine):
    upgrade(engine)


def test_a_commit_is_on_the_disk_when_it_returns(engine):
    with engine.connect() as connection:
        asked = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert asked == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 10_000


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(Unavailable):
        upgrade(engine)
    with pytest.raises(Unavailable), SqlUnitsOfWork(engine).reading():
        pass


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001 - the point of the test


def test_writers_of_one_process_queue_and_who_brings_alarms_goes_first(engine):
    units = SqlUnitsOfWork(engine)
    order: list[str] = []

    def write(name: str, through: SqlUnitsOfWork) -> None:
        with through.writing():
            order.append(name)

    threads = []
    with units.writing():
        for n, (name, through) in enumerate((("message", units), ("timer", units), ("smoke", units.ahead())), 1):
            threads.append(threading.Thread(target=write, args=(name, through)))
            threads[-1].start()
            while units.waiting < n:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == ["smoke", "message", "timer"]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_nothing_here_is_sqlites_alone(table):
    dialect = postgresql.dialect()
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    for index in table.indexes:
        assert "INDEX" in str(CreateIndex(index).compile(dialect=dialect))
    assert "ON CONFLICT" in str(statement("postgresql", table, update=True).compile(dialect=dialect))


class Crashed(Exception):  # noqa: N818 - what happened
    """The power went."""


def crash_at(engine, number):
    """Raise before the `number`th statement from now on."""
    count = iter(range(1, 10_000))

    def before(*_args):
        if next(count) == number:
            raise Crashed

    event.listen(engine, "before_cursor_execute", before)
    return lambda: event.remove(engine, "before_cursor_execute", before)


@pytest.mark.parametrize("hazard", [("lift.entrapment", "b1/lift-1"), ("fire.smoke", "b1/smoke-1")])
def test_a_crash_between_any_two_statements_neither_loses_nor_doubles_a_task(engine, hazard):
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    scene.rings("access.held-open", "b1/door")
    arrival = scene.node.batch(raised(*hazard, 50), cleared(*hazard, 50), raised(*hazard, 51))
    before, crashes = scene.ledger(), 0
    for number in range(1, 500):
        heal = crash_at(engine, number)
        try:
            scene.record(arrival)
            break
        except Crashed:
            crashes += 1
            assert scene.queries.ledger_head("example", None).seq == before[-1].seq
        finally:
            heal()
    assert crashes > 20
    assert scene.record(arrival).duplicate
    assert [task.hazard for task in scene.board()].count(hazard[0]) == 1
    assert len(scene.board()) == 2


def test_a_crash_between_any_two_statements_of_a_timer_neither_loses_nor_repeats_a_step(engine):
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=3)
    for number in range(1, 200):
        heal = crash_at(engine, number)
        try:
            scene.timers()
            break
        except (Crashed, ExceptionGroup):
            assert scene.told().count(("lift-firm", "call_sheet")) <= 1
        finally:
            heal()
    assert scene.told().count(("lift-firm", "call_sheet")) == 1


def test_many_threads_act_and_the_ledger_still_verifies(engine):
    from cloud.domain.records.ledger_chain import verify

    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    arrivals = [scene.node.batch(raised("access.forced-open", f"b1/door-{n % 5}", n + 1)) for n in range(40)]
    failures: list[BaseException] = []

    def deliver(share):
        try:
            for arrival in share:
                scene.record(arrival)
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=deliver, args=(arrivals[n::2] + arrivals[:5],)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(scene.board()) == 5
    assert verify(scene.ledger()) is None


def test_the_whole_way_on_sqlite(engine):
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    number = scene.rings("lift.entrapment", "b1/lift-1")
    scene.is_born(1, (number, "lift.entrapment", "b1/lift-1"))
    scene.is_well()
    scene.passes(minutes=2)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.note(task.id, "technician", "on my way")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    view = scene.incident(scene.only_task())
    assert view.task.state == "acknowledged"
    assert view.task.quiet_since is not None
    assert len(view.notes) == 1


def test_a_database_of_a_later_version_is_refused_in_words(engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="another version of Tocsin"):
        upgrade(engine, told=lambda *_: None)
    with pytest.raises(Unavailable, match="another version of Tocsin"):
        upgrade(engine)


def test_what_a_second_estate_says_of_a_party_is_read_back_for_both(engine):
    scene = Scene(SqlUnitsOfWork(engine))
    there = "street/community/grid-1/other"
    firm = replace(next(p for p in description().parties if p.id == "lift-firm"), serves=(there,))
    other = EstateDescription(
        estate=Estate("other", there, Names("另一小区", "Other estate"), "lift-firm"),
        places=(*description().places[:3], Place(there, PlaceKind.ESTATE, Names("另一小区", "Other estate"))),
        parties=(firm,),
    )
    LoadEstate(scene.units, scene.clock)(other)
    with SqlUnitsOfWork(engine).reading() as uow:
        assert set(uow.registers.find("example").parties["lift-firm"].serves) == {HOME, there}


def test_on_postgresql_a_claim_leaves_to_others_what_another_has_locked():
    query = due_now(START, 20).with_for_update(skip_locked=True)
    assert str(query.compile(dialect=postgresql.dialect())).endswith("FOR UPDATE SKIP LOCKED")


def test_two_workers_never_send_the_same(engine):
    """Each starts sending while the other is in the middle of it, on a database of which both have a connection."""
    scene = Scene(SqlUnitsOfWork(engine))
    scene.rings("fire.smoke", "b1/smoke-1")
    both, first = threading.Barrier(2, timeout=10), threading.local()

    def meet():
        if not getattr(first, "met", False):
            first.met = True
            both.wait()

    channel = FakeChannel(meanwhile=meet)
    channel.cut()
    sender(scene, {"console": channel})()
    channel.mend()
    scene.clock.advance(seconds=5)
    with scene.units.reading() as uow:
        share = len(uow.outbox.due(scene.clock.now(), 100)) // 2
    assert share > 1

    def work():
        sender(scene, {"console": channel})(limit=share)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    ids = [message.id for message in channel.delivered]
    assert len(ids) == len(set(ids)) == share * 2


def test_occurrences_of_before_belong_to_their_alerts_node(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0003")
    alert = {
        "id": "a1", "estate": "example", "fingerprint": "f", "hazard": "fire.smoke", "equipment": "b1/smoke-1",
        "mode": "real", "node_id": "b1-node", "place_id": "p", "state": "firing", "peak": "critical", "raises": 1,
        "late": False,
    }  # fmt: skip
    with engine.begin() as connection:
        names = ", ".join(alert)
        connection.execute(
            text(f"INSERT INTO alerts ({names}) VALUES ({', '.join(f':{name}' for name in alert)})"),
            alert,
        )
        connection.execute(text("INSERT INTO occurrences (alert_id, id, severity) VALUES ('a1', 'o1', 'critical')"))
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT node_id FROM occurrences")).scalar() == "b1-node"
    engine.dispose()


def test_a_cloud_that_starts_again_has_nothing_to_bring_and_does_not_load_what_brings_it(tmp_path):
    """The newest revision is known by the migrations' names; what is older or newer is still Alembic's to judge."""
    script = ScriptDirectory.from_config(configuration(None))
    assert newest() == script.get_current_head()
    assert all(
        revision.path.rpartition("/")[2].startswith(f"{revision.revision}_") for revision in script.walk_revisions()
    )
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(open_engine(url))
    seen = "import sys; from cloud.adapters.sql import open_engine, upgrade; upgrade(open_engine(sys.argv[1])); print('alembic' in sys.modules)"
    again = subprocess.run([sys.executable, "-c", seen, url], check=True, capture_output=True, text=True)
    assert again.stdout.strip() == "False"
