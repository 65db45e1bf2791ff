"""A stream that is open says nothing more from the moment in which its reader may see less: not half a minute later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from cloud.application.accounts.keep_members import Newcomer
from cloud.domain.community.access import Origin, Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, Role
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.entrypoints.feeds import live
from tests.integration.accounts.test_links_in_messages import message_to
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.house_register import HOME
from tests.integration.cloud_web.sister_estate import DETECTOR, LIFT, SISTER, builds_sister
from tests.integration.cloud_web.test_live import asked_again, events, first_beat

PASSWORD = "stairs smell of rain"
LIVE = "/api/v1/live"


def matters(found: Iterator[dict[str, str]]) -> list[str]:
    """What is still said of any matter, here or elsewhere, until the stream ends."""
    told = [one for one in found if "id" in one or one.get("event") == "elsewhere"]
    return [one["data"] for one in told if '"incident_id":null' not in one["data"] and one["data"] != "{}"]


def from_now(house: House, estate: str = ESTATE) -> dict[str, str | int]:
    """A stream begun without a cursor may first tell of what was before it, where the service has yet to read that."""
    return {"estate": estate, "since": house.services.queries.ledger_head(estate, None).seq}


def registers(house: House, change: Callable[[Register], Register], estate: str = ESTATE) -> None:
    """The estate is loaded anew, otherwise than it was."""
    with house.units.writing() as uow:
        known = uow.registers.find(estate)
        changed = replace(change(known), version=known.version + 1, _by_closeness={})
        uow.registers.store(changed, f"version {changed.version}")
        draft = Draft(
            Kind.ESTATE_LOADED, house.clock.now(), "system", None, estate, "load", {"version": changed.version}
        )
        uow.ledger.append(estate, [draft])
        uow.commit()


def as_resident(register: Register) -> Register:
    manager = replace(register.members["manager"], role=Role.RESIDENT)
    return replace(register, members={**register.members, "manager": manager})


def served_no_more(register: Register) -> Register:
    return replace(
        register, parties={**register.parties, "lifts": replace(register.parties["lifts"], serves=("other",))}
    )


def here_alone(register: Register) -> Party:
    return replace(register.parties["lifts"], serves=(HOME,))


def of_building_1(register: Register) -> Party:
    return replace(register.parties["committee"], serves=(f"{HOME}/b1",))


def the_session(house: House, _token: str) -> None:
    (key, *_) = house.sessions("manager")
    house.services.accounts.keys.end(house.identity("manager"), key.id, Purpose.SESSION)


def another_password(house: House, _token: str) -> None:
    own = house.services.accounts.own
    own.set_password(house.identity("manager"), "manager", "", PASSWORD, address="192.0.2.1")


def the_role(house: House, _token: str) -> None:
    registers(house, as_resident)


def the_token(house: House, token: str) -> None:
    house.services.sign_in.leave(token)


SHUT = {
    "the session is ended from elsewhere": the_session,
    "the password is changed": another_password,
    "the role is lost": the_role,
    "the session is left": the_token,
}


@pytest.mark.parametrize("shut", SHUT.values(), ids=SHUT)
@pytest.mark.parametrize("elsewhere", [{}, {"elsewhere": "all"}], ids=["alone", "elsewhere"])
def test_a_session_that_ends_ends_its_streams_before_another_word(house, visitor, shut, elsewhere):
    builds_sister(house)
    token = house.session_of("manager")
    visitor.cookies.set("tocsin_session", token)
    with visitor.stream("GET", LIVE, params={**from_now(house), **elsewhere}, timeout=15) as answer:
        found = events(answer)
        first_beat(found)
        shut(house, token)
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
        assert matters(found) == []


def test_a_token_that_is_taken_back_ends_its_streams_and_those_of_one_incident(house, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    for path in (LIVE, f"/api/v1/incidents/{incident}/live"):
        token = house.api_token_of("guard")
        with visitor.stream(
            "GET", path, params=from_now(house), headers={"authorization": f"Bearer {token}"}, timeout=15
        ) as answer:
            found = events(answer)
            first_beat(found)
            house.services.sign_in.leave(token)
            house.services.act.note(task, "manager", "the guard is not to read this")
            assert matters(found) == []


def test_whoever_is_shown_out_or_whose_party_serves_the_place_no_more_hears_nothing_more(house, visitor):
    accounts = house.services.accounts
    who = Newcomer(Names("夜班", "Night shift"), "property", Role.RESPONDER)
    invited = accounts.members.invite(house.identity("manager"), ESTATE, who)
    night = accounts.accept.with_link(invited.secret, origin=Origin("192.0.2.1", "x")).session
    shut = {
        night.token: lambda: accounts.members.show_out(house.identity("manager"), ESTATE, night.key.member_id),
        house.session_of("technician"): lambda: registers(house, served_no_more),
    }
    for token, act in shut.items():
        visitor.cookies.set("tocsin_session", token)
        with visitor.stream("GET", LIVE, params=from_now(house), timeout=15) as answer:
            found = events(answer)
            first_beat(found)
            act()
            house.goes_wrong("lift.entrapment", "b3/lift-2")
            assert matters(found) == []


def test_a_screen_that_is_taken_back_goes_dark_while_it_hangs(house, visitor):
    screens, manager = house.services.accounts.screens, house.identity("manager")
    visitor.cookies.set("tocsin_session", house.screen_of("manager", "property"))
    (hung,) = screens.of(manager)
    with visitor.stream("GET", LIVE, params=from_now(house), timeout=15) as answer:
        found = events(answer)
        first_beat(found)
        screens.end(manager, hung.id)
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        assert matters(found) == []


def test_who_came_by_a_messages_link_reads_on_for_as_long_as_it_counts(house, visitor, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.05)
    monkeypatch.setattr(live, "WELCOME_S", 0.05)
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    visitor.cookies.set("tocsin_session", house.services.sign_in.enter(message_to(house, "guard", task)).token)
    incident = house.services.queries.task(task, None).incident_id
    with visitor.stream("GET", f"/api/v1/incidents/{incident}/live", params=from_now(house), timeout=15) as answer:
        found = events(answer)
        asked_again(found)
        house.services.act.note(task, "manager", "the north gate, from outside")
        assert next(one for one in found if "task.note-added" in one.get("data", ""))


def test_a_messages_link_that_is_withdrawn_ends_the_stream_of_its_incident(house, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    link = message_to(house, "guard", task)
    session = house.services.sign_in.enter(link)
    visitor.cookies.set("tocsin_session", session.token)
    incident = house.services.queries.task(task, None).incident_id
    with visitor.stream("GET", f"/api/v1/incidents/{incident}/live", params=from_now(house), timeout=15) as answer:
        found = events(answer)
        first_beat(found)
        assert house.services.accounts.keys.end_others(house.identity("guard"))
        house.services.act.note(task, "manager", "the finder of the link is not to read this")
        assert matters(found) == []


def test_who_sees_less_of_the_estate_sees_it_at_once(house, visitor):
    """The committee answers for building 1 alone from now on: what is forced in building 5 is not its own any more."""
    visitor.cookies.set("tocsin_session", house.session_of("officer"))
    with visitor.stream("GET", LIVE, params=from_now(house), timeout=15) as answer:
        found = events(answer)
        first_beat(found)
        house.goes_wrong("access.forced-open", "b5/north-gate")
        assert next(one for one in found if "North gate" in one.get("data", ""))
        registers(house, lambda known: replace(known, parties={**known.parties, "committee": of_building_1(known)}))
        house.goes_wrong("access.forced-open", "b5/north-gate")
        house.goes_wrong("access.forced-open", "b1/garage-door")
        told = []
        for one in found:
            told.append(one.get("data", ""))
            if "Basement" in told[-1] or "Garage" in told[-1]:
                break
        after = next(n for n, said in enumerate(told) if '"kind":"estate.loaded"' in said)
        assert not [said for said in told[after:] if "North gate" in said]


def test_who_serves_another_estate_no_more_hears_of_nothing_there_while_the_stream_goes_on(house, visitor):
    builds_sister(house)
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    with visitor.stream("GET", LIVE, params={**from_now(house), "elsewhere": "all"}, timeout=15) as answer:
        found = events(answer)
        first_beat(found)
        house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
        assert next(one for one in found if SISTER in one.get("data", ""))["event"] == "elsewhere"
        registers(house, lambda known: replace(known, parties={**known.parties, "lifts": here_alone(known)}), SISTER)
        house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
        house.goes_wrong("lift.door-fault", "b1/lift-1")
        told = []
        for one in found:
            told.append(one.get("data", ""))
            if "lift.door-fault" in told[-1]:
                break
    assert not [said for said in told if SISTER in said]


def test_the_id_of_an_event_is_worth_nothing_to_another_reader(house, address, visitor):
    """Who resumes with the last event of somebody else's stream is told what they may see from there, and no more."""
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("lift.door-fault", "b1/lift-1")
    head = house.services.queries.ledger_head(ESTATE, None).seq
    headers = {"authorization": f"Bearer {house.api_token_of('technician')}", "last-event-id": "1"}
    with (
        httpx.Client(base_url=address, trust_env=False, timeout=15) as client,
        client.stream("GET", LIVE, params={"estate": ESTATE}, headers=headers) as answer,
    ):
        read = []
        for one in events(answer):
            if "id" in one:
                read.append(one)
                if int(one["id"]) >= head - 1:
                    break
    assert not [one for one in read if "Smoke" in one["data"]]
    for wrong in ("-1", "1e3", "٣", "9" * 20, "0x10"):
        refused = visitor.get(LIVE, headers={**headers, "last-event-id": wrong.encode()})
        assert refused.status_code in {400, 422}, wrong
    assert visitor.get(LIVE, headers={"last-event-id": "1"}).status_code == 401
