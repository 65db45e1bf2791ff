"""Patterns, ballots and reviews on the real storage: found once, ended once, whatever happens in between."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.consultation.ballots import Entry
from cloud.application.consultation.run_consultation import ConsultationRun, RunConsultation
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.majorities import ONE_MEMBER_ONE_VOTE, Outcome
from cloud.domain.consultation.roll import Unit
from cloud.domain.consultation.terms import Terms
from cloud.domain.consultation.topic import Origin, TopicState
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.hall import DOOR, LIFT, Hall
from tests.fakes.mortal import Died, Fate, MortalUnits


@pytest.fixture
def hall(engine) -> Hall:
    return Hall(SqlUnitsOfWork(engine))


def test_three_incidents_on_one_lift_open_one_topic_however_often_it_is_looked(hall):
    hall.happens()
    hall.happens()
    assert (hall.watch(), hall.topics()) == (0, [])
    hall.happens()
    assert (hall.watch(), hall.watch()) == (1, 0)
    topic = hall.topic()
    assert (topic.origin, topic.equipment, len(topic.evidence)) == (Origin.REPEATED_EQUIPMENT, LIFT, 3)
    hall.happens()
    assert (hall.watch(), hall.watch(), len(hall.topic().evidence)) == (1, 0, 4)
    assert hall.kinds(Kind.TOPIC_OPENED, Kind.EVIDENCE_ADDED) == ["topic.opened", "topic.evidence-added"]


def test_exercises_never_count_and_false_alarms_are_counted_apart(hall):
    for _ in range(3):
        hall.happens(mode="exercise")
    hall.happens(false=True)
    hall.happens()
    hall.happens()
    assert (hall.watch(), hall.topics()) == (0, [])
    hall.happens()
    assert hall.watch() == 1
    assert (len(hall.topic().evidence), hall.topic().false_alarms) == (3, 1)


def test_what_was_merged_called_off_or_found_to_be_nothing_repeats_nothing(hall):
    """One broken door that is reported twice is one incident."""
    scene = hall.scene
    for _ in range(2):
        hall.happens()
    hall.happens(why=ResolutionReason.DUPLICATE)
    hall.happens(why=ResolutionReason.NOT_ACTIONABLE)
    scene.rings("lift.door-fault", LIFT, mono=90_000.0)
    scene.stand_down.cancel(scene.only_task().id, "manager", "a mistake")
    hall.clock.advance(days=1)
    scene.rings("lift.door-fault", LIFT, mono=180_000.0)
    lift = scene.only_task().id
    scene.rings("access.forced-open", DOOR, mono=180_000.0)
    door = next(task.id for task in scene.board() if task.id != lift)
    scene.merge(lift, "street-officer", door)
    assert (hall.watch(), hall.topics()) == (0, [])
    scene.merge.undo(lift, "street-officer")
    assert hall.watch() == 1
    assert len(hall.topic().evidence) == 3


def test_what_a_topic_settled_opens_no_other_from_the_same_incidents(hall):
    for _ in range(3):
        hall.happens()
    hall.watch()
    hall.consulting.talk.move(hall.topic().id, TopicState.WITHDRAWN, hall.as_("clerk"))
    assert (hall.watch(), len(hall.topics())) == (0, 1)


def test_a_task_declined_twice_is_a_disputed_duty(hall):
    hall.scene.rings("access.forced-open", DOOR)
    task = hall.scene.only_task()
    hall.scene.aside.decline(task.id, "guard", "not our gate", "lift-firm")
    assert (hall.watch(), hall.topics()) == (0, [])
    hall.scene.aside.decline(task.id, "technician", "no lift")
    assert (hall.watch(), hall.watch()) == (1, 0)
    topic = hall.topic()
    assert (topic.origin, topic.task_id, topic.evidence) == (Origin.DISPUTED_DUTY, task.id, (task.incident_id,))


def test_helpers_that_will_not_come_dispute_no_duty(hall):
    hall.scene.rings("access.forced-open", DOOR)
    task = hall.scene.only_task()
    hall.scene.act.acknowledge(task.id, "guard")
    hall.scene.joint.ask_for_help(task.id, "guard", ["committee", "grid"])
    for one in ("clerk", "grid-officer"):
        hall.scene.aside.decline(task.id, one, "not with two people away")
    assert hall.kinds(Kind.DECLINED) == [Kind.DECLINED, Kind.DECLINED]
    assert (hall.watch(), hall.topics()) == (0, [])


def test_a_ballot_ends_when_its_time_is_up_once_though_the_process_dies_at_every_moment(hall, engine):
    ballot = hall.ballot()
    hall.consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"))
    hall.paper(ballot.id, "o2", Choice.FOR)
    assert hall.run() == ConsultationRun(0, 0)
    hall.clock.advance(days=8)
    fate = Fate()
    dying = RunConsultation(MortalUnits(engine, fate), hall.clock, hall.ids)
    deaths = 0
    for moment in range(200):
        fate.strike(moment)
        try:
            dying()
        except Died:
            deaths += 1
        else:
            break
    fate.spare()
    assert deaths > 10
    assert hall.run() == ConsultationRun(0, 0)
    assert hall.kinds(Kind.BALLOT_CLOSED, Kind.RESOLUTION_TASKED) == ["ballot.closed", "topic.resolution-tasked"]
    assert hall.topic().outcome is Outcome.CARRIED
    (task,) = hall.scene.board()
    assert (task.hazard, task.responsible.id, task.id) == (
        "civic.resolution-due",
        "lift-firm",
        hall.topic().resolution_task,
    )


def test_a_review_waits_for_the_task_and_then_puts_the_effect_beside_it(hall):
    ballot = hall.ballot()
    hall.consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"))
    hall.paper(ballot.id, "o2", Choice.FOR)
    hall.clock.advance(days=8)
    hall.run()
    hall.clock.advance(days=91)
    assert hall.run() == ConsultationRun(0, 1)
    assert hall.kinds(Kind.REVIEW_POSTPONED) == ["topic.review-postponed"]
    assert (hall.topic().state, hall.run()) == (TopicState.ACTING, ConsultationRun(0, 0))
    task = hall.topic().resolution_task
    hall.scene.act.acknowledge(task, "technician")
    hall.scene.act.resolve(task, "technician", ResolutionReason.FIXED)
    hall.scene.act.close(task, "manager")
    hall.clock.advance(days=3)
    hall.happens()
    hall.clock.advance(days=30)
    assert hall.run() == ConsultationRun(0, 1)
    topic = hall.topic()
    assert (topic.state, topic.effect.before.alarms, topic.effect.after.alarms) == (TopicState.REVIEWED, 3, 1)
    assert topic.effect.after.days == 33
    chain = hall.consulting.ask.chain(topic.id, hall.as_("neighbour"))
    assert [link.kind for link in chain.links] == ["alarm"] * 3 + ["topic", "ballot", "task", "effect"]


def test_a_poisoned_ballot_holds_up_no_other_thing_of_time(hall, monkeypatch):
    ballot = hall.ballot()
    with hall.units.writing() as uow:
        # A member of the roll of a proposal that is gone: nothing that a use case would write.
        topic = uow.consultation.topics.get(ballot.topic_id)
        topic.state = TopicState.CLOSED
        topic.over_at = hall.clock.now()
        uow.consultation.topics.save(topic)
        uow.commit()
    hall.clock.advance(days=8)
    with pytest.raises(ExceptionGroup, match="1 ballots or reviews"):
        hall.run()


def test_who_may_what(hall):
    ballot = hall.ballot()
    consulting, topic = hall.consulting, hall.topic()
    with pytest.raises(NotAllowed, match="convenes"):
        consulting.talk.move(topic.id, TopicState.WITHDRAWN, hall.as_("manager"))
    with pytest.raises(NotAllowed, match="owners vote"):
        consulting.ballots.vote(ballot.id, Choice.FOR, hall.as_("manager"))
    with pytest.raises(NotAllowed, match="convenes"):
        consulting.ballots.enter(ballot.id, Entry("o2", Choice.FOR), hall.as_("manager"))
    with pytest.raises(NotAllowed, match="yourself"):
        consulting.ballots.enter(ballot.id, Entry("o1", Choice.FOR, "neighbour"), hall.as_("neighbour"))
    with pytest.raises(NotFound):
        consulting.ask.topic(topic.id, hall.as_("chair", "elsewhere"))
    with pytest.raises(NotAllowed, match="convenes"):
        consulting.roll.read(ESTATE, hall.as_("neighbour"))


def test_a_delegate_enters_and_a_convenor_confirms(hall):
    ballot, ballots = hall.ballot(), hall.consulting.ballots
    vote = ballots.enter(ballot.id, Entry("o2", Choice.FOR, "technician"), hall.as_("technician"))
    with pytest.raises(NotAllowed):
        ballots.confirm(ballot.id, vote.id, hall.as_("technician"))
    for anybody in ("manager", "neighbour"):
        with pytest.raises(NotAllowed, match="convenes"):
            ballots.confirm(ballot.id, vote.id, hall.as_(anybody))
    ballots.confirm(ballot.id, vote.id, hall.as_("chair"))
    with pytest.raises(Conflict):
        ballots.confirm(ballot.id, vote.id, hall.as_("secretary"))


def looks(hall):
    return [(e.actor, e.subject, e.data["class"]) for e in hall.scene.ledger() if e.kind == Kind.PERSONAL_READ]


def test_reading_the_roll_pending_votes_or_one_petition_is_a_look_at_personal_data(hall):
    ballot, ask = hall.ballot(), hall.consulting.ask
    before = looks(hall)
    ask.pending(ballot.id, hall.as_("chair"))
    assert looks(hall) == before, "nothing waits, so there was nothing to see"
    hall.consulting.ballots.enter(ballot.id, Entry("o2", Choice.FOR), hall.as_("chair"))
    for _ in range(2):
        ask.pending(ballot.id, hall.as_("secretary"))
        hall.consulting.roll.read(ESTATE, hall.as_("secretary"))
    petition = hall.consulting.petitions.start(ESTATE, "keep the door shut", hall.as_("neighbour"))
    ask.petition(petition.id, hall.as_("neighbour"))
    ask.petition(petition.id, hall.as_("guard"))
    with pytest.raises(NotAllowed):
        hall.consulting.roll.read(ESTATE, hall.as_("guard"))
    assert looks(hall)[len(before) :] == [
        ("member:secretary", f"{ballot.id}:entries", "vote"),
        ("member:secretary", "electoral-roll", "owner"),
        ("member:guard", petition.id, "note"),
    ]


@pytest.mark.parametrize("member", ["guard", "manager", "technician", "clerk", "engineer"])
def test_an_organisations_people_neither_start_nor_sign_a_petition(hall, member):
    """Ten guards of the property are no ten neighbours."""
    petition = hall.consulting.petitions.start(ESTATE, "keep the door shut", hall.as_("neighbour"))
    with pytest.raises(NotAllowed, match="own"):
        hall.consulting.petitions.sign(petition.id, hall.as_(member))
    with pytest.raises(NotAllowed, match="own"):
        hall.consulting.petitions.start(ESTATE, "a new contract", hall.as_(member))
    assert not hall.consulting.ask.may_petition(ESTATE, hall.as_(member))
    assert hall.consulting.ask.may_petition(ESTATE, hall.as_("neighbour"))
    assert hall.consulting.ask.petition(petition.id, hall.as_("clerk")).signatures == 1


def test_an_owner_on_the_roll_signs_whatever_else_they_are(hall):
    hall.consulting.roll.replace(ESTATE, [Unit("u1", "o1", Decimal(100))], {"o1": "guard"}, hall.as_("chair"))
    petition = hall.consulting.petitions.start(ESTATE, "keep the door shut", hall.as_("neighbour"))
    assert hall.consulting.petitions.sign(petition.id, hall.as_("guard")).signatures == 2


def test_once_its_time_is_over_nothing_is_cast_entered_or_confirmed_although_nobody_has_counted_yet(hall):
    ballot, ballots = hall.ballot(), hall.consulting.ballots
    waiting = ballots.enter(ballot.id, Entry("o2", Choice.FOR), hall.as_("chair"))
    hall.clock.advance(days=7)
    for late in (
        lambda: ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour")),
        lambda: ballots.enter(ballot.id, Entry("o3", Choice.FOR), hall.as_("chair")),
        lambda: ballots.confirm(ballot.id, waiting.id, hall.as_("secretary")),
        lambda: ballots.close_early(ballot.id, hall.as_("chair")),
    ):
        with pytest.raises(Conflict, match="over"):
            late()
    hall.run()
    assert hall.topic().outcome is Outcome.NO_QUORUM


def test_all_have_voted_and_the_convenor_closes_early(hall):
    ballot, ballots = hall.ballot(), hall.consulting.ballots
    for owner in ("o1", "o2"):
        hall.paper(ballot.id, owner, Choice.AGAINST)
    with pytest.raises(Conflict, match="1 owners have not voted"):
        ballots.close_early(ballot.id, hall.as_("chair"))
    hall.paper(ballot.id, "o3", Choice.FOR)
    assert ballots.close_early(ballot.id, hall.as_("chair")).result.outcome is Outcome.REJECTED
    assert hall.topic().resolution_task is None
    hall.clock.advance(days=8)
    assert hall.run() == ConsultationRun(0, 0)


def test_a_ballot_keeps_the_roll_and_the_rule_it_began_with(hall):
    ballot = hall.ballot()
    hall.consulting.roll.replace(ESTATE, [Unit("x", "other", Decimal(1))], {}, hall.as_("chair"))
    terms = Terms(rule=ONE_MEMBER_ONE_VOTE)
    hall.consulting.roll.set_terms(ESTATE, terms, hall.as_("chair"))
    with hall.units.reading() as uow:
        kept = uow.consultation.ballots.get(ballot.id)
        assert uow.consultation.terms.of(ESTATE) == terms
    assert (len(kept.roll), kept.rule.id, kept.rule.quorum.area) == (3, "civil-code-278", Fraction(2, 3))
    assert kept == ballot


def test_what_does_not_hold_together_is_refused(hall):
    ballot = hall.ballot()
    consulting, topic = hall.consulting, hall.topic()
    with pytest.raises(Conflict, match="talk"):
        consulting.talk.contribute(topic.id, "late", hall.as_("neighbour"))
    with pytest.raises(Invalid, match="to:"):
        consulting.talk.move(topic.id, TopicState.DECIDED, hall.as_("clerk"))
    with pytest.raises(Invalid, match="delegate"):
        consulting.ballots.enter(ballot.id, Entry("o2", Choice.FOR, "nobody"), hall.as_("chair"))
    with pytest.raises(NotFound, match="roll"):
        consulting.ballots.enter(ballot.id, Entry("nobody", Choice.FOR), hall.as_("chair"))
    with pytest.raises(Invalid, match="equipment"):
        consulting.petitions.start(ESTATE, "fix it", hall.as_("neighbour"), equipment="b9/none")
    with pytest.raises(Invalid, match="members"):
        consulting.roll.replace(ESTATE, [Unit("x", "o", Decimal(1))], {"o": "nobody"}, hall.as_("chair"))


def test_whoever_saved_first_wins(hall):
    hall.ballot()
    topic, again = hall.topic(), hall.topic()
    with hall.units.writing() as uow:
        uow.consultation.topics.save(topic)
        with pytest.raises(Conflict, match="meanwhile"):
            uow.consultation.topics.save(again)
