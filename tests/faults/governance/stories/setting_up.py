"""An estate is set up by the guide, brought in from files, and tried."""

from __future__ import annotations

from cloud.adapters.estate_file.country import Countries
from cloud.adapters.estate_file.files import Files
from cloud.adapters.notify.fitting import ChannelFitting
from cloud.application.channel_ports import ChannelTools
from cloud.application.estates.amend_estate import AmendEstate, Head
from cloud.application.estates.import_estate import GivenFile, ImportEstate
from cloud.application.notices.known_channels import KnownChannels
from cloud.application.rosters.keep_channels import Given, KeepChannels
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind
from cloud.domain.community.quick_building import read_buildings
from tests.fakes.channel_setups import OpenChannelSeal
from tests.fakes.estate import ESTATE, HOME
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_CHIEF = b"id,party,role,zh,en\nchief,operator,administrator,\xe4\xb8\xbb\xe7\xae\xa1,Chief\n"
_SLOWER = b"id,tto\naccess,9 min\n"


def _files(w: World) -> ImportEstate:
    return ImportEstate(w.units, w.clock, Files)


def _takes(name: str, content: bytes):
    return lambda w: _files(w)(ESTATE, [GivenFile(name, content)], None)


def _amends(deed):
    def act(w: World) -> None:
        deed(AmendEstate(w.units, w.clock, Countries()), w.identity("chief"))

    return act


def _around() -> Head:
    street = {"street": Names("滨海街道", "Seaside"), "street/community": Names("社区", "Community")}
    return Head(Names("滨海花园", "Seaside Garden"), "CN", "Asia/Urumqi", street)


def _channels(deed):
    """Nothing of it is secret from this test: a seal that is none makes the same of the same."""

    def act(w: World) -> None:
        tools = ChannelTools(OpenChannelSeal, ChannelFitting(w.clock.now))
        known = KnownChannels(w.units, OpenChannelSeal, frozenset())
        deed(KeepChannels(w.units, w.clock, w.ids, known, tools), w.identity("chief"))

    return act


_MAIL = Given(Form.MAIL, {"host": "smtp.example.org", "user": "me", "sender": "me@example.org"}, {"password": "word"})
_STATION = {PartyKind.MARKET_REGULATOR: (Names("市监所", "Regulator"), "12315")}
_LINE = "building 9, floors -1 to 3, lifts 1, doors 1, detectors 1 per floor"

SETTING_UP: Story = [
    step("members come from a table", _takes("members.csv", _CHIEF)),
    step("mail is set up", _channels(lambda keep, who: keep.set_up("email", _MAIL, who)), anew="ledger channel_setups"),
    step("it is switched off", _channels(lambda keep, who: keep.switch("email", who, active=False))),
    step("and removed", _channels(lambda keep, who: keep.remove("email", who))),
    step("duties come from a table", _takes("duties.csv", _SLOWER)),
    step("the default matrix is taken again", _amends(lambda a, who: a.take_default_matrix(ESTATE, who))),
    step("the estate is named", _amends(lambda a, who: a.head(ESTATE, _around(), who))),
    step("a building is said", _amends(lambda a, who: a.buildings(ESTATE, read_buildings(_LINE), who))),
    step("a part is played", _amends(lambda a, who: a.roles(ESTATE, _STATION, who))),
    step("a number is added", _amends(lambda a, who: a.external(ESTATE, Names("燃气", "Gas"), "95777", who))),
    step("a test is sounded", lambda w: TryAlarm(w.units, w.clock, w.ids)(ESTATE, "b9/lift-1", "lift.entrapment", w.identity("chief"))),
    step("and called off", lambda w: EndTest(w.units, w.clock, w.ids)(ESTATE, w.identity("chief"))),
    step("the building is taken out", _amends(lambda a, who: a.take_out_building(ESTATE, f"{HOME}/b9", who))),
    step("another is said", _amends(lambda a, who: a.buildings(ESTATE, read_buildings("8, floors 2, lifts 1"), who))),
    step("a node is hung there", _amends(lambda a, who: a.node(ESTATE, "b8-node", f"{HOME}/b8", who))),
]  # fmt: skip
