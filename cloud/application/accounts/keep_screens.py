"""Screens on walls: who makes them, where they hang, whether they are heard, and that they are taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.invitation import INVITES
from cloud.domain.accounts.screen import LONGEST_LABEL, MOST, Screen, ScreenState
from cloud.domain.community.access import Origin, token_hash
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, Role
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound, Unauthenticated

RUNS: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Wall:
    """Whose duty room a screen may show: of a party in an estate."""

    estate: str
    estate_names: Names
    party_id: str
    party_names: Names


@dataclass(frozen=True, slots=True)
class ScreenView:
    """`id` names it and opens nothing. `seen_at`: heard last, to within two minutes."""

    id: str
    label: str
    wall: Wall
    state: ScreenState
    created_at: datetime
    opened_at: datetime | None
    seen_at: datetime | None
    address: str
    device: str


@dataclass(frozen=True, slots=True)
class Hung:
    """The token of its link is shown this once."""

    token: str
    screen: ScreenView


class KeepScreens:
    """A manager's are those of their own parties, an administrator's those of every party of their estates."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._units, self._clock, self._ids, self._new_token = units, clock, ids, new_token

    def walls(self, viewer: Identity) -> list[Wall]:
        """Where the viewer may hang one; none for who may not."""
        with self._units.reading() as uow:
            return list(_walls(uow, viewer))

    def of(self, viewer: Identity) -> list[ScreenView]:
        """Those the viewer may take back, the newest first."""
        with self._units.reading() as uow:
            return self._views(uow, viewer)

    def gone(self, viewer: Identity, estate: str) -> list[Screen]:
        """Those of the viewer's parties that hung on a wall there and are heard no more; of every party, for who runs it all."""
        own, runs = {one.party_id for one in viewer.member.memberships}, viewer.member.role in RUNS
        with self._units.reading() as uow:
            hung = uow.screens.of([one for one in viewer.estates if one == estate])
        mine = [one for one in hung if runs or one.party_id in own]
        return [one for one in mine if one.state(self._clock.now()) is ScreenState.GONE]

    def make(self, viewer: Identity, estate: str, party_id: str, label: str) -> Hung:
        """A link that opens it once. Raises NotAllowed, Invalid, Conflict."""
        label = label.strip()
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise Invalid("The screen cannot be made.", [f"label: say where it hangs, in 1 to {LONGEST_LABEL} letters"])
        token = self._new_token()
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            _wall(uow, viewer, estate, party_id)
            if len(uow.screens.of([estate])) >= MOST:
                raise Conflict(
                    f"There are {MOST} screens here. Take back one that hangs nowhere.",
                    f"本小区已有{MOST}块大屏，请先收回不用的",
                )
            now = self._clock.now()
            screen = Screen(self._ids.new(now), token_hash(token), estate, party_id, label, viewer.member.id, now)
            uow.screens.save(screen)
            _tell(uow, screen, Kind.ACCESS_GRANTED, viewer, now)
            made = next(one for one in self._views(uow, viewer) if one.id == screen.id)
            uow.commit()
        return Hung(token, made)

    def meant(self, token: str) -> Screen:
        """What a link opens, without opening it. Raises Unauthenticated."""
        with self._units.reading() as uow:
            return self._waiting(uow, token)

    def open(self, token: str, origin: Origin) -> str:
        """On the browser that asks; the token that it holds from now on. The link opens nothing more. Raises Unauthenticated."""
        held = self._new_token()
        with self._units.writing() as uow:
            screen = self._waiting(uow, token)
            uow.screens.save(screen.opened(token_hash(held), origin, self._clock.now()))
            uow.commit()
        return held

    def end(self, viewer: Identity, screen_id: str) -> None:
        """Raises NotFound where the viewer has no such screen."""
        with self._units.writing() as uow:
            found = next((one for one in _mine(uow, viewer) if one.id == screen_id), None)
            if found is None:
                raise NotFound("There is no such screen.", "没有这块大屏")
            uow.screens.remove(found.id)
            _tell(uow, found, Kind.ACCESS_REVOKED, viewer, self._clock.now())
            uow.commit()

    def _waiting(self, uow: UnitOfWork, token: str) -> Screen:
        screen = uow.screens.find(token_hash(token))
        if screen is None or not screen.opens(self._clock.now()):
            raise Unauthenticated(
                "This screen's link is unknown, used or older than a day: have a new one made.",
                "大屏链接无效、已使用或已超过一天，请重新生成",
            )
        return screen

    def _views(self, uow: UnitOfWork, viewer: Identity) -> list[ScreenView]:
        walls = {(one.estate, one.party_id): one for one in _walls(uow, viewer)}
        now = self._clock.now()
        return [
            ScreenView(
                one.id, one.label, walls[one.estate, one.party_id], one.state(now), one.created_at, one.opened_at,
                one.seen_at, one.origin.address, one.origin.device,
            )
            for one in _mine(uow, viewer)
        ]  # fmt: skip


def _walls(uow: UnitOfWork, viewer: Identity) -> Sequence[Wall]:
    found = []
    for estate in viewer.estates:
        register = uow.registers.find(estate)
        if register is None:
            continue
        parties = [party for party in register.parties.values() if _may(viewer, party) and register.seen_by(party)]
        found += [Wall(estate, register.estate.names, party.id, party.names) for party in parties]
    return found


def _may(viewer: Identity, party: Party) -> bool:
    if viewer.member.role is Role.ADMINISTRATOR:
        return not party.external
    return viewer.member.role in INVITES and viewer.member.role_in(party.id) in INVITES


def _wall(uow: UnitOfWork, viewer: Identity, estate: str, party_id: str) -> None:
    if not any((one.estate, one.party_id) == (estate, party_id) for one in _walls(uow, viewer)):
        raise NotAllowed(
            "Screens are hung by a party's own managers, or by an administrator. Ask one of them.",
            "大屏由本单位负责人或系统管理员设置",
        )


def _mine(uow: UnitOfWork, viewer: Identity) -> list[Screen]:
    walls = {(one.estate, one.party_id) for one in _walls(uow, viewer)}
    return [one for one in uow.screens.of(viewer.estates) if (one.estate, one.party_id) in walls]


def _tell(uow: UnitOfWork, screen: Screen, kind: Kind, viewer: Identity, now: datetime) -> None:
    facts = {"member": viewer.member.id, "purpose": "screen", "screen": screen.id, "party": screen.party_id}
    actor = f"member:{viewer.member.id}"
    uow.ledger.append(screen.estate, [Draft(kind, now, actor, None, viewer.member.id, screen.id[:16], facts)])
