"""Exercises are announced to the parties that the duties of their points name, and called off to the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.notices.send_missives import SendMissives
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.application.tasks.planned import AskPlanned
from cloud.domain.community.means import Means
from cloud.domain.incidents.drilled import USUAL
from cloud.domain.records.ledger import Kind
from tests.fakes.channels import FakeChannel, reach
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene

SOON = timedelta(hours=2)


class Site(Scene):
    def __init__(self) -> None:
        super().__init__()
        self.exercises = PlanExercises(self.units, self.clock, self.ids)
        self.sms, self.voice = FakeChannel(), FakeChannel(rings=True)
        self.channels = {"console": FakeChannel(carries_links=False), "sms": self.sms, "voice": self.voice}
        self.send = SendMissives(
            self.units, self.clock, self.channels, means=Means(frozenset({"sms", "voice"}), console=False)
        )

    def plans(self, *equipment: str, after: timedelta = SOON, also: tuple[str, ...] = ()):
        begins, who = self.clock.now() + after, self.identity("manager")
        return self.exercises.plan(ESTATE, equipment, begins, begins + timedelta(hours=1), who, hazards=(USUAL, *also))

    def sends(self) -> None:
        for _ in range(50):
            if not self.send():
                return
        raise AssertionError("there is always more to send")

    def said(self, kind: Kind) -> list[dict[str, object]]:
        return [dict(entry.data) for entry in self.ledger() if entry.kind == kind]

    @property
    def printed(self) -> list[str]:
        return [message.name for message in self.channels["console"].delivered]


@pytest.fixture
def site():
    return Site()


def test_it_is_announced_to_whom_the_duties_of_its_points_name_and_to_nobody_else(site):
    exercise = site.plans("b1/lift-1", also=("lift.entrapment",))
    site.sends()
    told = {entry["party"] for entry in site.said(Kind.NOTIFIED)}
    assert exercise.told == ("committee", "lift-firm", "property", "street")
    assert told == set(exercise.told)
    assert not any(entry["member"] == "manager" for entry in site.said(Kind.NOTIFIED)), "who plans it knows of it"


def test_whom_only_what_is_not_exercised_would_call_is_not_troubled(site):
    assert "street" not in site.plans("b1/lift-1").told


def test_the_words_say_what_of_its_points_is_exercised(site):
    reach(site.units, "technician", "sms:13800138000")
    site.plans("b1/lift-1", also=("lift.entrapment",))
    site.sends()
    texts = [one.text for one in site.sms.delivered]
    assert len(texts) == 1
    assert (
        "期间仅这些测点的下列报警属于演练：电梯困人、" in texts[0]
        or "only this belongs to it: Person trapped in lift, " in texts[0]
    )


def test_a_lift_and_a_detector_concern_other_parties(site):
    assert set(site.plans("b1/lift-1").told) != set(site.plans("b1/smoke-1").told)


def test_the_words_say_who_when_and_where_and_that_all_else_is_real(site):
    site.plans("b1/lift-1")
    site.sends()
    text = site.channels["console"].delivered[0].text
    assert "演练预告" in text or "EXERCISE ANNOUNCED" in text
    assert "其他信号均为真实" in text or "any other signal is real" in text


def test_it_rings_nobody(site):
    reach(site.units, "technician", "voice:1")
    site.plans("b1/lift-1")
    site.sends()
    assert site.voice.delivered == []
    assert [one["reason"] for one in site.said(Kind.NOT_NOTIFIED) if one["member"] == "technician"] == ["no_channel"]


def test_called_off_before_anybody_heard_of_it_nobody_is_told(site):
    exercise = site.plans("b1/lift-1")
    site.exercises.end(ESTATE, exercise.id, site.identity("manager"))
    site.sends()
    assert site.said(Kind.NOTIFIED) == []


def test_called_off_after_it_was_announced_the_same_people_are_told(site):
    exercise = site.plans("b1/lift-1")
    site.sends()
    first = sorted(site.printed)
    site.exercises.end(ESTATE, exercise.id, site.identity("manager"))
    site.sends()
    assert sorted(site.printed) == sorted(first * 2)
    assert (
        "取消" in site.channels["console"].delivered[-1].text
        or "CALLED OFF" in site.channels["console"].delivered[-1].text
    )


def test_ended_early_it_is_said_that_every_signal_is_real_from_now_on(site):
    exercise = site.plans("b1/lift-1", after=timedelta())
    site.sends()
    site.exercises.end(ESTATE, exercise.id, site.identity("manager"))
    site.sends()
    assert (
        "EXERCISE OVER" in site.channels["console"].delivered[-1].text
        or "提前结束" in site.channels["console"].delivered[-1].text
    )


def test_planned_twice_by_who_heard_no_answer_it_is_announced_once(site):
    assert site.plans("b1/lift-1").id == site.plans("b1/lift-1").id
    site.sends()
    assert len(site.printed) == len(set(site.printed))


def test_a_provider_that_is_down_is_tried_again_and_given_up_when_the_exercise_is_over(site):
    reach(site.units, "technician", "sms:13800138000")
    site.sms.cut("the gateway is down")
    site.plans("b1/lift-1")
    site.sends()
    failed = [one for one in site.said(Kind.NOT_NOTIFIED) if one["member"] == "technician"]
    assert [one["reason"] for one in failed] == ["the gateway is down"], "said once, not at every try"
    site.sms.mend()
    site.clock.advance(minutes=5)
    site.sends()
    assert site.sms.addresses == ["13800138000"]


def test_after_the_exercise_nobody_is_told_of_it_any_more(site):
    reach(site.units, "technician", "sms:13800138000")
    site.sms.cut()
    site.plans("b1/lift-1")
    site.sends()
    site.sms.mend()
    site.clock.advance(hours=4)
    site.sends()
    assert site.sms.delivered == []


def test_it_stands_on_the_board_from_a_day_before_until_it_is_over(site):
    ask, manager = AskPlanned(site.units, site.clock), site.identity("manager")
    site.plans("b1/lift-1", after=timedelta(hours=25))
    assert ask.ahead(ESTATE, manager) == []
    seen = []
    for hours in (2, 23, 2):
        site.clock.advance(hours=hours)
        seen.append([one.state for one in ask.ahead(ESTATE, manager)])
    assert seen == [["coming"], ["running"], []]


def test_what_is_planned_shows_to_whom_it_was_announced_and_whom_to_phone(site):
    exercise = site.plans("b1/smoke-1")
    (shown,) = AskPlanned(site.units, site.clock)(ESTATE, site.identity("manager")).exercises
    assert len(shown.told) == len(exercise.told)
    assert len(shown.by_phone) == len(exercise.by_phone)
