"""Who is on duty and how they are reached; who takes over; how they sign in; duties and the estate's own description."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import count

from cloud.adapters.calendars import CalendarFile
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.estate_file.writing import write_duties
from cloud.application.accounts.keep_keys import KeepKeys
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.purge_links import PurgeLinks
from cloud.application.estates.saved_views import SavedViews
from cloud.application.estates.sign_in import SignIn
from cloud.application.rosters.calendar_links import CalendarLinks
from cloud.application.rosters.hand_over import HandOver
from cloud.application.rosters.keep_contacts import KeepContacts
from cloud.application.rosters.keep_rosters import KeepRosters
from cloud.application.rosters.questions import RosterQuestions
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.community.verification import CODE_AGAIN
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.reach import Letterbox
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import Channel, World, people

_GUARDS = Roster(
    "guards",
    ESTATE,
    "property",
    Names("保安", "Guards"),
    shifts=(Shift(("guard",), time(8), time(20), since=date(2026, 1, 1)),),
)
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261126T000000Z\r\n"
    b"DTEND:20261126T080000Z\r\nSUMMARY:guard\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_CODE = "123456"


def _rosters(w: World) -> KeepRosters:
    return KeepRosters(w.units, w.clock, w.ids, CalendarFile())


def _contacts(w: World) -> KeepContacts:
    through = ThroughChannels({"sms": Channel(w.outside)}, Letterbox(), w.clock, w.ids)
    return KeepContacts(w.units, w.clock, through, lambda: _CODE)


def _key(w: World) -> str:
    with w.units.reading() as uow:
        known = [one.key for one in uow.contacts.of("guard")]
    return str(w.once("the guard's channel", lambda: known[0]))


def _sends_code(w: World) -> None:
    """Kept before it is sent: whoever waits in vain asks for another one after a minute."""
    contacts, guard = _contacts(w), w.identity("guard")
    if any(one.code_sent_at for one in contacts.of_member("guard", guard).contacts):
        w.clock.advance(seconds=CODE_AGAIN.total_seconds())
    contacts.send_code("guard", _key(w), guard)


def _puts(roster: Roster, *, new: bool, seen: int | None = None):
    return lambda w: _rosters(w).put(roster, w.identity("manager"), new=new, seen=seen)


def _overrides(w: World) -> None:
    _rosters(w).override(
        ESTATE,
        "guards",
        w.identity("manager"),
        starts_at=START,
        ends_at=START + timedelta(hours=2),
        members=("manager",),
    )


def _ends_override(w: World) -> None:
    with w.units.reading() as uow:
        register = uow.registers.find(ESTATE)
    override = w.once("the override", lambda: register.rosters[0].overrides[0].id)
    _rosters(w).end_override(ESTATE, "guards", override, w.identity("manager"))


def _takes_calendar(w: World) -> None:
    _rosters(w).take_calendar(ESTATE, "guards", _CALENDAR, w.identity("manager"))


def _gives_address(w: World) -> None:
    questions = RosterQuestions(w.units, w.clock, CalendarFile())
    made = CalendarLinks(w.units, w.clock, _sign_in(w), questions).make(ESTATE, "guards", w.identity("manager"))
    w.kept["calendar"] = made.key.id


def _takes_address_back(w: World) -> None:
    KeepKeys(w.units, w.clock, _sign_in(w)).end(w.identity("manager"), w.kept["calendar"], Purpose.CALENDAR)


def _draws(w: World) -> None:
    HandOver(w.units, w.clock, w.ids).draw(ESTATE, "property", "all is well", w.identity("guard"))


def _signs(side, member: str):
    def act(w: World) -> None:
        with w.units.reading() as uow:
            (drawn,) = uow.handovers.of(ESTATE)
        HandOver(w.units, w.clock, w.ids).sign(ESTATE, drawn.id, side, w.identity(member))

    return act


def _sign_in(w: World) -> SignIn:
    numbers = w.kept.setdefault("tokens", count(1))
    return SignIn(w.units, w.clock, lambda: f"token-{next(numbers)}")


def _links(w: World) -> None:
    w.kept["link"] = _sign_in(w).issue_link("guard").token


def _enters(w: World) -> None:
    w.kept["session"] = _sign_in(w).enter(w.kept["link"]).token


def _changes_duties(w: World) -> None:
    rows = [replace(one, tto=timedelta(minutes=7)) if one.id == "access" else one for one in people().duties]
    manager = w.identity("manager").member
    change, text = ChangeDuties(w.units, w.clock, YamlSheet()), write_duties(rows)
    tried = w.once("what was tried", lambda: change.dry_run(ESTATE, text, manager).replayed)
    change.replace(ESTATE, text, manager, seen=1, replayed=tried)


def _loads(w: World) -> None:
    estate = people()
    renamed = replace(estate.estate, names=Names("示例小区二期", "Example estate II"))
    LoadEstate(w.units, w.clock)(replace(estate, estate=renamed))


def _reached_by_sms(address: str):
    contact = Contact("guard", "sms", address)
    return lambda w: _contacts(w).replace("guard", [contact], w.identity("guard"))


def _views(w: World) -> SavedViews:
    return SavedViews(w.units, w.clock, w.ids)


def _saves_view(query: str):
    return lambda w: _views(w).save(ESTATE, "Nights", query, w.identity("guard"))


def _removes_view(w: World) -> None:
    view = w.once("the view", lambda: _views(w).of(ESTATE, w.identity("guard"))[0].id)
    _views(w).remove(ESTATE, view, w.identity("guard"))


PEOPLE: Story = [
    step("a roster is made", _puts(_GUARDS, new=True)),
    step("it is changed", _puts(replace(_GUARDS, names=Names("门岗", "Gate")), new=False, seen=1)),
    step("somebody takes a shift over", _overrides),
    step("and gives it back", _ends_override),
    step("a calendar is brought in", _takes_calendar),
    step("its calendar is given an address", _gives_address, anew="access_keys ledger"),
    step("which is taken back", _takes_address_back),
    step("the roster is dissolved", lambda w: _rosters(w).remove(ESTATE, "guards", w.identity("manager"))),
    step("a channel is added", lambda w: _contacts(w).add("guard", "sms", "13800000001", w.identity("guard"))),
    step("a code is sent through it", _sends_code, anew="contacts ledger messages"),
    step("which comes back", lambda w: _contacts(w).verify("guard", _key(w), _CODE, w.identity("guard"))),
    step("it is removed", lambda w: _contacts(w).remove("guard", _key(w), w.identity("guard"))),
    step("a language is chosen", lambda w: _contacts(w).choose_language("en", w.identity("guard"))),
    step("channels are put in order", _reached_by_sms("13800000002")),
    lambda w: w.rings("access.forced-open", "b1/door"),
    step("a shift is handed over", _draws),
    step("who leaves signs", _signs("leaving", "guard")),
    step("who comes signs", _signs("coming", "manager")),
    step("a view of the board is saved", _saves_view("hazard=lift")),
    step("and changed", _saves_view("hazard=lift&mine=1")),
    step("and let go of", _removes_view),
    step("a link is given", _links, anew="access_keys ledger"),
    step("it opens a session", _enters, anew="access_keys ledger"),
    step("which ends", lambda w: _sign_in(w).leave(w.kept["session"])),
    step(
        "a token for a program is given",
        lambda w: _sign_in(w).issue_api_token("guard", label="x"),
        anew="access_keys ledger",
    ),
    step("the duties are changed", _changes_duties),
    step("the estate is loaded anew", _loads),
    timedelta(days=40),
    step("links that ended are forgotten", lambda w: PurgeLinks(w.units, w.clock)()),
]
