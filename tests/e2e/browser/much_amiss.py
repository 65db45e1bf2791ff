"""A building in which much is amiss, so that every page has something to show."""

from __future__ import annotations

from dataclasses import replace

from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.exchange.board import Wording
from cloud.application.identifiers import RandomIds
from cloud.application.intake.report_hazard import Given
from cloud.application.rosters.keep_channels import Given as ChannelGiven
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.hours import ALWAYS
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.incidents.report import Concern
from cloud.domain.records.webhook import Posting
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.house_home import moves_in


def much_amiss(house) -> dict[str, str]:
    """In the house; gives the addresses of what has one only then."""
    moves_in(house)
    house.node_is_configured()
    several_are_changed(house)
    house.nonsense_arrives(b"\xff\x00{", "is not JSON")
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, "b3/lift-2")
    WatchPatterns(house.units, house.clock, RandomIds())()
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.services.act.acknowledge(door, "manager")
    over = house.goes_wrong("access.held-open", "b1/garage-door")
    house.services.stand_down.cancel(over, "manager", "it was us")
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.05, threshold=0.05)
    with house.units.reading() as uow:
        topic = uow.consultation.topics.of("example")[0].id
    where = {
        name: house.services.queries.task(task, None).incident_id
        for name, task in (("fire", fire), ("door", door), ("over", over))
    }
    house.services.labels.make("example", house.identity("manager"))
    tells_others(house)
    sets_channels_up(house)
    house.keeps_a_roster()
    handover = house.services.reach.handovers.draw("example", "property", "a note", house.identity("manager"))
    with house.units.reading() as uow:
        label = next(one.code for one in uow.labels.of("example") if one.equipment_id == "b3/lift-2")
    told = house.services.report(Given("example", "b1/lift-1", Concern.LIFT_FAULT, device="phone", member_id="tenant"))
    trapped = house.services.report(Given("example", "b3/lift-2", Concern.TRAPPED, device="another"))
    house.services.assurance.say_more(trapped.token, "a child is inside")
    done = house.services.queries.incident(told.incident_id, None).task.id
    house.services.act.acknowledge(done, "technician")
    house.services.act.resolve(done, "technician", ResolutionReason.FIXED)
    hung = house.services.accounts.screens.make(house.identity("manager"), "example", "property", "Gate house")
    screen = f"/screen/{hung.token}"
    own = {
        "label": label,
        "follow": f"/follow/{told.token}",
        "own": f"/reports/{told.report_id}",
        "trapped": f"/follow/{trapped.token}",
        "screen": screen,
        "handover": f"/handovers/{handover.handover.id}",
    }
    own |= neighbourly(house)
    own["rule"] = "/nodes/b3-gateway/rules/b1/detector-7a/smoke-obscuration?days=1&way=when.above&value=8"
    return {"topic": f"/topics/{topic}", **own, **{name: f"/incidents/{incident}" for name, incident in where.items()}}


def several_are_changed(house) -> None:
    """One rollout over several nodes, here of one."""
    several, engineer = house.services.tuning.several, house.identity("engineer").member
    change = several.read("rules: [{rule: overspeed, set: {on_delay_s: 3}}]")
    several.push("example", change, {"b3-gateway": None}, engineer, rollout="rollout-0001", reason="as tried in June")


def sets_channels_up(house) -> None:
    """One that works, one that is switched off and rings."""
    keep, chief = house.services.setting_up.channels, house.identity("administrator")
    mail = {"host": "smtp.example.org", "user": "tocsin", "sender": "tocsin@example.org"}
    keep.set_up("email", ChannelGiven(Form.MAIL, mail, {"password": "word"}), chief)
    keep.set_up("pager", ChannelGiven(Form.GATEWAY, {"url": "https://sms.example.org/", "callback": {}}), chief)
    keep.switch("pager", chief, active=False)


def tells_others(house) -> None:
    """A webhook that took nothing, one that is switched off, one that is gone."""
    book = house.services.messaging.webhooks
    for name in ("rooms", "desk", "gone"):
        hook = book.add("example", f"https://{name}.example/hook", ["task.routed"], "manager").webhook
        with house.units.writing() as uow:
            now = house.clock.now()
            lost = Posting(f"{name}-1", hook.id, "example", 1, now, now, 9, None, now, "it answered 503")
            uow.webhooks.post(
                [lost, replace(lost, id=f"{name}-2", failed_at=None), replace(lost, id=f"{name}-3", sent_at=now)]
            )
            uow.commit()
        if name == "desk":
            book.change("example", hook.id, "manager", active=False)
        if name == "gone":
            with house.units.writing() as uow:
                uow.webhooks.gone(hook.id, hook.url, "it answered 410", now)
                uow.commit()


def neighbourly(house) -> dict[str, str]:
    """A need with an offer that meets it, a small task that was done and paid, and ways to the tenant."""
    exchange, reach = house.services.exchange, house.services.reach.contacts
    tenant, manager = house.identity("tenant"), house.identity("manager")
    ladder = Wording("ladder", "A ladder for the lamp", "binhai/example/b1", ALWAYS)
    need = exchange.board.post("example", Side.NEED, Good.TOOL, ladder, tenant)
    exchange.board.post("example", Side.OFFER, Good.TOOL, ladder, house.identity("lodger"))
    for _ in range(2):
        patrol = exchange.small_tasks.post("example", SmallTaskKind.PATROL, ladder, manager)
        exchange.small_tasks.claim(patrol.id, tenant)
    exchange.small_tasks.finish(patrol.id, tenant)
    exchange.small_tasks.confirm(patrol.id, manager)
    for channel in ("sms", "voice"):
        way = reach.add("tenant", channel, "13800000001", tenant)
        reach.send_code("tenant", way.key, tenant)
    return {"need": f"/neighbours/needs/{need.id}", "way": f"/account/reached/{way.key}"}
