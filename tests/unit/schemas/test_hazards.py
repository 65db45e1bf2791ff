"""The hazard vocabulary and its severities."""

import operator

import pytest

from schemas.hazards import HAZARDS, Severity, hazard

LEAST_FIRST = ["notice", "warning", "minor", "major", "critical"]


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq])
def test_severities_compare_by_how_bad_they_are_and_not_by_the_alphabet(compare):
    for left, worse in enumerate(LEAST_FIRST):
        for right, other in enumerate(LEAST_FIRST):
            assert compare(Severity(worse), Severity(other)) is compare(left, right)


def test_the_worst_of_several_is_found():
    assert max(Severity.MAJOR, Severity.CRITICAL, Severity.WARNING) is Severity.CRITICAL
    assert min(Severity.MAJOR, Severity.NOTICE) is Severity.NOTICE
    assert list(Severity) == LEAST_FIRST


def test_a_severity_is_on_the_wire_what_it_is_called():
    assert f"{Severity.MAJOR}" == "major"
    assert Severity("major") is Severity.MAJOR


def test_every_hazard_has_a_name_in_both_languages():
    for name, known in HAZARDS.items():
        assert known.id == name
        assert known.family == name.split(".")[0]
        assert known.zh
        assert known.en
        assert not known.zh.isascii()
        assert known.en.isascii()
    assert (
        len({known.zh for known in HAZARDS.values()}) == len({known.en for known in HAZARDS.values()}) == len(HAZARDS)
    )


@pytest.mark.parametrize(
    ("name", "severity", "life_safety"),
    [
        ("access.forced-open", "major", False),
        ("access.held-open", "minor", False),
        ("access.tailgating", "notice", False),
        ("access.denied-burst", "minor", False),
        ("access.reader-tamper", "major", False),
        ("access.release-failed", "critical", True),
        ("fire.smoke", "critical", True),
        ("fire.smoke-prealarm", "warning", False),
        ("fire.manual-call-point", "critical", True),
        ("fire.co", "critical", True),
        ("fire.detector-fault", "major", False),
        ("fire.detector-contaminated", "minor", False),
        ("fire.exit-obstructed", "major", False),
        ("lift.entrapment", "critical", True),
        ("lift.stopped-off-level", "major", False),
        ("lift.unintended-movement", "critical", True),
        ("lift.overspeed", "critical", False),
        ("lift.door-fault", "minor", False),
        ("lift.run-timeout", "major", False),
        ("lift.out-of-service", "major", False),
        ("lift.maintenance-overdue", "major", False),
        ("lift.inspection-due", "minor", False),
    ],
)
def test_severity_and_life_safety_are_those_of_the_tables(name, severity, life_safety):
    assert (HAZARDS[name].severity, HAZARDS[name].life_safety) == (severity, life_safety)


def test_a_hazard_nobody_knows_is_taken_seriously():
    unknown = hazard("crane.swinging")
    assert (unknown.severity, unknown.life_safety) == (Severity.CRITICAL, True)
    assert unknown.en == "crane.swinging"
