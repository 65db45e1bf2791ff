"""Duties as data: tried on the past, put in force as a version, and nothing of it touches what runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.estate_file.writing import write_duties
from cloud.application.estates.change_duties import UNREPLAYED, ChangeDuties
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.party import PartyRef
from cloud.domain.community.work_calendar import Running
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import EscalationPolicy
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.estate import ESTATE, NodeOnPaper, description, raised


@pytest.fixture
def change(scene):
    return ChangeDuties(scene.units, scene.clock, YamlSheet())


def member(scene, name):
    with scene.units.reading() as uow:
        return uow.registers.member(name)


def matrix(**changes):
    """The default matrix, with these rows' fields changed: `access={"tto": …}`."""
    rows = [replace(duty, **changes.get(duty.id.replace("-", "_"), {})) for duty in description().duties]
    return write_duties(rows)


def rings_in_building_2(scene):
    node = NodeOnPaper(scene.clock.now, "b2-node", "0197a600-0000-7000-8000-000000000002")
    scene.record(node.batch(raised("access.forced-open", "b2/door", 99)))


def to_the_committee():
    return matrix(access={"leads": (PartyRef("kind", "residents_committee"),), "tto": timedelta(minutes=5)})


def test_a_new_matrix_holds_from_now_on_and_a_running_task_keeps_the_one_it_began_with(scene, change):
    scene.rings("access.forced-open", "b1/door")
    before = scene.only_task()
    done = change.replace(ESTATE, to_the_committee(), member(scene, "manager"), replayed=UNREPLAYED)
    assert (done.changed, done.version, done.edited) == (True, 2, ("access",))
    assert scene.only_task().responsible.id == before.responsible.id == "property"
    rings_in_building_2(scene)
    later = next(task for task in scene.board() if task.id != before.id)
    assert later.responsible.id == "committee"
    entry = scene.ledger()[-1 - len([e for e in scene.ledger() if e.incident_id == later.incident_id])]
    assert (entry.kind, entry.actor, entry.data["edited"]) == ("estate.duties-changed", "member:manager", ["access"])


def test_what_is_exported_and_given_back_changes_nothing(scene, change):
    exported = change.export(ESTATE)
    before = len(scene.ledger())
    done = change.replace(ESTATE, exported.text, None, seen=exported.version, replayed=UNREPLAYED)
    assert (done.changed, done.version, len(scene.ledger())) == (False, 1, before)


def test_whoever_edits_an_old_version_is_told(scene, change):
    change.replace(ESTATE, to_the_committee(), None, seen=1, replayed=UNREPLAYED)
    with pytest.raises(Conflict, match="version 2, yours 1"):
        change.replace(ESTATE, matrix(), None, seen=1, replayed=UNREPLAYED)


def test_a_matrix_is_replayed_on_past_incidents_before_it_takes_effect(scene, change):
    text, other = to_the_committee(), to_the_committee().replace("tto: 10 min", "tto: 11 min")
    assert other != text
    mark = change.dry_run(ESTATE, text, None).replayed
    for written, given in ((text, ""), (text, "f" * 32), (other, mark)):
        with pytest.raises(Conflict, match="not replayed on past incidents"):
            change.replace(ESTATE, written, None, replayed=given)
    assert change.export(ESTATE).version == 1
    assert change.replace(ESTATE, f"# a note\n{text}", None, replayed=mark).version == 2
    with pytest.raises(Conflict, match="against the version in force"):
        change.replace(ESTATE, matrix(), None, replayed=mark)
    stale = change.dry_run(ESTATE, other, None).replayed
    change.replace(ESTATE, matrix(), None, replayed=change.dry_run(ESTATE, matrix(), None).replayed)
    with pytest.raises(Conflict, match="against the version in force"):
        change.replace(ESTATE, other, None, replayed=stale)
    assert change.replace(ESTATE, other, None, replayed=UNREPLAYED).version == 4


@pytest.mark.parametrize("name", ["technician", "foreman", "guard", "neighbour", "engineer"])
def test_a_firm_that_works_for_the_estate_does_not_write_its_own_duties(scene, change, name):
    for deed in (partial(change.replace, replayed=UNREPLAYED), change.dry_run):
        with pytest.raises(NotAllowed):
            deed(ESTATE, matrix(), member(scene, name))


def test_what_does_not_hold_together_is_named_by_line_and_nothing_has_changed(scene, change):
    text = matrix(access={"leads": (PartyRef("id", "nobody"),)})
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "id: access" in row)
    with pytest.raises(Invalid) as caught:
        change.replace(ESTATE, text, None, replayed=UNREPLAYED)
    assert caught.value.problems == (
        f"line {line}: duty 'access': party:nobody is nobody in this estate; add the party or correct the reference",
    )
    with pytest.raises(Invalid, match="stands twice"):
        change.replace(
            ESTATE, write_duties([*description().duties, description().duties[0]]), None, replayed=UNREPLAYED
        )
    assert change.export(ESTATE).version == 1
    with pytest.raises(NotFound):
        change.export("nowhere")


