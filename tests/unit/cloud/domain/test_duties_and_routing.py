"""The matrix: the most specific wins, everybody can read why, and its faults are named with their remedy."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from cloud.adapters.estate_file import default_duties, read_estate
from cloud.adapters.estate_file.reading import read_duties
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import ARRIVAL_AGAIN, Duty, DutyMatrix, Need, pattern_matches, with_safety_floor
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from cloud.domain.duties.matrix_warnings import matrix_warnings
from cloud.domain.duties.routing import TraceKind, route
from cloud.entrypoints.web.fault_words import fault_words
from cloud.errors import Invalid
from schemas.hazards import HAZARDS
from tests.fakes.clocks import START
from tests.fakes.estate import HOME, description, register
from tests.fakes.neighbourhood import neighbourhood

LEAD = (PartyRef("kind", "property_manager"),)


def duty(id_, hazards, **extra):
    return Duty(id_, (hazards,), LEAD, timedelta(minutes=1), timedelta(hours=1), Names("据", "basis"), **extra)


def with_duties(*duties):
    return replace(register(), matrix=DutyMatrix(1, duties))


@pytest.mark.parametrize(
    ("pattern", "hazard", "matches"),
    [
        ("lift.entrapment", "lift.entrapment", True),
        ("lift.entrapment", "lift.overspeed", False),
        ("lift.*", "lift.overspeed", True),
        ("fire.detector-*", "fire.detector-fault", True),
        ("fire.detector-*", "fire.smoke", False),
        ("*", "anything.at-all", True),
    ],
)
def test_patterns_of_hazards(pattern, hazard, matches):
    assert pattern_matches(pattern, hazard) is matches


@pytest.mark.parametrize(
    "weaker",
    [
        duty("family", "lift.*"),
        duty("everything", "*", place_id=f"{HOME}/b1"),
        duty("exact-elsewhere", "lift.entrapment", place_id=f"{HOME}/b2"),
        duty("general-row-of-the-building", "lift.*", place_id=f"{HOME}/b1"),
        duty("exact-at-night", "lift.entrapment", hours=Hours(start=time(22), end=time(6))),
    ],
)
def test_the_most_specific_duty_wins(weaker):
    routed = route(with_duties(weaker, duty("exact", "lift.entrapment")), "lift.entrapment", f"{HOME}/b1", START)
    assert routed.duty.id == "exact"


def test_a_place_closer_by_and_hours_more_narrow_win_between_equals():
    rows = (
        duty("estate", "lift.*"),
        duty("building", "lift.*", place_id=f"{HOME}/b1"),
        duty("building-by-day", "lift.*", place_id=f"{HOME}/b1", hours=Hours(start=time(8), end=time(18))),
    )
    by_day = route(with_duties(*rows), "lift.door-fault", f"{HOME}/b1", START)
    by_night = route(with_duties(*rows), "lift.door-fault", f"{HOME}/b1", START + timedelta(hours=12))
    assert (by_day.duty.id, by_night.duty.id) == ("building-by-day", "building")


def test_hours_are_the_estates_own():
    night = duty("night", "lift.*", hours=Hours(start=time(22), end=time(6)))
    assert route(with_duties(night), "lift.door-fault", HOME, datetime(2026, 1, 1, 15, tzinfo=UTC)).duty.id == "night"


def test_the_trace_says_which_matched_which_won_and_who_was_skipped():
    routed = route(register(), "fire.detector-fault", f"{HOME}/b1", START)
    told = [(line.kind, line.subject) for line in routed.trace]
    assert told[0] == (TraceKind.WON, "detector-lost")
    assert (TraceKind.SKIPPED, "fire_maintainer") in told
    assert (TraceKind.LEAD, "property") in told
    assert all(line.text.zh and line.text.en for line in routed.trace)


def test_a_party_outside_its_service_hours_is_skipped_and_the_next_one_leads():
    known = register()
    asleep = replace(known.parties["fire-room"], hours=Hours(start=time(0), end=time(1)))
    known = replace(known, parties={**known.parties, "fire-room": asleep}, _by_closeness={})
    routed = route(known, "fire.smoke", f"{HOME}/b1", START)
    assert routed.lead.id == "property"
    assert any(line.kind is TraceKind.SKIPPED and line.subject == "fire-room" for line in routed.trace)


def test_where_no_duty_matches_the_fallback_party_leads():
    routed = route(with_duties(), "lift.door-fault", HOME, START)
    assert (routed.lead.id, routed.duty.id) == ("property", "fallback")


def test_where_nobody_can_lead_the_fallback_party_does():
    nobody = replace(duty("x", "lift.*"), leads=(PartyRef("kind", "police"),))
    routed = route(with_duties(nobody), "lift.door-fault", HOME, START)
    assert routed.lead.id == "property"
    assert routed.trace[-1].kind is TraceKind.FALLBACK


def test_a_party_has_one_part_in_a_task():
    twice = replace(duty("x", "lift.*"), supports=LEAD, observers=LEAD)
    routed = route(with_duties(twice), "lift.door-fault", HOME, START)
    assert (routed.supports, routed.observers) == ((), ())


@pytest.mark.parametrize("hazard", [h.id for h in HAZARDS.values() if h.life_safety] + ["gas.unknown"])
def test_a_life_safety_ladder_never_ends_in_silence(hazard):
    for matrix in (register(), with_duties(), with_duties(duty("poor", "*", pause_reasons=("lunch",)))):
        routed = route(matrix, hazard, f"{HOME}/b1", START)
        assert routed.duty.ladder.endless
        assert routed.duty.pause_reasons == ()


@pytest.mark.parametrize(("written", "holds"), [(360, 2), (2, 2), (1, 1)])
def test_where_life_is_at_stake_the_call_sheet_is_said_every_two_minutes_however_rarely_the_matrix_has_it(
    written, holds
):
    again = Repeat(timedelta(minutes=written))
    sheet = Step(
        timedelta(minutes=3),
        Condition.IF_NOT_ACKNOWLEDGED,
        (PartyRef("phone", "96333"),),
        call_sheet=True,
        repeat=again,
    )
    row = duty("lift", "lift.*", ladder=EscalationPolicy((sheet,)), call_sheet=(PartyRef("phone", "96333"),))
    (step,) = route(with_duties(row), "lift.entrapment", f"{HOME}/b1", START).duty.ladder.steps
    assert step.repeat == Repeat(timedelta(minutes=holds)), "without bound"


MINUTE = timedelta(minutes=1)
NUMBER = (PartyRef("phone", "96333"),)


def sheet_after(minutes: float, *others: float, every: float = 2, tto: float = 3) -> Duty:
    """A row on lifts that calls the property after each of `others` minutes, and has a number phoned after `minutes`."""
    unanswered = Condition.IF_NOT_ACKNOWLEDGED
    calls = [Step(one * MINUTE, unanswered, (PartyRef("kind", "property_manager"),)) for one in others]
    sheet = Step(minutes * MINUTE, unanswered, NUMBER, call_sheet=True, repeat=Repeat(every * MINUTE))
    row = duty("lift", "lift.*", ladder=EscalationPolicy((*calls, sheet)), call_sheet=NUMBER)
    return replace(row, tto=tto * MINUTE)


@pytest.mark.parametrize(
    ("row", "first"),
    [
        (sheet_after(3), 3), (sheet_after(60), 5), (sheet_after(360, tto=240), 30), (sheet_after(60, 3, 10), 12),
        (sheet_after(12, 3, 10), 12), (sheet_after(120, 3, 100), 30), (sheet_after(30, 29), 30),
    ],
)  # fmt: skip
def test_where_life_is_at_stake_the_call_sheet_sounds_within_half_an_hour_and_two_minutes_after_the_last_other_step(
    row, first
):
    steps = route(with_duties(row), "lift.entrapment", f"{HOME}/b1", START).duty.ladder.steps
    assert [step.delay for step in steps if step.call_sheet] == [first * MINUTE]
    assert [step.delay for step in steps if not step.call_sheet] == [
        step.delay for step in row.ladder.steps if not step.call_sheet
    ]


def test_a_call_sheet_that_is_added_does_not_wait_for_hours_either():
    row = replace(duty("lift", "lift.*", call_sheet=NUMBER), tto=timedelta(hours=3), ttr=timedelta(hours=4))
    (step,) = route(with_duties(row), "lift.entrapment", f"{HOME}/b1", START).duty.ladder.steps
    assert (step.call_sheet, step.delay) == (True, 30 * MINUTE)


def test_the_matrix_is_warned_of_a_call_sheet_that_comes_late_or_rarely_and_of_none_that_comes_in_time():
    said = [one for one in matrix_warnings([sheet_after(60, 3, every=360)]) if "its call sheet is wanted" in one]
    late, rare = said
    assert "'lift': its call sheet is wanted after 1:00:00" in late
    assert "lift.entrapment" in late
    assert late.endswith("at the latest. Write after: 5 min, or less")
    assert rare.endswith("it is said every 0:02:00. Write every: 2 min, or less")
    assert fault_words(late, "zh").startswith("职责 'lift'：电话清单原定 1:00:00 后响起")
    assert fault_words(rare, "zh").endswith("每 0:02:00 一次，请写 every: 2 min 或更短")
    assert not [one for one in matrix_warnings([sheet_after(5, 3)]) if "its call sheet is wanted" in one]
    for region in ("CN", "GB"):
        assert not [one for one in matrix_warnings(default_duties(region)) if "its call sheet is wanted" in one]


@pytest.mark.parametrize("hazard", sorted(HAZARDS))
def test_every_hazard_has_a_duty_with_a_basis_in_both_languages(hazard):
    routed = route(register(), hazard, f"{HOME}/b1", START)
    assert routed.duty.id != "fallback"
    assert routed.duty.basis.zh
    assert routed.duty.basis.en


def test_the_default_matrix_says_what_governance_says():
    rows = {row.id: row for row in default_duties()}
    entrapment = rows["lift-entrapment"]
    assert (entrapment.tto, entrapment.arrive, entrapment.ttr) == (
        timedelta(minutes=3),
        timedelta(minutes=30),
        timedelta(hours=2),
    )
    assert [str(ref) for ref in entrapment.call_sheet] == ["96333", "119"]
    assert entrapment.ladder.steps[-1].condition is Condition.IF_NOT_CLOSED
    assert rows["fire"].tto == timedelta(seconds=10)
    assert rows["fire"].arrive == timedelta(minutes=3)
    assert rows["access"].tto == timedelta(minutes=10)
    assert all(Need.INDEPENDENT in rows[id_].needs for id_ in ("lift-entrapment", "fire", "carbon-monoxide"))


def faulty(**changes):
    return replace(description(), **changes)


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (duty("d", "lift.*", place_id="moon"), "place 'moon' does not exist"),
        (replace(duty("d", "lift.*"), leads=()), "name a lead"),
        (replace(duty("d", "lift.*"), tto=timedelta(days=9)), "shorten tto"),
        (replace(duty("d", "lift.*"), supports=(PartyRef("id", "ghost"),)), "party:ghost is nobody"),
        (replace(duty("d", "lift.*"), call_sheet=(PartyRef("phone", "999"),)), "999 is nobody"),
        (replace(default_duties()[2], id="twin"), "is said by 'lift-fault' too"),
        (replace(duty("access", "x.y"), id="access"), "stands 2 times"),
    ],
)
def test_a_fault_in_the_matrix_names_its_row_and_the_remedy(wrong, remedy):
    with pytest.raises(Invalid, match=remedy):
        faulty(duties=(*default_duties(), wrong)).register(1)


def test_every_fault_of_a_description_is_named_at_once():
    d = description()
    with pytest.raises(Invalid) as caught:
        faulty(
            estate=replace(d.estate, place_id="moon", fallback_party_id="fire-119", time_zone="Mars/Base"),
            parties=(*d.parties, replace(d.parties[0], id="p2", serves=("nowhere",))),
            members=(replace(d.members[0], party_id="ghost"),),
            nodes=(replace(d.nodes[0], place_id="nowhere"),),
            equipment=(replace(d.equipment[0], place_id="nowhere", node_id="ghost"),),
        ).register(1)
    text = str(caught.value)
    for fault in ("moon", "external", "Mars/Base", "serves 'nowhere'", "'ghost' does not exist", "node 'ghost'"):
        assert fault in text
    assert len(caught.value.problems) == 8


def test_the_same_description_has_the_same_digest_and_another_has_another():
    assert description().digest() == faulty().digest()
    assert description().digest() != faulty(members=()).digest()


ESTATE_YAML = """
estate: {id: small, place: s/small, fallback: pm, zh: 小, en: Small}
places: [{id: s, kind: street, zh: 街, en: Street}, {id: s/small, kind: estate, zh: 小, en: Small}]
parties: [{id: pm, kind: property_manager, serves: s/small, zh: 物业, en: Property}]
members: [{id: boss, party: pm, role: manager, zh: 经理, en: Manager}]
nodes: [{id: n1, place: s/small, zh: 节点, en: Node}]
equipment: [{id: door, kind: access_gate, place: s/small, node: n1, zh: 门, en: Door}]
more_duties:
  - {id: mine, hazards: access.forced-open, lead: "party:pm", tto: 90 s, ttr: 1 h, basis: {zh: 约, en: contract},
     hours: {days: [6, 7], start: "08:00", end: "18:00"},
     ladder: [{after: 2 min, unless: acknowledged, call: "110", every: 1 min, times: 3}]}
