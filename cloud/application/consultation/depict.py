"""Topics and ballots as they are shown."""

from __future__ import annotations

from cloud.application.consultation import views
from cloud.application.ports import UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.consultation.ballot import Ballot, Channel, Result, Vote, standing
from cloud.domain.consultation.effect import Counted, Effect, figure
from cloud.domain.consultation.majorities import Weight
from cloud.domain.consultation.proposal import Cost, Proposal
from cloud.domain.consultation.topic import Topic
from cloud.domain.duties.register import Register
from cloud.domain.records.consultation_told import WORDS
from schemas.hazards import hazard


def subject(topic: Topic, register: Register) -> Names:
    """What it is about: the equipment and the hazard as they are called, and why it was opened."""
    origin = WORDS[topic.origin]
    where = register.names_of(topic.equipment) if topic.equipment else register.estate.names
    known = hazard(topic.hazard) if topic.hazard else None
    zh = f"{where.zh}{known.zh if known else ''}：{origin.zh}"
    en = f"{f'{known.en} at ' if known else ''}{where.en}: {origin.en}"
    return Names(zh, en)


def topic_view(topic: Topic, register: Register) -> views.TopicView:
    return views.TopicView(
        id=topic.id,
        estate=topic.estate,
        origin=topic.origin,
        subject=subject(topic, register),
        equipment=topic.equipment,
        hazard=topic.hazard,
        state=topic.state,
        opened_at=topic.opened_at,
        evidence=list(topic.evidence),
        days=topic.days,
        false_alarms=topic.false_alarms,
        before=topic.before,
        outcome=topic.outcome,
        review_on=topic.review_on,
        resolution_task=topic.resolution_task,
        revision=topic.revision,
    )


def words(uow: UnitOfWork, record_id: str) -> str | None:
    """None: erased."""
    record = uow.personal.get(record_id)
    return record.text if record is not None and record.erased_at is None else None


def cost_view(cost: Cost) -> views.CostView:
    return views.CostView(cost.minor, cost.currency)


def proposal_view(uow: UnitOfWork, one: Proposal, register: Register) -> views.ProposalView:
    return views.ProposalView(
        one.id, one.at, words(uow, one.id), one.matter, cost_view(one.cost), one.payer, one.party_id,
        register.party(one.party_id).names, one.duty,
    )  # fmt: skip


def ballot_view(ballot: Ballot, votes: list[Vote], member_id: str) -> views.BallotView:
    owner = ballot.voter(member_id)
    mine = standing(votes).get(owner.id) if owner else None
    return views.BallotView(
        id=ballot.id,
        topic_id=ballot.topic_id,
        estate=ballot.estate,
        proposal_id=ballot.proposal_id,
        matter=ballot.matter,
        rule=ballot.rule.id,
        rule_names=ballot.rule.names,
        state=ballot.state,
        opened_at=ballot.opened_at,
        closes_at=ballot.closes_at,
        closed_at=ballot.closed_at,
        roll=count_view(ballot.on_roll),
        result=result_view(ballot.result),
        may_vote=owner is not None,
        mine=mine.choice if mine else None,
        handed_in=owner is not None and any(v.owner == owner.id and v.channel is not Channel.OWN for v in votes),
    )


def public_ballot(ballot: Ballot, topic: Topic, register: Register) -> views.PublicBallotView:
    proposal = topic.proposal(ballot.proposal_id)
    return views.PublicBallotView(
        id=ballot.id,
        subject=subject(topic, register),
        origin=topic.origin,
        matter=ballot.matter,
        cost=cost_view(proposal.cost),
        payer=proposal.payer,
        party=register.party(proposal.party_id).names,
        rule_names=ballot.rule.names,
        state=ballot.state,
        opened_at=ballot.opened_at,
        closes_at=ballot.closes_at,
        closed_at=ballot.closed_at,
        roll=count_view(ballot.on_roll),
        result=result_view(ballot.result),
    )


def count_view(weight: Weight) -> views.CountView:
    return views.CountView(weight.heads, weight.area)


def result_view(result: Result | None) -> views.ResultView | None:
    if result is None:
        return None
    by_choice = {choice: count_view(weight) for choice, weight in result.by_choice.items()}
    return views.ResultView(result.outcome, count_view(result.roll), count_view(result.participating), by_choice)


def effect_view(effect: Effect | None) -> views.EffectView | None:
    if effect is None:
        return None
    return views.EffectView(effect.measured_at, _stretch(effect.before), _stretch(effect.after), effect.told())


def _stretch(counted: Counted) -> views.StretchView:
    rate = counted.per_30_days
    shown = figure(rate) if rate is not None else None
    return views.StretchView(counted.since, counted.until, counted.days, counted.alarms, shown)
