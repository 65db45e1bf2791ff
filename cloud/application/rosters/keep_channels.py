"""Administrators set up how messages go out: mail, text messages, calls, anything else; tried at once, and without a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cloud.application.channel_ports import ChannelTools
from cloud.application.estates.sign_in import Identity
from cloud.application.notices.known_channels import Known, KnownChannels
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.rosters.try_channel import Tried, TryChannel
from cloud.domain.community.channel_setup import (
    MOST,
    SECRETS,
    ChannelSetup,
    Form,
    changed_between,
    checked_kind,
    completed,
    must_be_said_again,
    settings_of,
)
from cloud.domain.community.party import Role
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotAllowed, NotFound, Refused

Seen = Callable[["Shown"], None]
"""Asked, in the unit of work that writes, of what stands there; raises where it is not what was seen."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody has written. A secret that is left away stays as it is; an empty one is taken away."""

    form: Form
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A channel as it may be seen. `setup` None: it stands in the server's own settings, and is read there only. `hidden`: one of
    that name stands in the settings and goes before it. `lost`: its secrets cannot be opened and must be entered again; `why`: what
    keeps them shut.
    """

    kind: str
    setup: ChannelSetup | None
    hidden: bool = False
    lost: bool = False
    why: str | None = None


class KeepChannels:
    """For administrators of every estate on the server, whose messages all go this way. Raises NotFound, NotAllowed, Conflict, Invalid,
    Refused, Unavailable - and then nothing has changed.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, known: KnownChannels, tools: ChannelTools,
        *, laid_rings: bool = False, closed: bool = False,
    ) -> None:  # fmt: skip
        """`laid_rings`: whether a gateway of the settings takes keys. `closed`: nothing goes out, as in a demonstration."""
        self._units, self._clock, self._known = units, clock, known
        self._tools, self._laid_rings, self._closed = tools, laid_rings, closed
        self._trials = TryChannel(clock, ids, tools.fitting)

    def may(self, viewer: Identity) -> bool:
        """Whether channels are this member's to set up."""
        with self._units.reading() as uow:
            return _administers_all(uow, viewer)

    def all(self, viewer: Identity) -> Sequence[Shown]:
        """By kind, those of the settings among them."""
        with self._units.reading() as uow:
            _keeper(uow, viewer)
            # Opened anew: a key that is gone is told while what was opened with it before still goes out.
            found = [self._shown(self._opened(one)) for one in uow.channels.all()]
        laid = [Shown(kind, None) for kind in self._known.laid]
        return sorted((*laid, *found), key=lambda one: (one.kind, one.setup is not None))

    def one(self, kind: str, viewer: Identity) -> Shown:
        with self._units.reading() as uow:
            _keeper(uow, viewer)
            return self._shown(self._find(uow, kind))

    def set_up(
        self, kind: str, given: Given, viewer: Identity, seen: Seen | None = None, *, fresh: bool = False
    ) -> tuple[Shown, bool]:
        """New, or in place of what stands under that name; and whether it is new. `fresh`: it is to be."""
        self._open()
        given = replace(given, settings=completed(given.form, given.settings))
        with self._units.reading() as uow:
            _keeper(uow, viewer)
            before = uow.channels.get(checked_kind(kind))
            if seen is not None:
                seen(self._shown(self._find(uow, kind)))
            if fresh and before is not None:
                raise Conflict(
                    f"There is a channel {kind} already: choose another name, or change that one.",
                    f"已有名为 {kind} 的渠道，请换一个名称，或修改原有渠道",
                )
            self._free(uow, kind, before, given)
        # Outside of the transaction: what it is made with may be large to load.
        secrets = self._secrets(before, given)
        given = replace(given, settings=settings_of(given.form, given.settings, secrets))
        self._tools.fitting.channel(kind, given.form, given.settings, secrets)
        setup = self._setup(kind, given, secrets, before, viewer)
        with self._units.writing() as uow:
            estates = _hold(uow, _keeper(uow, viewer))
            if uow.channels.get(kind) != before:
                raise Conflict(
                    "Somebody has changed it meanwhile. Look at it again.", "该渠道刚被他人修改，请刷新后再操作"
                )
            self._free(uow, kind, before, given)
            uow.channels.save(setup)
            what = [*changed_between(before, given.form, given.settings), *sorted(given.secrets)]
            self._say(
                uow, estates, setup, Kind.CHANNEL_CHANGED if before else Kind.CHANNEL_SET_UP, what=", ".join(what)
            )
            uow.commit()
        self._known.look_again()
        return self._shown(Known(setup, secrets)), before is None

    def switch(self, kind: str, viewer: Identity, *, active: bool, seen: Seen | None = None) -> Shown:
        with self._units.writing() as uow:
            estates, found = _hold(uow, _keeper(uow, viewer)), self._find(uow, kind)
            if seen is not None:
                seen(self._shown(found))
            if found.setup.active is active:
                return self._shown(found)
            setup = found.setup.switched(active=active, at=self._clock.now(), by=viewer.member.id)
            uow.channels.save(setup)
            self._say(uow, estates, setup, Kind.CHANNEL_CHANGED, switched=True)
            uow.commit()
        self._known.look_again()
        return self._shown(self._opened(setup))

    def remove(self, kind: str, viewer: Identity, seen: Seen | None = None) -> None:
        with self._units.writing() as uow:
            estates, found = _hold(uow, _keeper(uow, viewer)), self._find(uow, kind)
            if seen is not None:
                seen(self._shown(found))
            uow.channels.remove(kind)
            gone = found.setup.switched(active=False, at=self._clock.now(), by=viewer.member.id)
            self._say(uow, estates, gone, Kind.CHANNEL_REMOVED)
            uow.commit()
        self._known.look_again()

    def test(self, kind: str, address: str, viewer: Identity) -> Tried:
        """A message to that address, at once and whether or not it is switched on. Raises Throttled besides."""
        self._open()
        with self._units.reading() as uow:
            _keeper(uow, viewer)
            found = self._find(uow, kind)
        return self._trials(found, address, viewer.member)

    def _open(self) -> None:
        if self._closed:
            raise Refused(
                "No message leaves a demonstration: set channels up in an estate of your own.",
                "演示中不会发出任何消息，请在自己的小区设置渠道",
            )

    def _free(self, uow: UnitOfWork, kind: str, before: ChannelSetup | None, given: Given) -> None:
        """Whether it may stand under that name, and take keys if it is to. Raises Conflict."""
        if kind in self._known.laid:
            raise Conflict(
                f"The channel {kind} stands in the server's own settings; whoever runs the server changes it there.",
                f"渠道 {kind} 由服务器配置文件设定，请由服务器管理者在文件中修改",
            )
        others = [one for one in uow.channels.all() if one.kind != kind]
        if before is None and len(others) >= MOST:
            raise Conflict(f"There are {MOST} channels already: remove one first.", f"已有 {MOST} 个渠道，请先删除一个")
        rings = given.form is Form.GATEWAY and given.settings.get("callback") is not None
        if rings and (self._laid_rings or any(one.rings for one in others)):
            raise Conflict(
                "Another channel takes keys already, and only one can: leave the key away here, or remove the other.",
                "已有一个渠道接收电话按键，只能有一个：请在此处留空按键设置，或先删除另一个",
            )

    def _secrets(self, before: ChannelSetup | None, given: Given) -> dict[str, str]:
        """All that it is to have. Raises Refused where one must be said again."""
        names = SECRETS[given.form]
        said = {name: text for name, text in given.secrets.items() if name in names}
        kept: Mapping[str, str] = {}
        if before is not None and before.form is given.form:
            again = must_be_said_again(before, given.settings, said)
            opened = self._opened(before).secrets
            lost = [name for name in before.held if name not in said] if opened is None else []
            if again or lost:
                raise Refused(
                    f"Enter {', '.join(again or lost)} again: "
                    + (
                        "what decides where it is sent has changed."
                        if again
                        else "what was kept cannot be opened any more."
                    ),
                    "请重新填写密码或密钥：" + ("其发送去向已改变" if again else "原先保存的内容已无法读取"),
                )
            kept = opened or {}
        return {name: text for name, text in {**kept, **said}.items() if text}

    def _setup(
        self, kind: str, given: Given, secrets: Mapping[str, str], before: ChannelSetup | None, viewer: Identity
    ) -> ChannelSetup:
        return ChannelSetup(
            kind=kind,
            form=given.form,
            settings=dict(given.settings),
            held=tuple(sorted(secrets)),
            sealed=self._tools.seal().sealed(secrets, kind) if secrets else None,
            active=before.active if before else True,
            version=before.version + 1 if before else 1,
            changed_at=self._clock.now(),
            changed_by=viewer.member.id,
        )

    def _find(self, uow: UnitOfWork, kind: str) -> Known:
        setup = uow.channels.get(kind)
        if setup is None:
            raise NotFound(f"No channel {kind[:40]!r} was set up here.", "没有设置这个渠道")
        return self._opened(setup)

    def _opened(self, setup: ChannelSetup) -> Known:
        return self._known.opened(setup)

    def _shown(self, known: Known) -> Shown:
        setup = known.setup
        return Shown(setup.kind, setup, setup.kind in self._known.laid, known.secrets is None, known.why)

    def _say(self, uow: UnitOfWork, estates: Sequence[str], setup: ChannelSetup, kind: Kind, **facts: object) -> None:
        """In every estate's ledger, for it concerns them all. What it was changed to stands in none."""
        data = {"channel": setup.kind, "form": setup.form.value, "active": setup.active, **facts}
        by, about = f"member:{setup.changed_by}", f"channel:{setup.kind}"
        for estate in sorted(estates):
            uow.ledger.append(estate, [Draft(kind, self._clock.now(), by, None, setup.kind, about, data)])


def _hold(uow: UnitOfWork, estates: Sequence[str]) -> Sequence[str]:
    for estate in sorted(estates):
        uow.ledger.hold(estate)
    return estates


def _administers_all(uow: UnitOfWork, viewer: Identity) -> bool:
    every = {estate.id for estate in uow.registers.estates()}
    return viewer.member.role is Role.ADMINISTRATOR and every <= set(viewer.estates)


def _keeper(uow: UnitOfWork, viewer: Identity) -> list[str]:
    """The estates whose messages go this way. Raises NotAllowed."""
    if not _administers_all(uow, viewer):
        raise NotAllowed(
            "Channels are the whole server's: they are set up by an administrator of every estate on it.",
            "通知渠道由整台服务器共用，须由管理全部小区的系统管理员设置",
        )
    return [estate.id for estate in uow.registers.estates()]