"""


def test_an_estate_is_read_from_yaml_with_the_default_matrix_and_the_emergency_numbers(tmp_path):
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE_YAML, encoding="utf-8")
    read = read_estate(path)
    known = read.register(1)
    assert {"pm", "fire-119", "police-110"} <= set(known.parties)
    assert len(known.matrix.duties) == len(default_duties()) + 1
    assert known.matrix.duties[-1].ladder.steps[0].repeat.limit == 3


def test_an_estates_file_names_its_arbiter_and_how_long_it_may_take(tmp_path):
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE_YAML.replace("fallback: pm", "fallback: pm, arbiter: pm, arbitrate_within: 45 min"), "utf-8")
    estate = read_estate(path).estate
    assert (estate.arbiter_party_id, estate.arbitrate_within) == ("pm", timedelta(minutes=45))


def test_a_duty_never_makes_volunteers_lead(tmp_path):
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE_YAML.replace('lead: "party:pm"', "lead: [volunteer_team, property_manager]"), "utf-8")
    with pytest.raises(Invalid, match="a volunteer_team never leads"):
        read_estate(path).register(1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("tto: 90 s", "tto: soon"), r"more_duties\[0\] 'mine'\.tto: 'soon' is no duration"),
        (('"party:pm"', "janitor"), "names no party"),
        (("role: manager", "rank: boss"), "nobody knows this key"),
        (("kind: access_gate", "kind: hatch"), r"equipment\[0\] 'door'\.kind"),
        (("places: [", "places: [{"), "no YAML"),
    ],
)
def test_a_fault_in_the_file_names_the_row_the_key_and_what_was_expected(tmp_path, change, says):
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE_YAML.replace(*change), encoding="utf-8")
    with pytest.raises(Invalid, match=says):
        read_estate(path)


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path):
    with pytest.raises(Invalid, match="cannot be read"):
        read_estate(tmp_path / "none.yaml")
    with pytest.raises(Invalid, match="duties"):
        read_duties("- {id: x}")


LEVELS = ("", "street", "street/community", "street/community/grid-1", HOME, f"{HOME}/b1", f"{HOME}/b1/f2")


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_a_duty_may_be_laid_on_every_level_from_the_street_to_the_floor_and_the_closest_wins(level):
    known = with_duties(
        *(duty(f"on {place or 'everything'}", "lift.*", place_id=place) for place in LEVELS[: level + 1])
    )
    assert route(known, "lift.door-fault", LEVELS[-1], START).duty.id == f"on {LEVELS[level] or 'everything'}"
    elsewhere = route(known, "lift.door-fault", f"{HOME}/b2", START).duty.id
    assert elsewhere == f"on {LEVELS[min(level, LEVELS.index(HOME))] or 'everything'}"


@pytest.mark.parametrize("zone", ["Mars/Base", "Asia", "", "../../etc/passwd", "a\x00b"])
def test_an_estate_in_no_time_zone_is_refused(zone):
    """ "Asia" is a folder of zones, of which the system says something else than of what is not there."""
    broken = replace(description(), estate=replace(description().estate, time_zone=zone))
    with pytest.raises(Invalid) as refused:
        broken.register(1)
    assert any(f"{zone!r}" in problem and "zone" in problem for problem in refused.value.problems)


def test_a_matrix_from_before_that_has_volunteers_lead_passes_them_over():
    """A volunteer's tap never makes a volunteer lead, whatever stands in the matrix."""
    known = neighbourhood().register(1)
    leads = (PartyRef("kind", "volunteer_team"), PartyRef("kind", "household"), *LEAD)
    rows = DutyMatrix(1, (replace(duty("row", "lift.*"), leads=leads),))
    routed = route(replace(known, matrix=rows), "lift.door-fault", f"{HOME}/b1", START)
    assert routed.lead.id == "property"
    skipped = [line.text.en for line in routed.trace if line.kind is TraceKind.SKIPPED]
    assert len([one for one in skipped if "may not lead" in one]) == 2


