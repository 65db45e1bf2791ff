"""Every address of the pages: those that are drawn, and those that forms are sent to."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.routing import BaseRoute

from cloud.entrypoints.web import (
    consultation_deeds,
    deeds,
    guide_deeds,
    joint_deeds,
    node_deeds,
    patrols,
    planned,
    saved_views,
    stand_down_deeds,
    verification_deeds,
)
from cloud.entrypoints.web import (
    upkeep as upkeep_page,
)
from cloud.entrypoints.web.account import account
from cloud.entrypoints.web.at_the_label import at_the_label
from cloud.entrypoints.web.ballot_terms import ballot_terms
from cloud.entrypoints.web.beginnings import beginnings
from cloud.entrypoints.web.buildings import buildings
from cloud.entrypoints.web.channels import channels as channel_pages
from cloud.entrypoints.web.claims import claims
from cloud.entrypoints.web.closed import closed
from cloud.entrypoints.web.consultation import consultation as consultation_pages
from cloud.entrypoints.web.credit import credit as credit_page
from cloud.entrypoints.web.dead_letters import dead_letters as dead_letter_page
from cloud.entrypoints.web.demonstration import demonstration
from cloud.entrypoints.web.desk import desk
from cloud.entrypoints.web.documents import documents
from cloud.entrypoints.web.doors import doors
from cloud.entrypoints.web.duties import duties as duty_page
from cloud.entrypoints.web.duty_matrix import duty_matrix
from cloud.entrypoints.web.duty_room import duty_room
from cloud.entrypoints.web.equipment import equipment as equipment_page
from cloud.entrypoints.web.follow import follow, own_reports
from cloud.entrypoints.web.guide import guide
from cloud.entrypoints.web.handovers import handovers as handover_pages
from cloud.entrypoints.web.home import home
from cloud.entrypoints.web.importing import importing
from cloud.entrypoints.web.labels import labels
from cloud.entrypoints.web.members import members as member_pages
from cloud.entrypoints.web.neighbour_deeds import neighbour_deeds
from cloud.entrypoints.web.neighbours import neighbours
from cloud.entrypoints.web.personal import personal as personal_page
from cloud.entrypoints.web.problems import problems
from cloud.entrypoints.web.public_ledger import public_ledger
from cloud.entrypoints.web.reached import reached
from cloud.entrypoints.web.registers import registers
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.revocations import revocations
from cloud.entrypoints.web.ringing import ringing
from cloud.entrypoints.web.rollouts import rollouts
from cloud.entrypoints.web.rosters import rosters as roster_pages
from cloud.entrypoints.web.routes import routes
from cloud.entrypoints.web.rules import rules
from cloud.entrypoints.web.screens import screens
from cloud.entrypoints.web.second_factor import second_factor
from cloud.entrypoints.web.signing_in import signing_in
from cloud.entrypoints.web.slips import slips
from cloud.entrypoints.web.transparency import transparency
from cloud.entrypoints.web.webhooks import webhooks as webhook_page
from cloud.entrypoints.web.welfare import welfare as welfare_page


def page_routes(pages: Pages) -> Iterator[BaseRoute]:
    shown = (
        doors,
        signing_in,
        beginnings,
        account,
        screens,
        second_factor,
        welfare_page,
        reached,
        member_pages,
        routes,
        closed,
        ringing,
        home,
        duty_page,
        duty_matrix,
        roster_pages,
        handover_pages,
        claims,
        public_ledger,
        problems,
        registers,
        rules,
        documents,
        rollouts,
        dead_letter_page,
        channel_pages,
        webhook_page,
        consultation_pages,
        ballot_terms,
        neighbours,
        neighbour_deeds,
        credit_page,
        personal_page,
        revocations,
        planned.planned,
        patrols.patrols,
        duty_room,
        labels,
        slips,
        at_the_label,
        desk,
        follow,
        own_reports,
        transparency,
        buildings,
        equipment_page,
        guide,
        guide_deeds.guide_deeds,
        importing,
        demonstration,
    )
    for page in shown:
        yield from page(pages).routes
    of_tasks = (deeds, joint_deeds, stand_down_deeds, verification_deeds)
    for posted in (*of_tasks, consultation_deeds, node_deeds, patrols, planned, saved_views, upkeep_page):
        yield from posted.router.routes
