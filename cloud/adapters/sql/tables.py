"""The tables of the cloud's state. Migrations make them; a test holds the two together."""

from __future__ import annotations

from cloud.adapters.sql.account_tables import (
    accounts,
    first_run,
    invitations,
    recovery_codes,
    second_factor_asks,
    sign_in_tries,
)
from cloud.adapters.sql.arrival_tables import access_counts, batches, boots, dead_letters, events, progress
from cloud.adapters.sql.assurance_tables import exercises, photos, reports, windows
from cloud.adapters.sql.channel_tables import channel_setups
from cloud.adapters.sql.columns import metadata
from cloud.adapters.sql.consultation_tables import (
    ballots,
    consultation_terms,
    electoral_roll,
    petitions,
    topics,
    votes,
)
from cloud.adapters.sql.credit_tables import credit_entries, credit_versions
from cloud.adapters.sql.enrolment_tables import claims, credentials, drained_outboxes
from cloud.adapters.sql.exchange_tables import postings, small_tasks
from cloud.adapters.sql.label_tables import labels
from cloud.adapters.sql.ledger_tables import ledger, ledger_heads, personal, personal_looks
from cloud.adapters.sql.matter_tables import alerts, incidents, notes, occurrences, task_concerns, tasks
from cloud.adapters.sql.missive_tables import missives
from cloud.adapters.sql.node_tables import configurations, losses, nodes, orders
from cloud.adapters.sql.notice_tables import deliveries, notifications, webhook_postings, webhooks
from cloud.adapters.sql.once_tables import kept_requests
from cloud.adapters.sql.reach_tables import contacts, handovers, memberships, rosters
from cloud.adapters.sql.register_tables import (
    access_keys,
    duty_matrices,
    equipment,
    estate_members,
    estate_parties,
    estates,
    members,
    node_entries,
    parties,
    places,
)
from cloud.adapters.sql.saved_view_tables import saved_views
from cloud.adapters.sql.screen_tables import screens
from cloud.adapters.sql.throttle_tables import report_sources, service_keys
from cloud.adapters.sql.upkeep_tables import patrols, upkeep
from cloud.adapters.sql.welfare_tables import consents

__all__ = [
    "access_counts",
    "access_keys",
    "accounts",
    "alerts",
    "ballots",
    "batches",
    "boots",
    "channel_setups",
    "claims",
    "configurations",
    "consents",
    "consultation_terms",
    "contacts",
    "credentials",
    "credit_entries",
    "credit_versions",
    "dead_letters",
    "deliveries",
    "drained_outboxes",
    "duty_matrices",
    "electoral_roll",
    "equipment",
    "estate_members",
    "estate_parties",
    "estates",
    "events",
    "exercises",
    "first_run",
    "handovers",
    "incidents",
    "invitations",
    "kept_requests",
    "labels",
    "ledger",
    "ledger_heads",
    "losses",
    "members",
    "memberships",
    "metadata",
    "missives",
    "node_entries",
    "nodes",
    "notes",
    "notifications",
    "occurrences",
    "orders",
    "parties",
    "patrols",
    "personal",
    "personal_looks",
    "petitions",
    "photos",
    "places",
    "postings",
    "progress",
    "recovery_codes",
    "report_sources",
    "reports",
    "rosters",
    "saved_views",
    "screens",
    "second_factor_asks",
    "service_keys",
    "sign_in_tries",
    "small_tasks",
    "task_concerns",
    "tasks",
    "topics",
    "upkeep",
    "votes",
    "webhook_postings",
    "webhooks",
    "windows",
]
