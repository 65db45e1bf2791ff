"""Personal data stands beside the ledger: erased, the chain still verifies and the timeline says so; looks are entries."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.sign_in import Identity
from cloud.application.ledger.erase_personal import ErasePersonal, ExpirePersonal, ListPersonal
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Role
from cloud.domain.exchange.posting import Good, Posting, Side
from cloud.domain.exchange.small_task import SmallTask, SmallTaskKind
from cloud.domain.records.codes import WORDS
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.records.personal import Ground, PersonalClass, PersonalRecord
from cloud.errors import Invalid, NotFound, Unavailable
from tests.fakes.channels import FakeChannel, reach, sender, sends_all, silent
from tests.fakes.estate import ESTATE, HOME, register
from tests.fakes.mortal import Died, Fate, MortalUnits
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state
from tests.fakes.units import FakeUnitsOfWork


def viewer(member="manager", estates=(ESTATE,)) -> Identity:
    return Identity(register().members[member], Purpose.SESSION, frozenset(), estates)


@pytest.fixture
def noted(scene):
    scene.rings("access.forced-open", "b1/door")
    scene.act.note(scene.only_task().id, "guard", "the tenant of zwo-neun-sieben let somebody in")
    return scene


def erase(scene, **whose):
    return ErasePersonal(scene.units, scene.clock)(ESTATE, actor="operator:root", **whose)


def note_entry(scene):
    return next(entry for entry in scene.ledger() if entry.kind == Kind.NOTE_ADDED)


def test_the_chain_holds_a_digest_of_the_words_and_never_the_words(noted):
    entry = note_entry(noted)
    assert "zwo-neun-sieben" not in str(entry)
    with noted.units.reading() as uow:
        record = uow.personal.get(entry.data["note"])
    assert record.is_what(entry.data["digest"])
    assert not PersonalRecord(**{**{k: getattr(record, k) for k in record.__slots__}, "text": "else"}).is_what(
        entry.data["digest"]
    )


def test_erasing_a_person_leaves_the_chain_whole_and_says_so_in_the_incidents_story(noted):
    done = erase(noted, subject="member:guard")
    assert (done.erased, done.already) == (1, 0)
    ledger = noted.ledger()
    assert verify(ledger) is None
    said = ledger[-1]
    assert (said.kind, said.seq, said.actor, said.subject) == (
        Kind.PERSONAL_ERASED, done.seq, "operator:root", "member:guard",
    )  # fmt: skip
    view = noted.incident(noted.only_task())
    assert [(note.text, note.erased_at) for note in view.notes] == [("", noted.clock.now())]
    assert view.timeline[-1].text.zh == "个人信息已删除：备注（应本人要求）"
    assert view.timeline[-1].text.en == "personal data was erased: notes (at the person's request)"
    with noted.units.reading() as uow:
        kept = uow.personal.get(note_entry(noted).data["note"])
    assert (kept.text, kept.salt) == ("", ""), "a known salt would let short words be guessed"
    assert kept.is_what(note_entry(noted).data["digest"])


def test_one_piece_is_erased_by_its_key_and_erasing_again_changes_nothing(noted):
    noted.act.note(noted.only_task().id, "guard", "another")
    first = note_entry(noted).data["note"]
    assert erase(noted, record=first, ground=Ground.ORDERED).erased == 1
    head = noted.ledger()[-1].seq
    again = erase(noted, record=first)
    assert (again.erased, again.already, again.seq) == (0, 1, head)
    assert [note.text for note in noted.incident(noted.only_task()).notes] == ["", "another"]


def test_what_is_not_there_is_not_erased(noted):
    with pytest.raises(NotFound, match="personal list"):
        erase(noted, subject="member:nobody")
    with pytest.raises(NotFound):
        ErasePersonal(noted.units, noted.clock)("elsewhere", record=note_entry(noted).data["note"], actor="x")
    with pytest.raises(Invalid, match="not both"):
        erase(noted)


def test_the_list_names_what_is_kept_to_whom_it_concerns(noted):
    ask = ListPersonal(noted.units, noted.clock)
    assert [(one.subject, one.sort) for one in ask(ESTATE, viewer())] == [("member:guard", PersonalClass.NOTE)]
    assert ask(ESTATE, None, subject="member:manager") == []
    with pytest.raises(NotFound):
        ask(ESTATE, viewer(estates=("other",)))


def test_what_outlives_its_class_is_erased_once_its_incident_is_over(noted):
    expire = ExpirePersonal(noted.units, noted.clock, {PersonalClass.NOTE: timedelta(days=30)})
    noted.clock.advance(days=40)
    assert expire() == 0, "its incident is open"
    with noted.units.writing() as uow:
        incident = uow.incidents.get(note_entry(noted).incident_id)
        incident.closed_at = noted.clock.now()
        uow.incidents.save(incident)
        uow.personal.put(
            PersonalRecord("r1", ESTATE, "reporter:1", PersonalClass.REPORTER, noted.clock.now(), "x", "y")
        )
        uow.commit()
    noted.clock.advance(days=31)
    assert expire() == 1
    assert expire() == 0
    last = noted.ledger()[-1]
    assert (last.actor, last.data["ground"], last.causation_id) == ("clock", "retention", "keep:note:30d")
    assert verify(noted.ledger()) is None
    with noted.units.reading() as uow:
        assert uow.personal.get("r1").text == "x", "no time is set for its class"


PHONE = "+86 138 0000 0000"


def with_everything(units) -> Scene:
    """A guard who has a contact, an offer and a small task of their own besides a note."""
    scene = Scene(units)
    scene.rings("access.forced-open", "b1/door")
    scene.act.note(scene.only_task().id, "guard", "the tenant of zwo-neun-sieben let somebody in")
    now = scene.clock.now()
    offer = Posting(
        "p1",
        ESTATE,
        Side.OFFER,
        "guard",
        "property",
        Good.TOOL,
        "ladder",
        "my ladder, zwo-neun-sieben",
        HOME,
        now,
        "salt",
    )
    task = SmallTask(
        "s1", ESTATE, SmallTaskKind.PATROL, "guard", "property", "patrol", "past zwo-neun-sieben", HOME, now, "salt"
    )
    with scene.units.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", PHONE)])
        uow.contacts.replace("manager", [Contact("manager", "sms", "13900000000")])
        uow.exchange.save_posting(offer)
        uow.exchange.save_small_task(task)
        uow.commit()
    return scene


@pytest.fixture(params=["memory", "sqlite"])
def everything(request, tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield with_everything(FakeUnitsOfWork() if request.param == "memory" else SqlUnitsOfWork(engine))
    engine.dispose()


def test_the_list_names_contacts_and_the_words_of_offers_and_small_tasks(everything):
    ask = ListPersonal(everything.units, everything.clock)
    listed = ask(ESTATE, None, subject="member:guard")
    assert sorted(one.sort for one in listed) == ["contact", "note", "posting", "posting"]
    assert {one.subject for one in ask(ESTATE, None)} == {"member:guard", "member:manager"}
    assert PHONE not in str([one.id for one in listed])


def test_erasing_a_member_takes_contacts_and_words_with_it_and_the_list_is_empty_of_them(everything):
    assert erase(everything, subject="member:guard").erased == 4
    ask = ListPersonal(everything.units, everything.clock)
    assert {one.subject for one in ask(ESTATE, None)} == {"member:manager"}
    with everything.units.reading() as uow:
        assert uow.contacts.of("guard") == []
        offer, task = uow.exchange.posting("p1"), uow.exchange.small_task("s1")
    assert (offer.text, offer.salt, offer.open) == ("", "", False)
    assert (task.text, task.salt, task.over) == ("", "", True)
    assert verify(everything.ledger()) is None
    said = [entry.data["class"] for entry in everything.ledger() if entry.kind == Kind.PERSONAL_ERASED]
    assert sorted(said) == ["contact", "note", "posting"]
    assert "138 0000" not in str(everything.ledger())
    assert erase(everything, subject="member:guard").erased == 0


def test_who_dies_while_somebody_is_erased_has_erased_nothing_and_a_repeat_erases_all_once(tmp_path):
    fate, engine = Fate(), fresh_state(tmp_path / "state.db")
    scene = with_everything(MortalUnits(engine, fate))
    ask, moment, over = ListPersonal(scene.units, scene.clock), 0, False
    while not over:
        fate.strike(moment)
        with suppress(Died):
            erase(scene, subject="member:guard")
        over = fate.moments[-1] == "after the commit"
        fate.spare()
        there = {one.id for one in ask(ESTATE, None, subject="member:guard") if one.erased_at is None}
        said = [entry for entry in scene.ledger() if entry.kind == Kind.PERSONAL_ERASED]
        assert (len(there), len(said)) == ((0, 3) if over else (4, 0)), f"died at moment {moment}: half erased"
        moment += 1
    assert moment > 10
    assert (again := erase(scene, subject="member:guard")).erased == 0
    assert again.seq == scene.ledger()[-1].seq, "whoever heard no answer is told that it was done"
    engine.dispose()


def test_one_contact_is_erased_by_the_key_that_the_list_shows(everything):
    ask = ListPersonal(everything.units, everything.clock)
    (contact,) = [one for one in ask(ESTATE, None, subject="member:guard") if one.sort == "contact"]
    assert erase(everything, record=contact.id).erased == 1
    with everything.units.reading() as uow:
        assert uow.contacts.of("guard") == []
        assert uow.exchange.posting("p1").text
    with pytest.raises(NotFound):
        ErasePersonal(everything.units, everything.clock)("elsewhere", record="p1", actor="x")


@pytest.mark.parametrize("quoted", [PHONE, "13800000000", "8613800000000", "+86-138-0000-0000"])
def test_an_address_that_a_provider_quotes_is_kept_out_of_the_ledger(scene, quoted):
    reach(scene.units, "manager", f"sms:{PHONE}")
    reach(scene.units, "guard", "sms:13911111111")
    sms = FakeChannel()
    sms.cut(f"number {quoted} is not allowed (code 1001)")
    scene.rings("access.forced-open", "b1/door")
    sends_all(sender(scene, {"sms": sms}))
    said = [entry.data for entry in scene.ledger() if entry.data.get("channel") == "sms"]
    (told,) = [one["reason"] for one in said if one["member"] == "manager"]
    assert told == "number *** is not allowed (code 1001)"
    with scene.units.reading() as uow:
        assert "138" not in str(
            [d.why for d in uow.outbox.latest(ESTATE, failed=True, limit=9) if d.member_id == "manager"]
        )


def looks(scene):
    return [(entry.actor, entry.subject) for entry in scene.ledger() if entry.kind == Kind.PERSONAL_READ]


def test_reading_what_others_wrote_is_an_entry_once_in_the_hour_one_goes_on_looking(noted):
    incident = noted.only_task().incident_id
    noted.queries.incident(incident, viewer())
    noted.clock.advance(minutes=20)
    noted.queries.incident(incident, viewer())
    assert looks(noted) == [("member:manager", incident)]
    noted.clock.advance(minutes=41)
    noted.queries.incident(incident, viewer())
    assert len(looks(noted)) == 2
    assert noted.ledger()[-1].data["through"] == "session"
    assert noted.kinds(noted.only_task()).count("personal.accessed") == 0


def test_ones_own_words_the_programs_own_look_and_erased_words_are_no_entries(noted):
    incident = noted.only_task().incident_id
    noted.queries.incident(incident, viewer("guard"))
    noted.queries.incident(incident, None)
    erase(noted, subject="member:guard")
    noted.queries.incident(incident, viewer())
    assert looks(noted) == []


def test_words_are_shown_even_when_the_look_cannot_be_written_down(noted, monkeypatch, caplog):
    def full():
        raise Unavailable("the disk is full")

    incident = noted.only_task().incident_id
    monkeypatch.setattr(noted.units, "writing", full)
    view = noted.queries.incident(incident, viewer())
    assert view.notes[0].text
    assert "could not be written down" in caplog.text


def test_every_ground_and_class_has_its_words():
    for word in (*Ground, *PersonalClass):
        assert WORDS[word].zh != word


def test_a_private_number_stays_out_of_the_chain(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    with scene.units.writing() as uow:
        waiting = uow.outbox.unsent(scene.clock.now())
        for number, notification in zip(("96333", "13800000000"), waiting, strict=False):
            uow.outbox.save(replace(notification, phone=number))
        uow.commit()
    sends_all(sender(scene, silent()))
    phones = [entry.data.get("phone") for entry in scene.ledger() if entry.kind == Kind.NOTIFIED]
    assert "96333" in phones
    assert "13800000000" not in str(scene.ledger())


def test_the_roles_that_may_erase_are_administrators_alone():
    from cloud.entrypoints.api.access import Area, decide

    for role in Role:
        from dataclasses import replace

        member = replace(register().members["manager"], role=role)
        refused = decide(Identity(member, Purpose.API, frozenset(), (ESTATE,)), Area.PERSONAL, "POST")
        assert (refused is None) is (role is Role.ADMINISTRATOR)
