"""A newer call sheet takes the older one's place, and what fails again and again is folded on the ledger."""

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.purge_links import KEPT_FOR, PurgeLinks
from cloud.domain.community.access import AccessKey, Purpose
from cloud.domain.records.delivery import MOST_ROUNDS, DeliveryState
from cloud.domain.records.notification import Reason
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

EVERYBODY = ("manager", "guard", "technician", "foreman")


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def sms(scene):
    for member in EVERYBODY:
        reach(scene.units, member, f"sms:{member}")
    return FakeChannel()


@pytest.fixture
def send(scene, sms):
    return sender(scene, {"sms": sms})


def waiting(scene):
    with scene.units.reading() as uow:
        made = uow.outbox.latest(ESTATE, failed=False, limit=10_000)
        sheets = {d.id: uow.outbox.get(d.notification_id) for d in made}
    return [sheets[d.id] for d in made if d.state is DeliveryState.WAITING]


def lasts(scene, send, minutes):
    for _ in range(minutes):
        scene.passes(minutes=1)
        sends_all(send)


def test_only_the_newest_call_sheet_waits_and_it_goes_out_once_the_channel_is_mended(scene, send, sms):
    sms.cut()
    scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(send)
    lasts(scene, send, 12)
    sheets = [(one.party_id, one.phone) for one in waiting(scene) if one.reason is Reason.CALL_SHEET]
    assert len(set(sheets)) >= 2
    assert len(sheets) == 2 * len(set(sheets)), "one for each of the two of each party: the newest"
    sms.mend()
    lasts(scene, send, 11)
    assert set(sms.addresses) == set(EVERYBODY)
    assert not [one for one in waiting(scene) if one.reason is Reason.CALL_SHEET]


def test_an_outage_of_an_hour_writes_few_lines_and_says_when_it_is_over(scene, send, sms):
    sms.cut()
    scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(send)
    lasts(scene, send, 15)
    before = sum(entry.kind == "notification.not-sent" for entry in scene.ledger())
    lasts(scene, send, 45)
    sheets = sum(entry.kind == "ladder.step-taken" for entry in scene.ledger())
    said = sum(entry.kind == "notification.not-sent" for entry in scene.ledger())
    assert sheets > 25, "it goes on sounding"
    assert said - before <= before, "four times as long, and not twice as many lines"
    sms.mend()
    lasts(scene, send, 11)
    assert [entry.data["member"] for entry in scene.ledger() if entry.kind == "notification.sent"]


def test_of_the_rounds_of_one_message_the_first_each_doubling_and_the_end_are_said(scene, send, sms):
    sms.cut("no line")
    reach(scene.units, "guard", "sms:guard", "pager:1")
    scene.rings("access.held-open", "b1/door")
    for _ in range(MOST_ROUNDS):
        sends_all(send)
        scene.clock.advance(minutes=11)
    said = [
        entry.data.get("times", 1)
        for entry in scene.ledger()
        if entry.kind == "notification.not-sent" and entry.data.get("member") == "guard"
    ]
    assert said == [1, 2, 4, MOST_ROUNDS]


def test_links_and_sessions_that_ended_are_forgotten_and_nothing_else_is(scene):
    now = scene.clock.now()
    with scene.units.writing() as uow:
        for name, purpose, ends in (
            ("old", Purpose.LINK, now - KEPT_FOR - timedelta(seconds=1)),
            ("ended", Purpose.LINK, now - timedelta(hours=1)),
            ("open", Purpose.LINK, now + timedelta(hours=1)),
            ("endless", Purpose.LINK, None),
            ("session", Purpose.SESSION, now - timedelta(days=9)),
            ("token", Purpose.API, now - timedelta(days=9)),
        ):
            uow.keys.put(AccessKey(name, "guard", purpose, now - timedelta(days=20), ends))
        uow.commit()
    purge = PurgeLinks(scene.units, scene.clock)
    assert (purge(), purge()) == (2, 0)
    with scene.units.reading() as uow:
        assert {key.hash for key in uow.keys.of_member("guard")} == {"ended", "open", "endless", "token"}