def test_what_no_register_knows_goes_to_who_answers_for_the_estate_and_whom_the_duty_names_supports():
    known = replace(register(), estate=replace(register().estate, fallback_party_id="operator"))
    routed = route(known, "lift.door-fault", f"{HOME}/b1", START, known=False)
    assert routed.lead.id == "operator"
    assert [party.id for party in routed.supports] == ["lift-firm", "property"]


def test_where_nobody_named_has_people_here_the_first_within_its_hours_answers_for_it():
    """It is a hole in coverage, and a task for the level above; to ask nobody would hide it."""
    told = description()
    known = replace(told, members=tuple(one for one in told.members if one.party_id != "lift-firm")).register(1)
    row = DutyMatrix(1, (replace(duty("row", "lift.*"), leads=(PartyRef("id", "lift-firm"),)),))
    assert route(replace(known, matrix=row), "lift.door-fault", f"{HOME}/b1", START).lead.id == "lift-firm"


NOBODY = PartyRef("id", "property")
SHEET = (PartyRef("phone", "96333"), PartyRef("phone", "119"))


def floored(*steps, **extra):
    return with_safety_floor(
        duty("row", "lift.entrapment", ladder=EscalationPolicy(steps), **extra), NOBODY
    ).ladder.steps


def test_a_ladder_for_life_safety_that_names_nobody_ends_with_the_numbers_and_who_answers_for_the_estate():
    (last,) = floored(call_sheet=SHEET)
    assert (last.targets, last.call_sheet, last.endless) == ((*SHEET, NOBODY), True, True)