def test_a_changed_matrix_is_tried_on_past_incidents_before_it_takes_effect(scene, change):
    scene.rings("access.forced-open", "b1/door")
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.rings("access.held-open", "b2/door", mode="exercise")
    before = scene.ledger()
    tried = change.dry_run(ESTATE, to_the_committee(), member(scene, "clerk"))
    assert tried.cases == 2
    (one,) = tried.differences
    assert (one.case.hazard, one.before.lead_id, one.after.lead_id) == ("access.forced-open", "property", "committee")
    assert (one.before.tto, one.after.tto) == (timedelta(minutes=10), timedelta(minutes=5))
    assert one.lead_changes
    assert not one.orphaned
    assert scene.ledger() == before
    assert change.export(ESTATE).version == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"ladder": EscalationPolicy()},
        {"needs": frozenset({Need.REPORTER})},
        {"call_sheet": ()},
        {"resolve_delay": timedelta(hours=1)},
        {"pause_reasons": ("waiting-for-parts", "no-access")},
        {"running": Running.WORKING_DAYS},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_a_row_says_beyond_its_parties_is_compared_too(scene, change, changes):
    hazard, equipment, row = ("fire.smoke", "b1/smoke-1", "fire") if "call_sheet" in changes else (
        "access.forced-open", "b1/door", "access",
    )  # fmt: skip
    scene.rings(hazard, equipment)
    (one,) = change.dry_run(ESTATE, matrix(**{row: changes}), None).differences
    assert one.before != one.after
    assert not one.lead_changes


def test_incidents_that_nobody_would_have_answered_stand_out(scene, change):
    scene.rings("lift.door-fault", "b1/lift-1")
    text = write_duties([duty for duty in description().duties if not duty.id.startswith("lift")])
    (one,) = change.dry_run(ESTATE, text, None).differences
    assert one.orphaned
    assert one.after.lead_id == "property"


def test_only_so_many_days_are_looked_at(scene, change):
    scene.rings("access.forced-open", "b1/door")
    scene.clock.advance(days=40)
    assert change.dry_run(ESTATE, to_the_committee(), None, days=30).cases == 0
    assert change.dry_run(ESTATE, to_the_committee(), None, days=60).cases == 1


def test_a_renamed_row_changes_nothing_for_anybody(scene, change):
    scene.rings("access.forced-open", "b1/door")
    assert change.dry_run(ESTATE, matrix(access={"id": "doors"}), None).differences == ()


def test_loading_a_file_without_duties_keeps_the_matrix_that_people_have_edited(scene, change):
    change.replace(ESTATE, to_the_committee(), None, replayed=UNREPLAYED)
    again = replace(description(), matrix_given=False)
    assert LoadEstate(scene.units, scene.clock)(again).changed
    scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().responsible.id == "committee"
    added = replace(
        description().duties[0], id="added", hazards=("access.forced-open",), leads=(PartyRef("kind", "grid_worker"),)
    )
    LoadEstate(scene.units, scene.clock)(replace(again, added_duties=(added,)))
    rings_in_building_2(scene)
    assert {task.responsible.id for task in scene.board()} == {"committee", "grid"}


def test_loading_a_file_with_duties_puts_these_in_force(scene, change):
    change.replace(ESTATE, to_the_committee(), None, replayed=UNREPLAYED)
    assert LoadEstate(scene.units, scene.clock)(description()).changed
    scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().responsible.id == "property"


def test_a_check_tells_rows_lines_and_past_incidents_and_changes_nothing(scene, change):
    scene.rings("access.forced-open", "b1/door")
    before = change.export(ESTATE)
    checked = change.check(ESTATE, "# a note\n" + to_the_committee(), member(scene, "manager"))
    assert (checked.against, checked.rows.version, checked.rows.edited) == (1, 2, ("access",))
    kinds = [line.kind for line in checked.lines if line.kind in {"added", "removed"}]
    assert sorted(kinds) == ["added", "added", "removed", "removed"]
    assert (checked.tried.cases, [one.lead_changes for one in checked.tried.differences]) == (1, [True])
    assert change.export(ESTATE) == before
    assert not change.check(ESTATE, "# a note\n" + before.text, None).lines


@pytest.mark.parametrize(("name", "may"), [("manager", True), ("clerk", True), ("foreman", False), ("guard", False)])
def test_who_may_change_them_is_known_beforehand(scene, change, name, may):
    assert change.may(ESTATE, member(scene, name)) is may
