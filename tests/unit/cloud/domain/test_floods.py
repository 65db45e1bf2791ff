"""What a flood is, what is folded in it, and what never is (domain/incidents/flood.py)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.incidents.flood import FLOOD_WINDOW, MOST_SINGLE, SUMMARY_EVERY, Flood, floods, is_flood, next_summary
from cloud.domain.incidents.incident import Incident
from schemas.hazards import HAZARDS, Severity, hazard
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

REGISTER = register()
DOOR, LIFT = ("access.held-open", "b1/door", "b1"), ("lift.door-fault", "b1/lift-1", "b1")


def incident(number, what=DOOR, *, seconds=0.0, mode="real"):
    name, equipment, place = what
    at = START + timedelta(seconds=seconds)
    return Incident(
        f"i{number:03}", ESTATE, "matter", mode, name, Severity.MINOR, f"{HOME}/{place}", equipment, "b1-node", at
    )


def test_more_than_ten_in_ten_minutes_are_a_flood_and_ten_are_not():
    ten = [incident(n, seconds=n) for n in range(MOST_SINGLE)]
    assert floods(ten, REGISTER) == []
    (flood,) = floods([*ten, incident(10, seconds=FLOOD_WINDOW.total_seconds())], REGISTER)
    assert len(flood.incidents) == MOST_SINGLE + 1
    assert floods([*ten, incident(10, seconds=FLOOD_WINDOW.total_seconds() + 1)], REGISTER) == []
    assert is_flood(range(11))
    assert not is_flood(range(10))


def test_it_counts_and_names_what_is_within():
    doors = [incident(n, (DOOR[0], f"b1/door-{n}", "b1")) for n in range(11)]
    known = replace(REGISTER, equipment={
        **REGISTER.equipment,
        **{one.equipment_id: replace(REGISTER.equipment["b1/door"], id=one.equipment_id) for one in doors},
    })  # fmt: skip
    (flood,) = floods(
        [*doors, incident(20, LIFT, seconds=200), incident(21, ("node.silent", "node/b1-node", "b1"))], known
    )
    words = flood.words(known)
    assert words.en == "13 incidents in Building 1, Example estate within 4 minutes: 1 lift, 11 doors, 1 node"
    assert words.zh == "示例小区1号楼4分钟内13起事件：1部电梯、11扇门、1个节点"


def test_a_building_is_one_flood_and_what_is_left_over_the_estate_another():
    here = [incident(n, seconds=n) for n in range(11)]
    elsewhere = [incident(n, ("access.held-open", "b2/door", "b2"), seconds=n) for n in range(20, 26)]
    (only,) = floods([*here, *elsewhere], REGISTER)
    assert only.place_id == f"{HOME}/b1"
    spread = [incident(n, DOOR if n % 2 else ("access.held-open", "b2/door", "b2")) for n in range(12)]
    (over,) = floods(spread, REGISTER)
    assert over.place_id == HOME


def test_exercises_and_what_is_real_never_mix():
    real = [incident(n, seconds=n) for n in range(8)]
    drilled = [incident(n, seconds=n, mode="exercise") for n in range(8, 16)]
    assert floods([*real, *drilled], REGISTER) == []


def test_windows_that_overlap_are_one_flood_however_long_it_lasts():
    hour = [incident(n, seconds=n * 50) for n in range(73)]
    (flood,) = floods(hour, REGISTER)
    assert len(flood.incidents) == 73


def test_nobody_gets_two_summaries_within_two_minutes():
    assert next_summary(None, START) == START
    assert next_summary(START, START + timedelta(seconds=30)) == START + SUMMARY_EVERY
    assert next_summary(START, START + timedelta(hours=1)) == START + timedelta(hours=1)


INCIDENTS = st.lists(
    st.builds(
        lambda name, place, seconds: ((name, f"{place}/thing", place), seconds),
        st.sampled_from(sorted(HAZARDS)), st.sampled_from(["b1", "b2", "b1/f2"]), st.floats(0, 3600),
    ),
    max_size=80,
)  # fmt: skip


@given(INCIDENTS)
def test_life_safety_is_never_folded_and_nothing_is_in_two_floods(drawn):
    known = [incident(n, what, seconds=seconds) for n, (what, seconds) in enumerate(drawn)]
    found = floods(known, REGISTER)
    within = [one for flood in found for one in flood.incidents]
    assert len(within) == len({one.id for one in within})
    assert not [one for one in within if hazard(one.hazard).life_safety]
    for flood in found:
        assert len(flood.incidents) > MOST_SINGLE
        assert Flood.of(flood.incidents, REGISTER) == flood
        gaps = [b.opened_at - a.opened_at for a, b in zip(flood.incidents, flood.incidents[1:], strict=False)]
        assert max(gaps) <= FLOOD_WINDOW
