"""Who voted what, who signed and what was offered is forgotten in time or when asked; what was counted stays, chain and all."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from cloud.adapters.estate_file import regulated_work
from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.expire_civic import ExpireCivic
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.majorities import Outcome
from cloud.domain.exchange.posting import Good, Posting, Side
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.records.personal import PersonalClass
from cloud.errors import Conflict, NotFound
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.hall import Hall
from tests.fakes.mortal import Died, Fate, MortalUnits

KEPT = {
    PersonalClass.VOTE: timedelta(days=1095),
    PersonalClass.SIGNATURE: timedelta(days=1095),
    PersonalClass.POSTING: timedelta(days=365),
}


@pytest.fixture(params=["engine", "server"])
def hall(request):
    """On SQLite and on PostgreSQL."""
    return Hall(SqlUnitsOfWork(request.getfixturevalue(request.param)))


def expire(hall):
    return ExpireCivic(hall.units, hall.clock, KEPT)()


def counted(hall):
    """A ballot on which all three owners voted, closed by time."""
    ballot = hall.ballot()
    hall.consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"))
    hall.paper(ballot.id, "o2", Choice.FOR)
    hall.paper(ballot.id, "o3", Choice.AGAINST)
    hall.clock.advance(days=7)
    hall.run()
    return kept(hall, ballot.id)


def kept(hall, ballot_id):
    with hall.units.reading() as uow:
        return uow.consultation.ballots.get(ballot_id)


def votes(hall, ballot_id):
    with hall.units.reading() as uow:
        return list(uow.consultation.ballots.votes(ballot_id))


def test_who_voted_what_is_forgotten_when_its_time_is_up_and_the_result_stays(hall):
    ballot = counted(hall)
    assert ballot.result.outcome is Outcome.CARRIED
    shown = hall.consulting.ask.public(ESTATE)
    hall.clock.advance(days=1095)
    assert expire(hall) == 0
    hall.clock.advance(seconds=1)
    assert expire(hall) == 1
    assert expire(hall) == 0
    after = kept(hall, ballot.id)
    assert (after.roll, votes(hall, ballot.id)) == ((), [])
    assert after.result == ballot.result
    assert hall.consulting.ask.public(ESTATE) == shown
    ledger = hall.scene.ledger()
    assert verify(ledger) is None
    said = ledger[-1]
    assert (said.kind, said.actor, said.data) == (
        Kind.PERSONAL_ERASED, "clock", {"class": "vote", "ground": "retention", "records": [ballot.id]}
    )  # fmt: skip
    assert "o2" not in str(said), "forgetting names nobody"


def test_the_salts_go_with_the_votes_so_nobody_can_guess_them_back(engine):
    hall = Hall(SqlUnitsOfWork(engine))
    ballot = counted(hall)
    salts = {vote.salt for vote in votes(hall, ballot.id)}
    assert len(salts) == 3
    hall.clock.advance(days=1096)
    expire(hall)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM votes")).scalar() == 0
        bodies = connection.execute(text("SELECT body FROM ballots")).scalars().all()
    assert not any(salt in body for salt in salts for body in bodies)


def test_an_open_ballot_forgets_nobody(hall):
    ballot = hall.ballot()
    hall.consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"))
    with pytest.raises(Conflict, match="once it has been counted"):
        ballot.forget(hall.clock.now())
    hall.clock.advance(days=4000)
    assert expire(hall) == 0
    assert len(votes(hall, ballot.id)) == 1


def test_a_person_has_their_vote_erased_once_it_is_counted_and_the_others_stay(hall):
    ballot = hall.ballot()
    hall.consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"))
    erase = ErasePersonal(hall.units, hall.clock)
    listed = ListPersonal(hall.units, hall.clock)
    assert [one.sort for one in listed(ESTATE, None, subject="member:neighbour")] == [
        PersonalClass.NOTE, PersonalClass.OWNER
    ]  # fmt: skip
    hall.paper(ballot.id, "o2", Choice.FOR)
    hall.clock.advance(days=7)
    hall.run()
    result = kept(hall, ballot.id).result
    assert PersonalClass.VOTE in {one.sort for one in listed(ESTATE, None, subject="member:neighbour")}
    erase(ESTATE, subject="member:neighbour", actor="operator:root")
    assert [vote.owner for vote in votes(hall, ballot.id)] == ["o2"]
    after = kept(hall, ballot.id)
    assert ([one.id for one in after.roll], after.result) == (["o2", "o3"], result)
    with hall.units.reading() as uow:
        assert [one.member_id for one in uow.consultation.roll.of(ESTATE)] == [None, None, None]
    erase(ESTATE, record=f"vote:{ballot.id}:o2", actor="operator:root")
    erase(ESTATE, subject="owner:o3", actor="operator:root")
    assert kept(hall, ballot.id).forgotten_at == hall.clock.now()
    assert verify(hall.scene.ledger()) is None
    with pytest.raises(NotFound):
        erase(ESTATE, record=f"vote:{ballot.id}:o2", actor="operator:root")


def test_of_a_petition_the_number_stays_and_the_names_go(hall):
    petition = hall.consulting.petitions.start(ESTATE, "a lamp at the gate", hall.as_("neighbour"))
    hall.consulting.petitions.sign(petition.id, hall.as_("chair"))
    hall.clock.advance(days=1095, seconds=1)
    assert expire(hall) == 1
    view = hall.consulting.ask.petition(petition.id, hall.as_("guard"))
    assert (view.signatures, view.signed) == (2, False)
    with pytest.raises(Conflict, match="too old"):
        hall.consulting.petitions.sign(petition.id, hall.as_("chair"))
    assert hall.consulting.ask.petitions(ESTATE, hall.as_("clerk"))[0].signatures == 2
    assert verify(hall.scene.ledger()) is None


def test_a_signature_that_has_made_no_topic_is_withdrawn_with_its_name(hall):
    petition = hall.consulting.petitions.start(ESTATE, "a lamp at the gate", hall.as_("neighbour"))
    hall.consulting.petitions.sign(petition.id, hall.as_("chair"))
    ErasePersonal(hall.units, hall.clock)(ESTATE, record=f"signature:{petition.id}:chair", actor="operator:root")
    assert hall.consulting.ask.petition(petition.id, hall.as_("guard")).signatures == 1
    assert hall.consulting.petitions.sign(petition.id, hall.as_("chair")).signatures == 2


def test_a_petition_is_started_although_an_old_one_names_nobody_any_more(hall):
    start = hall.consulting.petitions.start
    old = start(ESTATE, "a lamp at the gate", hall.as_("neighbour"))
    hall.clock.advance(days=1095, seconds=1)
    assert expire(hall) == 1
    anew = start(ESTATE, "a lamp at the gate", hall.as_("neighbour"))
    assert (anew.id != old.id, anew.signers) == (True, ("neighbour",))
    assert start(ESTATE, "a lamp at the gate", hall.as_("neighbour")).id == anew.id, "said again, it is the same"


def test_whoever_took_their_signature_back_leaves_no_petition_in_the_way_and_no_words_to_the_next(hall):
    petition = hall.consulting.petitions.start(ESTATE, "a lamp at the gate", hall.as_("neighbour"))
    ErasePersonal(hall.units, hall.clock)(ESTATE, record=f"signature:{petition.id}:neighbour", actor="operator:root")
    other = hall.consulting.petitions.start(ESTATE, "a bench in the yard", hall.as_("neighbour"))
    assert other.id != petition.id
    with hall.units.writing() as uow:
        kept = uow.consultation.petitions.get(petition.id)
        kept.needed = 1
        uow.consultation.petitions.save(kept)
        uow.commit()
    hall.consulting.petitions.sign(petition.id, hall.as_("chair"))
    (said,) = hall.topic().contributions
    assert (said.id, said.member_id) == (petition.id, "neighbour"), "whoever signed has not said it"


def test_words_of_what_was_offered_go_a_year_after_it_was_over(hall):
    exchange = Exchanging(hall.units, hall.clock, hall.ids, regulated_work)
    now = hall.clock.now()
    with hall.units.writing() as uow:
        for name in ("over", "open"):
            uow.exchange.save_posting(
                Posting(name, ESTATE, Side.OFFER, "neighbour", "property", Good.TOOL, "ladder", "ring at 302", HOME, now, "s")
            )  # fmt: skip
        uow.commit()
    exchange.board.withdraw("over", Side.OFFER, hall.as_("neighbour"))
    hall.clock.advance(days=365, seconds=1)
    assert expire(hall) == 1
    with hall.units.reading() as uow:
        assert {id_: uow.exchange.posting(id_).text for id_ in ("over", "open")} == {"over": "", "open": "ring at 302"}
    assert expire(hall) == 0
    assert verify(hall.scene.ledger()) is None


def test_a_crash_between_any_two_statements_changes_no_result_and_forgets_at_last(tmp_path):
    moment, survived = 0, False
    while not survived:
        engine = open_engine(f"sqlite:///{tmp_path / f'{moment}.db'}")
        upgrade(engine)
        fate = Fate()
        hall = Hall(MortalUnits(engine, fate))
        ballot = counted(hall)
        hall.clock.advance(days=1096)
        fate.strike(moment)
        with suppress(Died):
            expire(hall)
            survived = True
        fate.spare()
        after = kept(hall, ballot.id)
        assert bool(after.roll) == bool(votes(hall, ballot.id)), f"died at moment {moment}: half forgotten"
        expire(hall)
        assert (kept(hall, ballot.id).result, votes(hall, ballot.id)) == (ballot.result, [])
        assert len([one for one in hall.scene.ledger() if one.kind == Kind.PERSONAL_ERASED]) == 1
        engine.dispose()
        # Each life costs a fresh estate: every fourth moment is looked at.
        moment += 4
    assert moment > 6


def test_ballots_of_before_are_forgotten_by_when_they_closed(engine, tmp_path):
    hall = Hall(SqlUnitsOfWork(engine))
    ballot = counted(hall)
    old = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(old, "0019")
    with engine.connect() as here, old.begin() as there:
        for name in ("topics", "ballots"):
            for row in here.execute(text(f"SELECT * FROM {name}")).mappings():
                kept_ = {key: value for key, value in row.items() if key != "named_since"}
                places = ", ".join(f":{key}" for key in kept_)
                there.execute(text(f"INSERT INTO {name} ({', '.join(kept_)}) VALUES ({places})"), kept_)
    upgrade(old)
    with SqlUnitsOfWork(old).reading() as uow:
        (found,) = uow.consultation.ballots.outlived(ballot.closed_at + timedelta(seconds=1))
        assert found.id == ballot.id
        assert uow.consultation.ballots.outlived(ballot.closed_at) == []
    old.dispose()