def test_a_sheet_said_for_ever_that_leaves_out_every_number_the_row_knows_is_followed_by_one_that_names_them():
    again = Step(
        timedelta(minutes=1), Condition.IF_NOT_ACKNOWLEDGED, LEAD, call_sheet=True, repeat=Repeat(timedelta(minutes=2))
    )
    assert [step.targets for step in floored(again, call_sheet=SHEET)] == [LEAD, SHEET]
    assert [step.targets for step in floored(again)] == [LEAD], "it knows none: whom it calls is phoned"


def test_whom_a_ladder_calls_for_ever_without_any_number_is_phoned_as_well():
    again = Step(timedelta(minutes=1), Condition.IF_NOT_ACKNOWLEDGED, LEAD, repeat=Repeat(timedelta(minutes=2)))
    (step,) = floored(again)
    assert (step.targets, step.call_sheet, step.endless) == (LEAD, True, True)


def test_what_no_row_names_is_closed_by_a_second_person_and_not_by_a_quiet_sensor_alone():
    known = replace(register(), matrix=DutyMatrix(1, ()))
    for hazard_id in ("access.held-open", "lift.entrapment"):
        assert route(known, hazard_id, f"{HOME}/b1", START).duty.needs == {Need.SENSOR, Need.INDEPENDENT}


@pytest.mark.parametrize("waits", [Condition.IF_LEAD_NOT_ARRIVED, Condition.IF_NOT_ARRIVED])
def test_a_sheet_for_want_of_an_arrival_is_said_again_until_somebody_is_there(waits):
    once = Step(timedelta(minutes=30), waits, SHEET, call_sheet=True)
    assert floored(once)[0].repeat == Repeat(ARRIVAL_AGAIN)
    assert floored(replace(once, call_sheet=False))[0].repeat is None
