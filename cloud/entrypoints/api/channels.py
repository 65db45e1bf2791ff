"""How messages go out from this server: channels that administrators set up, try and switch off. Secrets come in and never out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.estates.sign_in import Identity
from cloud.application.rosters.keep_channels import Given, KeepChannels, Shown
from cloud.domain.community.channel_setup import SECRETS, Form
from cloud.domain.community.channel_shapes import GatewayShape, MailShape
from cloud.entrypoints.api import access, unchanged
from cloud.entrypoints.api.access import Area, EstateId, entrance
from cloud.entrypoints.api.attempts import FailureShown, shown_failure
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface("/channels", tags=["channels"])

ANSWERS: Final = documented(HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)

ChannelKind = Annotated[
    str, Path(max_length=32, description="The kind of contact, as members choose it: `email`, `sms`, `voice` …")
]
Secret = Annotated[
    str | None,
    Field(max_length=2048, description="Never told again. Left away it stays as it is; empty it is taken away."),
]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    def given(self, form: Form) -> Given:
        said = self.model_dump(exclude={"form"})
        secrets = {name: said.pop(name) for name in SECRETS[form]}
        return Given(form, said, {name: text for name, text in secrets.items() if text is not None})


class MailGiven(_Given, MailShape):
    """An SMTP server. What is meant by each field is checked as a whole; a password never goes unencrypted."""

    form: Literal["mail"]
    password: Secret = None


class GatewayGiven(_Given, GatewayShape):
    """A provider's HTTP interface, for text messages and calls."""

    form: Literal["gateway"]
    secret: Secret = None
    callback_secret: Secret = None


class AppriseGiven(_Given):
    """Any URL of Apprise, with `{address}` where the member's own part belongs. All of it is a secret."""

    form: Literal["apprise"]
    url: Secret = None


Body = Annotated[MailGiven | GatewayGiven | AppriseGiven, Field(discriminator="form")]


class ChannelSwitch(BaseModel):
    """Switched off, nothing goes out by it any more; what it is stays."""

    model_config = ConfigDict(extra="forbid")

    active: bool


class TestAsked(BaseModel):
    """Where a test message goes: one's own number or address."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(max_length=254)]


@dataclass(frozen=True, slots=True)
class ChannelShown:
    """`source` file: it stands in the server's settings and is changed there. `hidden`: one of that name stands there and goes
    before this. `secrets`: which there are. `lost`: these cannot be opened any more and must be entered again; nothing goes out
    by it until then.
    """

    kind: str
    source: Literal["file", "page"]
    form: str | None
    active: bool
    rings: bool
    hidden: bool
    lost: bool
    settings: Mapping[str, Any]
    secrets: list[str]
    changed_at: datetime | None
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """`why`: for what reason it was not taken; `said`: what the other side answered, without secrets."""

    taken: bool
    why: str | None
    failure: FailureShown | None
    said: str


class TheseChannels:
    """The channels, for whoever administers the estates that they serve."""

    def __init__(
        self, services: access.Given, chief: Annotated[Identity, Depends(entrance(Area.SETUP))], estate: EstateId
    ) -> None:
        del estate  # Whoever asks for one that is not theirs is told so.
        self.keep: KeepChannels = services.setting_up.channels
        self.chief = chief


Here = Annotated[TheseChannels, Depends(TheseChannels)]


@router.get("", summary="Channels by which messages go out")
def list_channels(here: Here) -> list[ChannelShown]:
    return [shown(one) for one in here.keep.all(here.chief)]


@router.get("/{channel_kind}", summary="One channel that was set up")
def read_channel(channel_kind: ChannelKind, here: Here, response: Response) -> ChannelShown:
    return _tagged(here.keep.one(channel_kind, here.chief), response)


@router.put(
    "/{channel_kind}",
    summary="Set a channel up, or change it",
    description="It counts from the next message on, in every process. A secret that is left away stays; it has to be said again where "
    "what decides where it goes has changed. With `If-Match` only what is there is changed. The ledger of every estate says who.",
    responses={**ANSWERS, HTTPStatus.CREATED: {"model": ChannelShown, "description": "It is new"}},
)
def set_channel_up(
    channel_kind: ChannelKind, given: Body, here: Here, response: Response, if_match: unchanged.IfMatch = None
) -> ChannelShown:
    asked = given.given(Form(given.form))
    found, new = here.keep.set_up(channel_kind, asked, here.chief, _seen(if_match))
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    return _tagged(found, response)


@router.patch("/{channel_kind}", summary="Switch a channel on or off", responses=ANSWERS)
def switch_channel(
    channel_kind: ChannelKind, given: ChannelSwitch, here: Here, response: Response, if_match: unchanged.IfMatch = None
) -> ChannelShown:
    return _tagged(here.keep.switch(channel_kind, here.chief, active=given.active, seen=_seen(if_match)), response)


@router.delete("/{channel_kind}", summary="Remove a channel", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_channel(channel_kind: ChannelKind, here: Here, if_match: unchanged.IfMatch = None) -> None:
    here.keep.remove(channel_kind, here.chief, _seen(if_match))


@router.post(
    "/{channel_kind}/test",
    summary="Send a test message by it now",
    description="Also by one that is switched off. One in ten seconds.",
    responses=documented(HTTPStatus.TOO_MANY_REQUESTS),
)
def test_channel(channel_kind: ChannelKind, given: TestAsked, here: Here) -> TestResult:
    tried = here.keep.test(channel_kind, given.address, here.chief)
    return TestResult(tried.taken, tried.why, shown_failure(tried.why), tried.said)


def shown(one: Shown) -> ChannelShown:
    setup = one.setup
    if setup is None:
        return ChannelShown(
            one.kind, "file", None, active=True, rings=False, hidden=False, lost=False, settings={}, secrets=[],
            changed_at=None, changed_by=None,
        )  # fmt: skip
    return ChannelShown(
        one.kind, "page", setup.form.value, active=setup.active, rings=setup.rings, hidden=one.hidden, lost=one.lost,
        settings=setup.settings, secrets=list(setup.held), changed_at=setup.changed_at, changed_by=setup.changed_by,
    )  # fmt: skip


def _tag(one: Shown) -> str:
    assert one.setup is not None, "what the settings name has no address of its own"
    return unchanged.tag_of([one.kind, one.setup.version, one.setup.changed_at])


def _tagged(one: Shown, response: Response) -> ChannelShown:
    unchanged.tagged(response, _tag(one))
    return shown(one)


def _seen(if_match: str | None) -> Callable[[Shown], None] | None:
    return None if if_match is None else lambda one: unchanged.require(if_match, _tag(one))
