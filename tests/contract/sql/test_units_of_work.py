"""What every implementation of the cloud's unit of work and its repositories promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.records import BatchKey, DeadLetter, Note, Raises, StoredEvent
from cloud.domain.community.access import AccessKey, Purpose
from cloud.domain.community.faults import fault
from cloud.domain.duties.routing import route
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.incidents.alert import Alert, Ended, Fingerprint
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.failure import words
from cloud.domain.records.ledger import Draft, Head, Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks import transitions
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, Stale
from schemas.hazards import Severity
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description, register

LATER = START + timedelta(minutes=1)


@pytest.fixture
def loaded(units):
    with units.writing() as uow:
        uow.registers.store(register(), "digest-1")
        uow.commit()
    return units


def smoke(alert_id="a1", **extra) -> Alert:
    alert = Alert(alert_id, Fingerprint(ESTATE, "fire.smoke", "b1/smoke-1"), "b1-node", f"{HOME}/b1/f2", **extra)
    alert.raise_("o1", Severity.CRITICAL, START, "boot")
    return alert


def matter(incident_id="i1") -> Incident:
    return Incident.about(smoke(), incident_id, "real|fire|b1", START)


def asked(task_id="t1", incident_id="i1"):
    ids = iter(f"{task_id}-part-{n}" for n in range(20))
    return transitions.open_task(
        task_id,
        estate=ESTATE,
        incident_id=incident_id,
        hazard="fire.smoke",
        life_safety=True,
        mode="real",
        routing=route(register(), "fire.smoke", f"{HOME}/b1/f2", START),
        now=START,
        new_id=lambda: next(ids),
    )


def stored(units, *, committed=True):
    with units.writing() as uow:
        uow.incidents.save(matter())
        uow.tasks.save(asked())
        alert = smoke()
        alert.incident_id = "i1"
        uow.alerts.save(alert)
        if committed:
            uow.commit()


def test_what_is_not_committed_was_never_there(loaded):
    stored(loaded, committed=False)
    with loaded.reading() as uow:
        assert uow.incidents.get("i1") is None
        assert uow.alerts.firing(ESTATE) == []


def test_an_error_takes_everything_back(loaded):
    def fail():
        with loaded.writing() as uow:
            uow.incidents.save(matter())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with loaded.reading() as uow:
        assert uow.incidents.get("i1") is None


def test_a_register_comes_back_as_it_was_stored(loaded):
    with loaded.reading() as uow:
        found = uow.registers.find(ESTATE)
        assert found is uow.registers.find(ESTATE)
        assert found.estate == register().estate
        assert found.parties == register().parties
        assert found.members == register().members
        assert found.equipment == register().equipment
        assert found.nodes == register().nodes
        assert found.matrix == register().matrix
        assert {place.id: place for place in found.places} == {place.id: place for place in register().places}
        assert uow.registers.digest(ESTATE) == "digest-1"
        assert uow.registers.member("manager").party_id == "property"
        assert [estate.id for estate in uow.registers.estates()] == [ESTATE]


def test_what_nobody_loaded_is_not_there(units):
    with units.reading() as uow:
        assert uow.registers.find("nowhere") is None
        assert uow.registers.digest("nowhere") is None
        assert uow.registers.member("nobody") is None


def test_a_newer_register_replaces_the_older_one(loaded):
    smaller = replace(description(), members=description().members[:1], equipment=description().equipment[:1])
    with loaded.writing() as uow:
        uow.registers.store(smaller.register(2), "digest-2")
        uow.commit()
    with loaded.reading() as uow:
        found = uow.registers.find(ESTATE)
        assert (found.version, len(found.members), len(found.equipment)) == (2, 1, 1)
        assert uow.registers.member("guard") is None


def test_a_register_that_was_rolled_back_is_never_served(loaded):
    with loaded.writing() as uow:
        uow.registers.store(replace(description(), members=()).register(2), "digest-2")
        assert uow.registers.find(ESTATE).members == {}
    with loaded.reading() as uow:
        assert len(uow.registers.find(ESTATE).members) == len(description().members)


def test_a_batch_is_new_once_and_its_progress_is_kept(loaded):
    key = BatchKey("box", "events", 1, "aa")
    progress = Progress(ESTATE, "b1-node", "box", "events", Ranges([(1, 3)]), Ranges([(5, 5)]), 9, 1, 2, 3, 4)
    with loaded.writing() as uow:
        assert uow.batches.progress("box", "events") is None
        assert uow.batches.add(key, START)
        assert not uow.batches.add(key, LATER)
        assert uow.batches.add(replace(key, digest="bb"), LATER)
        uow.batches.save(progress)
        uow.batches.save(replace(progress, records=10))
        uow.commit()
    with loaded.reading() as uow:
        assert uow.batches.progress("box", "events") == replace(progress, records=10)
        assert uow.batches.progress_of(ESTATE) == [replace(progress, records=10)]
        assert uow.batches.progress_of("other") == []


def test_events_are_read_latest_first(loaded):
    first = StoredEvent(
        ESTATE, "b1-node", "box", 1, "aa", 0, "access.granted", START, START, False, {"equipment": "b1/door", "n": 1}
    )
    second = replace(first, index=1, received_at=LATER, body={"equipment": "b2/door"}, uncertain=True)
    with loaded.writing() as uow:
        uow.batches.keep([first, second])
        uow.batches.keep([])
        uow.commit()
    with loaded.reading() as uow:
        assert list(uow.batches.events(ESTATE)) == [second, first]
        assert list(uow.batches.events(ESTATE, equipment="b1/door", limit=1)) == [first]


def test_an_alert_comes_back_with_its_occurrences(loaded):
    stored(loaded)
    with loaded.writing() as uow:
        (alert,) = uow.alerts.firing(ESTATE)
        alert.end("o1", LATER, Ended.LOST_TRACK)
        alert.end("tombstone", LATER)
        alert.suppressed_by, alert.point, alert.value, alert.threshold = "a0", "obscuration", "0.07", 0.05
        uow.alerts.save(alert)
        uow.commit()
    with loaded.reading() as uow:
        assert uow.alerts.firing(ESTATE) == []
        assert uow.alerts.of_incidents(["i1"]) == {"i1": [alert]}
        assert uow.alerts.of_incidents([]) == {}


def test_alerts_are_found_by_what_fires_and_by_what_they_hold(loaded):
    stored(loaded)
    fingerprint = smoke().fingerprint
    grave = Alert("a2", fingerprint, "b1-node", HOME)
    grave.end("o2", LATER)
    with loaded.writing() as uow:
        uow.alerts.save(grave)
        uow.commit()
    with loaded.reading() as uow:
        assert sorted(alert.id for alert in uow.alerts.concerning(fingerprint, "o2")) == ["a1", "a2"]
        assert [alert.id for alert in uow.alerts.concerning(fingerprint, "o3")] == ["a1"]
        assert uow.alerts.concerning(replace(fingerprint, mode="exercise"), "o1") == []
        assert [alert.id for alert in uow.alerts.firing(ESTATE, hazards=["fire.smoke"])] == ["a1"]
        assert uow.alerts.firing(ESTATE, hazards=["fire.co"]) == []
        assert [alert.id for alert in uow.alerts.firing(ESTATE, node_id="b1-node")] == ["a1"]
        assert uow.alerts.firing(ESTATE, node_id="b2-node") == []
        assert uow.alerts.firing(ESTATE, hazards=["fire.smoke"], node_id="b2-node") == []


def test_alerts_of_one_piece_of_equipment_are_those_that_fire_or_ended_since(loaded):
    fault = Alert("a2", Fingerprint(ESTATE, "fire.detector-fault", "b1/smoke-1"), "b1-node", f"{HOME}/b1/f2")
    fault.raise_("o2", Severity.MAJOR, LATER)
    fault.end("o2", LATER + timedelta(minutes=1))
    elsewhere = Alert("a3", Fingerprint(ESTATE, "fire.smoke", "b1/smoke-2"), "b1-node", f"{HOME}/b1/f2")
    elsewhere.raise_("o3", Severity.CRITICAL, START)
    with loaded.writing() as uow:
        for alert in (smoke(), fault, elsewhere):
            uow.alerts.save(alert)
        uow.commit()
    with loaded.reading() as uow:

        def found(since, limit=50):
            return [alert.id for alert in uow.alerts.of_equipment(ESTATE, "b1/smoke-1", since, limit)]

        assert found(LATER) == ["a2", "a1"]
        assert found(LATER + timedelta(minutes=2)) == ["a1"], "what fires is among them however long ago it began"
        assert found(LATER, 1) == ["a2"]
        assert uow.alerts.of_equipment("elsewhere", "b1/smoke-1", LATER) == []


def test_at_most_one_alert_fires_per_fingerprint(loaded):
    stored(loaded)
    with pytest.raises(Stale), loaded.writing() as uow:
        uow.alerts.save(smoke("a2"))


def test_incidents_are_found_by_matter_latest_first(loaded):
    with loaded.writing() as uow:
        for incident in (
            matter("i1"),
            replace(matter("i2"), hidden_by="i1"),
            replace(matter("i3"), matter="other"),
            replace(matter("i0"), hidden_by="i9", closed_at=LATER),
        ):
            uow.incidents.save(incident)
        uow.incidents.save(replace(matter("i1"), closed_at=LATER, late=True))
        uow.commit()
    with loaded.reading() as uow:
        assert uow.incidents.latest(ESTATE, "real|fire|b1").id == "i2"
        assert uow.incidents.latest(ESTATE, "nothing") is None
        assert uow.incidents.get("i1") == replace(matter("i1"), closed_at=LATER, late=True)
        assert set(uow.incidents.among(["i1", "i3", "i9"])) == {"i1", "i3"}
        assert uow.incidents.among([]) == {}
        assert [incident.id for incident in uow.incidents.hidden_by("i1")] == ["i2"]
        assert [incident.id for incident in uow.incidents.hidden(ESTATE)] == ["i2"], "one that is over waits for nobody"
        assert uow.incidents.hidden("another") == []


def test_a_task_comes_back_whole(loaded):
    stored(loaded)
    with loaded.reading() as uow:
        found = uow.tasks.get("t1")
        assert found == replace(asked(), revision=1)
        assert uow.tasks.of_incident("i1") == found
        assert uow.tasks.of_incident("i9") is None
        assert uow.tasks.get("t9") is None
        assert uow.tasks.open(ESTATE) == [found]


def test_two_who_change_one_task_do_not_overwrite_each_other(loaded):
    stored(loaded)
    with loaded.reading() as uow:
        mine, yours = uow.tasks.get("t1"), uow.tasks.get("t1")
    with loaded.writing() as uow:
        uow.tasks.save(mine)
        uow.commit()
    with pytest.raises(Conflict), loaded.writing() as uow:
        uow.tasks.save(yours)


def test_tasks_are_due_when_their_next_moment_has_come(loaded):
    stored(loaded)
    with loaded.writing() as uow:
        assert uow.tasks.due(START + timedelta(seconds=9)) == []
        assert [task.id for task in uow.tasks.due(START + timedelta(seconds=10))] == ["t1"]


def test_closed_tasks_come_last_closed_first(loaded):
    guard, manager = register().members["watch"], register().members["manager"]
    with loaded.writing() as uow:
        for n, minute in ((1, 1), (2, 3), (3, 2)):
            uow.incidents.save(matter(f"i{n}"))
            task = asked(f"t{n}", f"i{n}")
            transitions.acknowledge(task, guard, START)
            task.quiet_since = START - timedelta(hours=1)
            transitions.resolve(task, guard, ResolutionReason.FIXED, START)
            transitions.close(task, manager, START + timedelta(minutes=minute))
            uow.tasks.save(task)
        uow.commit()
    with loaded.reading() as uow:
        assert uow.tasks.open(ESTATE) == []
        assert [task.id for task in uow.tasks.closed(ESTATE)] == ["t2", "t3", "t1"]
        assert [task.id for task in uow.tasks.closed(ESTATE, limit=1)] == ["t2"]
        assert [task.id for task in uow.tasks.closed(ESTATE, before=(START + timedelta(minutes=2), "t3"))] == ["t1"]
        same_moment = uow.tasks.closed(ESTATE, before=(START + timedelta(minutes=2), "t2"))
        assert [task.id for task in same_moment] == ["t3", "t1"]


def drafts(*kinds):
    return [Draft(kind, START, "system", "i1", "s", "c", {"n": n, "文": "字"}) for n, kind in enumerate(kinds)]


def test_the_ledger_numbers_chains_and_announces_after_the_commit(loaded, announcer):
    announcer.heard.clear()
    with loaded.writing() as uow:
        assert uow.ledger.head(ESTATE) == Head()
        entries = uow.ledger.append(ESTATE, drafts(Kind.ALERT_FIRED, Kind.INCIDENT_OPENED))
        uow.ledger.append(ESTATE, drafts(Kind.TASK_ROUTED))
        assert announcer.heard == []
        uow.commit()
    assert announcer.heard == [(ESTATE, 3)]
    with loaded.reading() as uow:
        found = uow.ledger.since(ESTATE, 0)
        assert [entry.seq for entry in found] == [1, 2, 3]
        assert list(found[:2]) == list(entries)
        assert verify(found) is None
        assert [entry.seq for entry in uow.ledger.since(ESTATE, 1, limit=1)] == [2]
        assert len(uow.ledger.of_incident("i1")) == 3
        assert uow.ledger.head(ESTATE).hash == found[-1].hash


def test_numbers_of_the_ledger_that_were_rolled_back_are_given_again(loaded, announcer):
    announcer.heard.clear()
    with loaded.writing() as uow:
        uow.ledger.append(ESTATE, drafts(Kind.ALERT_FIRED))
    with loaded.writing() as uow:
        assert uow.ledger.append(ESTATE, drafts(Kind.ALERT_FIRED))[0].seq == 1
        uow.commit()
    assert announcer.heard == [(ESTATE, 1)]


def test_nodes_come_back_whole_and_those_fallen_silent_are_found(loaded):
    node = Node(ESTATE, "b1-node", boot="b", connection=3, active=frozenset({"o1"}), health={"disk": 1.5})
    node.hear(START)
    with loaded.writing() as uow:
        assert uow.nodes.get(ESTATE, "b1-node") is None
        uow.nodes.save(node)
        uow.nodes.save(node)
        uow.commit()
    with loaded.reading() as uow:
        assert uow.nodes.get(ESTATE, "b1-node") == node
        assert uow.nodes.of(ESTATE) == [node]
        assert uow.nodes.fallen_silent(START) == []
        assert [n.id for n in uow.nodes.fallen_silent(START + timedelta(minutes=3))] == ["b1-node"]


def test_dead_letters_are_kept_as_they_came(loaded):
    letter = DeadLetter("d1", START, "tocsin/x", "no JSON", b"\x00\xff", ESTATE, "b1-node")
    stray = DeadLetter("d2", START, "else", "no topic", b"")
    with loaded.writing() as uow:
        uow.dead_letters.put(letter)
        uow.dead_letters.put(stray)
        uow.commit()
    with loaded.reading() as uow:
        assert list(uow.dead_letters.latest()) == [stray, letter]
        assert list(uow.dead_letters.latest(estates=[ESTATE], limit=5)) == [letter]
        assert uow.dead_letters.count(ESTATE) == {"b1-node": 1}
        assert uow.dead_letters.get(letter.id) == letter
        assert uow.dead_letters.get("nothing") is None


def test_why_a_message_is_a_dead_letter_is_kept_in_both_languages(loaded):
    letter = DeadLetter("d1", START, "tocsin/x", fault("no-record-with-value"), b"", ESTATE, "b1-node")
    with loaded.writing() as uow:
        uow.dead_letters.put(letter)
        uow.dead_letters.put(replace(letter, id="d0", reason="as it was written before"))
        uow.commit()
    with loaded.reading() as uow:
        now, before = uow.dead_letters.latest()
    assert (now.reason, now.reason.zh) == ("no record carries a value", "没有任何记录带有数值")
    assert (before.reason, words(before.reason).zh) == ("as it was written before", "as it was written before")


def test_a_dead_letter_is_replayed_once(loaded):
    letter = DeadLetter("id-000001", START, "t", "no JSON", b"x", ESTATE, "b1-node", "schema")
    with loaded.writing() as uow:
        uow.dead_letters.put(letter)
        uow.commit()
    with loaded.writing() as uow:
        assert uow.dead_letters.replayed(letter.id, START, "engineer")
        assert not uow.dead_letters.replayed(letter.id, START, "manager")
        assert not uow.dead_letters.replayed("nothing", START, "manager")
        uow.commit()
    with loaded.reading() as uow:
        assert uow.dead_letters.get(letter.id) == replace(letter, replayed_at=START, replayed_by="engineer")


def test_notes_and_keys_are_kept(loaded):
    stored(loaded)
    note = Note("n1", "i1", "guard", "property", START, "关门器坏了", True, "salt")
    key = AccessKey("h", "guard", Purpose.API, START, LATER, scopes=frozenset({"read"}), label="x")
    with loaded.writing() as uow:
        uow.notes.put(note)
        uow.keys.put(key)
        uow.keys.save(replace(key, revoked_at=LATER))
        uow.commit()
    with loaded.reading() as uow:
        assert list(uow.notes.of_incident("i1")) == [note]
        assert uow.keys.find("h") == replace(key, revoked_at=LATER)
        assert uow.keys.find("x") is None
        assert list(uow.keys.of_member("guard")) == [replace(key, revoked_at=LATER)]


def test_what_is_raised_often_is_counted_over_its_alerts_by_equipment_and_exercises_apart(loaded):
    def alert(alert_id, hazard, raises, mode="real"):
        made = Alert(alert_id, Fingerprint(ESTATE, hazard, "b1/smoke-1", mode), "b1-node", f"{HOME}/b1/f2")
        for n, at in enumerate(raises):
            made.raise_(f"{alert_id}-{n}", Severity.MAJOR, at, "boot")
            made.end(f"{alert_id}-{n}", at)
        return made

    with loaded.writing() as uow:
        uow.alerts.save(alert("a1", "fire.smoke", [START, LATER]))
        uow.alerts.save(alert("a2", "fire.smoke", [START - timedelta(seconds=1), LATER]))
        uow.alerts.save(alert("a3", "fire.smoke", [LATER] * 5, "exercise"))
        uow.alerts.save(alert("a4", "fire.co", [LATER] * 2))
        uow.commit()
    with loaded.reading() as uow:
        assert uow.alerts.raised_often(ESTATE, START, 2) == [Raises("fire.smoke", "b1/smoke-1", "b1-node", 3)]
        assert uow.alerts.raised_often(ESTATE, START, 3) == []
        assert uow.alerts.raised_often("elsewhere", START, 0) == []
