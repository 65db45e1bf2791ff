"""What neighbours do for each other and decide together, as far as points and votes come of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cloud.application.consultation.ballots import Entry
from cloud.application.exchange.board import Wording
from cloud.domain.community.hours import ALWAYS
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer, Proposal
from cloud.domain.consultation.roll import Unit
from cloud.domain.consultation.terms import Terms
from cloud.domain.consultation.topic import TopicState
from cloud.domain.credit.account import ReversalReason
from cloud.domain.exchange.small_task import SmallTaskKind
from tests.fakes.estate import ESTATE, HOME
from tests.faults.governance.chances import Around

_HELPERS = st.sampled_from(["ann", "ben", "cao", "dan", "eve"])
_VERBS = st.sampled_from(["claim", "claim", "release", "finish", "finish", "confirm", "send_back"])
_WORDS = Wording("shopping", "帮买菜", f"{HOME}/b1", ALWAYS)


class CivicLife(Around):
    @rule(wanted=st.integers(1, 3), verbs=st.lists(_VERBS, max_size=5), member=_HELPERS)
    def neighbours_help(self, wanted: int, verbs: list[str], member: str) -> None:
        kind, manager = SmallTaskKind.SMALL_TASK, self.w.identity("manager")
        self.does(lambda: self.exchange.small_tasks.post(ESTATE, kind, _WORDS, manager, wanted=wanted))
        for verb in verbs:
            self._helps(verb, member)

    def _helps(self, verb: str, member: str) -> None:
        actor = "manager" if verb in ("confirm", "send_back") else member
        with self.w.units.reading() as uow:
            known = uow.exchange.small_tasks(ESTATE, over=False, limit=1)
        if known:
            self.does(lambda: getattr(self.exchange.small_tasks, verb)(known[0].id, self.w.identity(actor)))

    @rule(data=st.data())
    def points_are_taken_back(self, data: st.DataObject) -> None:
        entries = self.entries()
        if entries:
            one = data.draw(st.sampled_from(entries))
            self.does(lambda: self.credit.reverse(one.id, self.w.identity("manager"), ReversalReason.MISTAKEN))

    def entries(self):
        with self.w.units.reading() as uow:
            return list(uow.credit.of_acts(ESTATE, ""))

    @precondition(lambda self: "ballot" not in self.w.kept)
    @rule()
    def something_is_put_to_the_vote(self) -> None:
        units = [Unit(f"u{n}", f"o{n}", Decimal(100)) for n in (1, 2, 3)]
        members, terms, until = {"o1": "neighbour", "o2": "cao"}, Terms(petition_signatures=1), timedelta(days=5)
        until_then = self.w.clock.now() + until
        self.does(lambda: self.consulting.roll.replace(ESTATE, units, members, self.w.identity("chair")))
        self.does(lambda: self.consulting.roll.set_terms(ESTATE, terms, self.w.identity("chair")))
        petition = self.does(lambda: self.consulting.petitions.start(ESTATE, "a bench", self.w.identity("eve")))
        if petition is None:
            return
        topic = petition.topic_id
        self.does(lambda: self.consulting.talk.move(topic, TopicState.DELIBERATING, self.w.identity("clerk")))
        made = self.does(lambda: self._proposes(topic))
        if made is not None:
            self.does(lambda: self.consulting.ballots.open(topic, made.id, until_then, self.w.identity("chair")))
            with self.w.units.reading() as uow:
                (self.w.kept["ballot"],) = (one.id for one in uow.consultation.ballots.of_topic(topic))

    def _proposes(self, topic: str) -> Proposal:
        return self.consulting.talk.propose(
            topic, "a bench", self.w.identity("neighbour"), matter=MatterKind.ORDINARY, cost=Cost(1, "CNY"),
            payer=Payer.OWNERS, party_id="property",
        )  # fmt: skip

    @precondition(lambda self: "ballot" in self.w.kept)
    @rule(choice=st.sampled_from(Choice), member=st.sampled_from(["neighbour", "cao", "chair", "secretary"]))
    def somebody_votes(self, choice: Choice, member: str) -> None:
        ballot = self.w.kept["ballot"]
        if member == "chair":
            self.does(lambda: self.consulting.ballots.enter(ballot, Entry("o3", choice), self.w.identity("chair")))
        elif member == "secretary":
            with self.w.units.reading() as uow:
                votes = [one for one in uow.consultation.ballots.votes(ballot) if not one.counts]
            if votes:
                self.does(lambda: self.consulting.ballots.confirm(ballot, votes[-1].id, self.w.identity("secretary")))
        else:
            self.does(lambda: self.consulting.ballots.vote(ballot, choice, self.w.identity(member)))
