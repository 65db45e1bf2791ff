"""The table of the default matrix in governance.md, row by row: who leads, who supports, within what, on what basis."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.estate_file import default_duties
from cloud.domain.community.party import ASSISTS, PartyKind, PartyRef
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.escalation import Condition
from cloud.domain.duties.routing import route
from schemas.hazards import HAZARDS, Severity
from tests.fakes.clocks import START
from tests.fakes.estate import HOME, register

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PROPERTY, LIFT_FIRM, ROOM = ("property_manager",), ("lift_maintainer",), ("fire_control_room", "property_manager")
OPERATOR = ("platform_operator", "property_manager")
FIRE_HELP = {"micro_fire_station", "property_manager", "grid_worker"}


def duty(hazard: str, severity: Severity | None = None):
    return route(register(), hazard, f"{HOME}/b1", START, severity=severity).duty


def said(refs) -> tuple[str, ...]:
    return tuple(str(ref) for ref in refs)


@pytest.mark.parametrize(
    ("hazard", "leads", "supports", "tto", "basis"),
    [
        ("lift.entrapment", LIFT_FIRM, {"property_manager"}, 3 * MINUTE, "Taizhou Lift Safety Rules art. 30"),
        ("lift.unintended-movement", PROPERTY, {"lift_maintainer"}, MINUTE, "Special Equipment Safety Law art. 41"),
        ("lift.overspeed", PROPERTY, {"lift_maintainer"}, MINUTE, "Special Equipment Safety Law art. 41"),
        ("lift.out-of-service", LIFT_FIRM, {"property_manager"}, 10 * MINUTE, "Special Equipment Safety Law"),
        ("lift.maintenance-overdue", LIFT_FIRM, {"property_manager"}, 24 * HOUR, "Supervision Regulations art. 31"),
        ("lift.inspection-due", LIFT_FIRM, {"property_manager"}, 24 * HOUR, "Safety Law art. 40"),
        ("fire.smoke", ROOM, FIRE_HELP, 10 * SECOND, "Fire Protection Law arts. 18, 44; GB 25506"),
        ("fire.manual-call-point", ROOM, FIRE_HELP, 10 * SECOND, "Fire Protection Law arts. 18, 44; GB 25506"),
        ("fire.presumed", ROOM, FIRE_HELP, 10 * SECOND, "Fire Protection Law arts. 18, 44; GB 25506"),
        ("fire.co", PROPERTY, {"fire_control_room", "grid_worker"}, MINUTE, "no provision of its own"),
        ("access.release-failed", PROPERTY, {"fire_control_room"}, MINUTE, "Fire Protection Law art. 28"),
        ("fire.exit-obstructed", (*PROPERTY, "owners_committee", "residents_committee"), set(), HOUR, "Zhejiang Fire"),
        ("access.forced-open", PROPERTY, set(), 10 * MINUTE, "Property Management Regulations (2018) arts. 45, 46"),
        ("node.silent", OPERATOR, {"property_manager"}, HOUR, "platform agreement"),
        ("point.stale", OPERATOR, {"property_manager"}, HOUR, "platform agreement"),
    ],
)
def test_each_row_of_the_table_says_who_leads_who_supports_within_what_and_on_what_basis(
    hazard, leads, supports, tto, basis
):
    row = duty(hazard)
    assert (said(row.leads), set(said(row.supports)), row.tto) == (leads, supports, tto)
    assert basis in row.basis.en
    assert row.basis.zh


def test_nodes_points_and_detectors_are_back_within_four_hours_and_lost_life_safety_coverage_within_one():
    row = duty("fire.detector-contaminated")
    assert said(row.leads)[0] == "fire_maintainer"
    assert (row.tto <= HOUR, row.ttr) == (True, 4 * HOUR)
    assert duty("node.silent").ttr == duty("point.stuck").ttr == 4 * HOUR
    assert duty("fire.detector-fault", Severity.MINOR).ttr == 4 * HOUR, "one that cries wolf detects still"


@pytest.mark.parametrize("region", ["CN", "GB"])
@pytest.mark.parametrize(("hazard", "severity"), [("fire.detector-fault", None), ("node.silent", Severity.CRITICAL)])
def test_lost_life_safety_coverage_is_back_within_the_hour(region, hazard, severity):
    known = replace(register(), matrix=DutyMatrix(1, default_duties(region)))
    row = route(known, hazard, f"{HOME}/b1", START, severity=severity).duty
    assert (row.tto, row.ttr) == (15 * MINUTE, HOUR)
    assert said(row.leads)[0] == ("fire_maintainer" if hazard.startswith("fire") else "platform_operator")
    assert HOUR in [step.delay for step in row.ladder.steps if step.condition is Condition.IF_NOT_CLOSED]
    assert "coverage is back within 1 h" in row.basis.en


@pytest.mark.parametrize(
    ("hazard", "numbers"),
    [
        ("lift.entrapment", ("96333", "119")), ("fire.smoke", ("119",)), ("fire.presumed", ("119",)), ("fire.co", ("119", "120")),
    ],
)  # fmt: skip
def test_the_call_sheets_name_the_numbers_of_the_table_in_its_order(hazard, numbers):
    assert said(duty(hazard).call_sheet) == numbers


def steps(hazard: str, condition: Condition):
    return [(step.delay, said(step.targets)) for step in duty(hazard).ladder.steps if step.condition is condition]


def test_who_is_trapped_and_not_answered_at_3_or_not_reached_at_30_has_96333_then_119_and_the_regulator_at_2_hours():
    unanswered = steps("lift.entrapment", Condition.IF_NOT_ACKNOWLEDGED)
    assert unanswered == [(3 * MINUTE, ("96333",)), (5 * MINUTE, ("119",))]
    assert (30 * MINUTE, ("96333", "119")) in steps("lift.entrapment", Condition.IF_LEAD_NOT_ARRIVED)
    assert steps("lift.entrapment", Condition.IF_NOT_CLOSED) == [(2 * HOUR, ("market_regulator",))]
    assert said(duty("lift.entrapment").observers) == ("residents_committee",)


def test_the_micro_fire_station_is_on_site_within_three_minutes_and_the_grid_worker_comes_for_who_needs_help():
    limits = {str(one.ref): one for one in next(row for row in default_duties() if row.id == "fire").limits}
    assert limits["micro_fire_station"].arrive == 3 * MINUTE
    assert "grid_worker" in limits
    assert (3 * MINUTE, ("119",)) in steps("fire.smoke", Condition.IF_NOT_ARRIVED)


def test_an_obstructed_exit_that_is_not_clear_the_same_day_goes_to_fire_rescue():
    assert steps("fire.exit-obstructed", Condition.IF_NOT_CLOSED) == [(8 * HOUR, ("fire_rescue",))]
    assert duty("fire.exit-obstructed").ttr == 8 * HOUR


def test_other_lift_faults_have_the_less_time_the_graver_they_are():
    limits = [duty("lift.door-fault", one).tto for one in (Severity.MINOR, Severity.MAJOR, Severity.CRITICAL)]
    assert limits == sorted(limits, reverse=True)
    assert len(set(limits)) == 3


def test_the_family_is_called_first_and_half_an_hour_later_the_grid_worker_and_the_residents_committee():
    row = duty("welfare.no-activity")
    assert said(row.leads)[0] == "household"
    assert (row.tto, row.ttr) == (30 * MINUTE, 2 * HOUR)
    assert (30 * MINUTE, ("grid_worker", "residents_committee")) in steps(
        "welfare.no-activity", Condition.IF_NOT_ACKNOWLEDGED
    )
    assert "consent" in row.basis.en


@pytest.mark.parametrize("hazard", sorted(one for one in HAZARDS if not one.startswith(("duty.", "civic."))))
def test_a_community_is_named_to_lead_by_no_row_before_everybody_else(hazard):
    first = duty(hazard).leads[0]
    assert first not in {PartyRef("kind", kind.value) for kind in ASSISTS}


def test_every_kind_of_party_that_the_specification_names_is_known():
    named = (
        "property_manager fire_control_room micro_fire_station lift_maintainer fire_maintainer residents_committee owners_committee"
        " party_organisation grid_worker street_office market_regulator fire_rescue police volunteer_team household"
        " social_organisation platform_operator external"
    )
    assert set(named.split()) <= {kind.value for kind in PartyKind}
    outside = {party.phone for party in register().parties.values() if party.external}
    assert {"119", "96333", "120", "110"} <= outside
