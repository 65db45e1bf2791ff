"""What happened, append-only: the kinds of facts, and a fact before and after it stands in the chain (`ledger_chain`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

GENESIS: Final = "0" * 64

Fact = Any
"""JSON: text, numbers, truth values, nothing, lists and objects of them."""


class Kind(StrEnum):
    """What an entry records, in the past tense."""

    ALERT_FIRED = "alert.fired"
    ALERT_RESOLVED = "alert.resolved"
    ALERT_HIDDEN = "alert.hidden"
    ALERT_SHOWN = "alert.shown"
    TRACK_LOST = "alert.track-lost"
    FALSE_ALARMS_COUNTED = "alert.false-alarms-counted"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_WORSENED = "incident.worsened"
    SEVERITY_RISEN = "incident.severity-risen"
    LATE_NEWS = "incident.late-news"
    FIRE_PRESUMED = "fire.presumed"
    INCIDENT_WIDENED = "incident.widened"
    INCIDENT_QUIET = "incident.quiet"
    TASK_ROUTED = "task.routed"
    TASK_ACKNOWLEDGED = "task.acknowledged"
    PARTY_JOINED = "task.party-joined"
    TASK_STARTED = "task.started"
    TASK_RESOLVED = "task.resolved"
    TASK_CLOSED = "task.closed"
    TASK_REOPENED = "task.reopened"
    NOTE_ADDED = "task.note-added"
    TASK_CHECKED = "task.checked"
    TASK_CANCELLED = "task.cancelled"
    CLEARING_REFUSED = "task.clearing-refused"
    LOOK_ASKED = "task.second-look-asked"
    LOOK_PROMISED = "task.second-look-promised"
    LOOK_TAKEN_BACK = "task.second-look-taken-back"
    CLAIM_CONTRADICTED = "task.claim-contradicted"
    CLOSED_UNVERIFIED = "task.closed-unverified"
    RESULT_JUDGED = "task.result-judged"
    SOUNDER_MUTED = "sounder.muted"
    SOUNDER_BACK = "sounder.back"
    HAZARD_REPORTED = "report.received"
    LINK_SENT = "report.link-sent"
    LINK_NOT_SENT = "report.link-not-sent"
    LINK_HANDED = "report.link-handed-over"
    REPORTER_SAID = "report.said-more"
    OTHERS_JOINED = "report.others-joined"
    PHOTO_ADDED = "photo.added"
    EXERCISE_PLANNED = "exercise.planned"
    EXERCISE_ENDED = "exercise.ended"
    EXERCISE_REAL = "exercise.turned-real"
    ALARM_IN_EXERCISE = "exercise.alarm-taken-for-it"
    WINDOW_OPENED = "maintenance.window-opened"
    WINDOW_ENDED = "maintenance.window-ended"
    VISIT_CONFIRMED = "maintenance.visit-confirmed"
    UPKEEP_NOTED = "maintenance.dates-noted"
    PATROL_WALKED = "patrol.walked"
    ALERT_HELD_BACK = "maintenance.alert-held-back"
    TECHNICIAN_TOLD = "maintenance.technician-told"
    REMINDED = "task.reminded"
    DECAYED = "task.acknowledgement-decayed"
    HELD = "task.put-on-hold"
    HOLD_ENDED = "task.hold-ended"
    DECLINED = "task.declined"
    OFFERED = "task.handover-offered"
    HELP_ASKED = "task.help-asked"
    WHISTLE_WISHED = "task.whistle-asked-for"
    WHISTLE_REFUSED = "task.whistle-refused"
    WHISTLED = "task.whistled"
    PARTY_ARRIVED = "task.party-arrived"
    PARTY_FINISHED = "task.party-finished"
    PARTY_RELEASED = "task.party-released"
    KEPT_OUT = "task.party-kept-out"
    OBJECTED = "task.objected"
    OBJECTION_UPHELD = "task.objection-upheld"
    OBJECTION_REJECTED = "task.objection-rejected"
    REQUEST_EXPIRED = "task.request-expired"
    STAND_IN_ASKED = "task.stand-in-asked"
    ARBITER_ASKED = "task.arbiter-asked"
    ARBITER_OVERDUE = "task.arbiter-overdue"
    ARBITRATED = "task.arbitrated"
    MERGED = "task.merged"
    TOOK_IN = "task.took-in"
    UNMERGED = "task.merge-undone"
    GAVE_BACK = "task.gave-back"
    PART_OVERDUE = "part.overdue"
    CLOCK_BREACHED = "clock.breached"
    ESCALATED = "ladder.step-taken"
    STEP_PASSED = "ladder.step-passed"
    LADDER_ENDED = "ladder.ended"
    CALL_MADE = "call-sheet.called"
    CALLED = "notification.called"
    NOTIFIED = "notification.sent"
    NOT_NOTIFIED = "notification.not-sent"
    NOTICE_AGAIN = "notification.tried-again"
    NOTICE_HELD = "notification.held"
    NOTICE_WITHDRAWN = "notification.withdrawn"
    CALL_ANSWERED = "notification.call-answered"
    CONTACTS_CHANGED = "member.contacts-changed"
    CONTACTS_LAID = "member.contacts-laid"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_SECRET_ROTATED = "webhook.secret-rotated"  # noqa: S105 - a kind of entry
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_GIVEN_UP = "webhook.given-up"
    WEBHOOK_AGAIN = "webhook.tried-again"
    WEBHOOK_GONE = "webhook.gone"
    CHANNEL_SET_UP = "channel.set-up"
    CHANNEL_CHANGED = "channel.changed"
    CHANNEL_REMOVED = "channel.removed"
    NODE_BORN = "node.born"
    NODE_DIED = "node.died"
    CLAIM_ISSUED = "node.claim-issued"
    NODE_ENROLLED = "node.enrolled"
    BOARD_REPLACED = "node.board-replaced"
    CREDENTIAL_RENEWED = "node.credential-renewed"
    NODE_REVOKED = "node.revoked"
    CONFIGURATION_ISSUED = "node.configuration-issued"
    CONFIGURATION_APPLIED = "node.configuration-applied"
    CONFIGURATION_NOT_APPLIED = "node.configuration-not-applied"
    CONFIGURATION_REPORTED = "node.configuration-reported"
    COMMAND_ASKED = "node.command-asked"
    COMMAND_ANSWERED = "node.command-answered"
    COMMAND_UNANSWERED = "node.command-unanswered"
    CARD_KEY_MADE = "card-key.made"
    CARD_KEY_IN_USE = "card-key.in-use"
    CLOCK_STEPPED = "clock.stepped"
    RECORDS_LOST = "node.records-lost"
    RECORDS_FOUND = "node.records-found"
    DEAD_LETTER = "dead-letter.kept"
    LETTER_REPLAYED = "dead-letter.replayed"
    ROSTER_CHANGED = "roster.changed"
    ROSTER_REMOVED = "roster.removed"
    OVERRIDE_ADDED = "roster.override-added"
    OVERRIDE_REMOVED = "roster.override-removed"
    CALENDAR_IMPORTED = "roster.calendar-imported"
    HANDOVER_DRAWN = "shift.handover-drawn-up"
    HANDOVER_SIGNED = "shift.handover-signed"
    CONTACT_ADDED = "contact.added"
    CONTACT_REMOVED = "contact.removed"
    CONTACT_CODE_SENT = "contact.code-sent"
    CONTACT_VERIFIED = "contact.verified"
    ESTATE_LOADED = "estate.loaded"
    DUTIES_CHANGED = "estate.duties-changed"
    LABEL_MADE = "label.made"
    LABEL_REPLACED = "label.replaced"
    SIGNED_IN = "member.signed-in"
    SIGNED_OUT = "member.signed-out"
    ACCESS_GRANTED = "member.access-granted"
    ACCESS_REVOKED = "member.access-revoked"
    ACCOUNT_CHANGED = "member.account-changed"
    MEMBER_INVITED = "member.invited"
    INVITATION_ENDED = "member.invitation-ended"
    MEMBER_REMOVED = "member.removed"
    CONSENT_GIVEN = "welfare.consent-given"
    CONSENT_CHANGED = "welfare.consent-changed"
    CONSENT_WITHDRAWN = "welfare.consent-withdrawn"
    PERSONAL_READ = "personal.accessed"
    PERSONAL_ERASED = "personal.erased"
    CREDIT_GRANTED = "credit.granted"
    CREDIT_REVERSED = "credit.reversed"
    CREDIT_TOGETHER = "credit.together"
    CREDIT_TOGETHER_REFUSED = "credit.together-refused"
    CREDIT_TABLE_PUBLISHED = "credit.table-published"
    OFFER_POSTED = "offer.posted"
    OFFER_CHANGED = "offer.changed"
    OFFER_WITHDRAWN = "offer.withdrawn"
    NEED_POSTED = "need.posted"
    NEED_CHANGED = "need.changed"
    NEED_WITHDRAWN = "need.withdrawn"
    NEED_MET = "need.met"
    SMALL_TASK_POSTED = "small-task.posted"
    SMALL_TASK_CLAIMED = "small-task.claimed"
    SMALL_TASK_RELEASED = "small-task.released"
    SMALL_TASK_DONE = "small-task.done"
    SMALL_TASK_SENT_BACK = "small-task.sent-back"
    SMALL_TASK_CONFIRMED = "small-task.confirmed"
    SMALL_TASK_WITHDRAWN = "small-task.withdrawn"
    TOPIC_OPENED = "topic.opened"
    EVIDENCE_ADDED = "topic.evidence-added"
    TOPIC_MOVED = "topic.moved"
    CONTRIBUTED = "topic.contribution-added"
    PROPOSED = "topic.proposal-made"
    FUND_APPLIED = "topic.fund-applied-for"
    RESOLUTION_TASKED = "topic.resolution-tasked"
    REVIEW_POSTPONED = "topic.review-postponed"
    EFFECT_MEASURED = "topic.effect-measured"
    NOTHING_MEASURED = "topic.nothing-measured"
    PETITION_STARTED = "petition.started"
    PETITION_SIGNED = "petition.signed"
    BALLOT_OPENED = "ballot.opened"
    VOTE_CAST = "ballot.vote-cast"
    VOTE_ENTERED = "ballot.vote-entered"
    VOTE_CONFIRMED = "ballot.vote-confirmed"
    BALLOT_CLOSED = "ballot.closed"
    ROLL_KEPT = "consultation.roll-kept"
    TERMS_SET = "consultation.terms-set"


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that is about to be appended. No personal data: a member appears by id, a text by its digest.

    `actor` is `member:<id>`, `node:<id>`, `system` or `clock`; `correlation_id` the incident it belongs to;
    `causation_id` what brought it about (an event's identity, a request's id).
    """

    kind: Kind
    at: datetime
    actor: str
    incident_id: str | None = None
    subject: str | None = None
    causation_id: str | None = None
    data: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in the chain. `hash` covers everything before it, `previous` included."""

    estate: str
    seq: int
    kind: str
    at: datetime
    actor: str
    incident_id: str | None
    subject: str | None
    causation_id: str | None
    data: Mapping[str, Fact]
    previous: str
    hash: str

    @property
    def correlation_id(self) -> str | None:
        """The incident it belongs to: the one id by which its story is told, in the logs too."""
        return self.incident_id


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's sequence and hash; sequence 0 before the first."""

    seq: int = 0
    hash: str = GENESIS
