"""A ballot: who may vote, what counts, when it ends, and what is published of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cloud.domain.consultation.majorities import Outcome, Rule, Weight
from cloud.domain.consultation.proposal import MatterKind
from cloud.domain.consultation.roll import Owner, whole
from cloud.errors import Conflict, NotAllowed, NotFound


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Channel(StrEnum):
    """How a vote came in."""

    OWN = "own"
    DELEGATED = "delegated"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote as it was cast or entered. `salt`: the ledger has only the salted digest of what it says. What was entered
    for an owner counts once a second person has confirmed it.
    """

    id: str
    ballot_id: str
    owner: str
    choice: Choice
    channel: Channel
    at: datetime
    entered_by: str
    salt: str
    delegate: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    @property
    def counts(self) -> bool:
        return self.channel is Channel.OWN or self.confirmed_by is not None

    def repeats(self, other: Vote) -> bool:
        """Whether it says what that one says, handed in by the same person in the same way."""
        ours, theirs = (
            (one.owner, one.choice, one.channel, one.entered_by, one.delegate) for one in (self, other)
        )  # fmt: skip
        return ours == theirs

    @property
    def words(self) -> str:
        """What the ledger's digest is of."""
        return f"{self.ballot_id}|{self.owner}|{self.choice.value}"


@dataclass(frozen=True, slots=True)
class Result:
    """What is published: heads and area, never who voted what."""

    outcome: Outcome
    roll: Weight
    participating: Weight
    by_choice: Mapping[Choice, Weight]


class BallotState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass
class Ballot:
    """`roll` and `rule` are those of the moment it opened, whatever they become. `revision` grows with every saving.
    `forgotten_at`: since then it names nobody; what was counted stays.
    """

    id: str
    estate: str
    topic_id: str
    proposal_id: str
    matter: MatterKind
    rule: Rule
    roll: tuple[Owner, ...]
    opened_at: datetime
    opened_by: str
    closes_at: datetime
    state: BallotState = BallotState.OPEN
    closed_at: datetime | None = None
    result: Result | None = None
    revision: int = 0
    forgotten_at: datetime | None = None

    @property
    def on_roll(self) -> Weight:
        """Heads and area of the roll, which stay when who stood on it is forgotten."""
        return self.result.roll if self.result is not None else whole(self.roll)

    @property
    def due_at(self) -> datetime | None:
        """When time closes it."""
        return self.closes_at if self.state is BallotState.OPEN else None

    def owner(self, owner_id: str) -> Owner:
        found = next((one for one in self.roll if one.id == owner_id), None)
        if found is None:
            raise NotFound(f"There is no owner {owner_id!r} on the roll of this ballot.", "本次表决名册中没有该业主")
        return found

    def voter(self, member_id: str) -> Owner | None:
        """The owner as whom this member votes."""
        return next((one for one in self.roll if one.member_id == member_id), None)

    def check_open(self, now: datetime) -> None:
        if self.state is not BallotState.OPEN or now >= self.closes_at:
            raise Conflict("The ballot is over: nothing more is taken or changed.", "表决已截止，不能再投票或更改")

    def close(self, votes: Iterable[Vote], now: datetime) -> Result:
        """Count and close. Raises Conflict where it was closed before."""
        if self.state is not BallotState.OPEN:
            raise Conflict("The ballot was closed before.", "表决已结束")
        self.result = tally(self, votes)
        self.state, self.closed_at = BallotState.CLOSED, now
        return self.result

    def forget(self, now: datetime, owners: Iterable[str] | None = None) -> None:
        """These owners (None: all) stand on its roll no longer. Raises Conflict while it is open: they still count."""
        if self.state is not BallotState.CLOSED:
            raise Conflict(
                "The ballot is open: who votes is forgotten once it has been counted.", "表决进行中，计票结束后方可删除"
            )
        going = {one.id for one in self.roll} if owners is None else set(owners)
        self.roll = tuple(one for one in self.roll if one.id not in going)
        if not self.roll:
            self.forgotten_at = now

    def check_early(self, votes: Iterable[Vote]) -> None:
        """Whether it may close before its time: the rule permits it and everybody has voted."""
        if not self.rule.early_close:
            raise Conflict("By its rule this ballot runs to its end.", "按表决规则须到期才能结束")
        missing = len(self.roll) - len(standing(votes))
        if missing:
            raise Conflict(
                f"{missing} owners have not voted: it closes early only when all have.",
                f"还有 {missing} 位业主未投票，全部投票后方可提前结束",
            )


def standing(votes: Iterable[Vote]) -> dict[str, Vote]:
    """By owner the vote that counts: of those that count the one cast or entered last, but what an owner has cast is overtaken by
    nothing that others hand in. The order given does not matter.
    """
    latest: dict[str, Vote] = {}
    for vote in votes:
        known = latest.get(vote.owner)
        if vote.counts and (known is None or _rank(vote) > _rank(known)):
            latest[vote.owner] = vote
    return latest


def _rank(vote: Vote) -> tuple[bool, datetime, str]:
    return vote.channel is Channel.OWN, vote.at, vote.id


def check_absent(owner: Owner, votes: Iterable[Vote]) -> None:
    """Others hand in a vote for an owner who cannot vote, never for one who has. Raises Conflict."""
    counts = standing(votes).get(owner.id)
    if counts is not None and counts.channel is Channel.OWN:
        raise Conflict(
            "This owner has voted already: whoever wants that vote changed is the owner, by voting again.",
            "该业主已亲自投票，只能由其本人更改",
        )


def latest(votes: Iterable[Vote], owner: str) -> Vote | None:
    """What was cast or entered last for that owner, whether it counts yet or not."""
    return max((vote for vote in votes if vote.owner == owner), key=lambda vote: (vote.at, vote.id), default=None)


def tally(ballot: Ballot, votes: Iterable[Vote]) -> Result:
    """The counts and what follows from them. Whoever abstains takes part, and is not in favour."""
    counted = standing(votes)
    by_choice = {choice: Weight() for choice in Choice}
    for owner in ballot.roll:
        if (vote := counted.get(owner.id)) is not None:
            by_choice[vote.choice] += owner.weight
    participating = sum(by_choice.values(), Weight())
    roll = whole(ballot.roll)
    outcome = ballot.rule.decide(ballot.matter, roll, participating, by_choice[Choice.FOR])
    return Result(outcome, roll, participating, by_choice)


def check_second(ballot: Ballot, vote: Vote, member_id: str, votes: Iterable[Vote]) -> None:
    """Two people stand behind what is entered for somebody else: who entered it, the delegate and the owner never confirm.

    Raises NotAllowed, or Conflict where there is nothing to confirm any more.
    """
    if vote.channel is Channel.OWN or vote.confirmed_by is not None:
        raise Conflict("This vote needs no confirmation any more.", "这张选票无需再确认")
    if member_id in (vote.entered_by, vote.delegate, ballot.owner(vote.owner).member_id):
        raise NotAllowed(
            "A second person confirms it: neither who entered it, nor the delegate, nor the owner.",
            "须由另一人确认：录入人、受托人和业主本人都不能确认",
        )
    later = standing(votes).get(vote.owner)
    if later is not None and _rank(later) > _rank(vote):
        raise Conflict("The owner's vote was changed since; this one counts no more.", "该业主之后已另行投票，此票作废")
