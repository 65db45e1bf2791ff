"""Commands: each is obeyed at most once, by the boot it is meant for, before it expires - and always answered."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from typing import Literal, NamedTuple

from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.card_keyring import CardKeyring
from edge.application.configure import Configure
from edge.application.exercises import PREFIX
from edge.application.keep import Keeper
from edge.application.mute_sounders import MuteSounders
from edge.application.ports import Clock, CredentialRotation, Outbox
from edge.application.timestamps import Timestamps
from edge.errors import EdgeError, OutboxError
from schemas.batch import ClockState
from schemas.commands import Command, Receipt
from schemas.hazards import hazard
from schemas.node_config import NodeConfig
from schemas.presence import ActiveOccurrence

_DETAIL = 512
_IDENTIFY_S, _LONGEST_IDENTIFY_S = 10.0, 300.0
_EXERCISE_S, _LONGEST_EXERCISE_S = 60.0, 3600.0
_BEGUN = "the agent ended while it obeyed; whether it was done is not known"
_log = logging.getLogger(__name__)

Blink = Callable[[float], str | None]
"""Blink the beacon for so many seconds: its name; None where there is none to blink."""
Reread = Callable[[], NodeConfig]
"""The configuration in node.toml, read anew. Raises SettingsError."""


class _RefusedError(Exception):
    """What was asked for is not possible; the message says why."""


class _Said(NamedTuple):
    outcome: Literal["done", "failed", "refused"]
    detail: str
    configuration: dict[str, object] | None = None


class Obey:
    """One at a time, in the order in which they came."""

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        timestamps: Timestamps,
        *,
        configure: Configure,
        alarms: Alarms,
        keeper: Keeper,
        answers: Answers,
        blink: Blink,
        sounders: MuteSounders,
        reread: Reread,
        rotation: CredentialRotation,
        on_exercise: Callable[[], None],
        keyring: CardKeyring | None = None,
    ) -> None:
        """`on_exercise` is called when an alarm stands that will end by itself: its end has to be waited for."""
        self._outbox, self._clock, self._timestamps = outbox, clock, timestamps
        self._configure, self._alarms, self._keeper, self._answers = configure, alarms, keeper, answers
        self._blink, self._reread, self._rotation, self._on_exercise = blink, reread, rotation, on_exercise
        self._keyring, self._sounders = keyring, sounders
        self._waiting: asyncio.Queue[tuple[Command, float]] = asyncio.Queue(100)

    def received(self, command: Command) -> None:
        """Take it down; obeying must not hold up what else arrives."""
        try:
            self._waiting.put_nowait((command, self._clock.mono()))
        except asyncio.QueueFull:
            self._answer(command, _Said("refused", "a hundred commands wait here already; ask again later"))

    async def run(self) -> None:
        """Obey for ever."""
        while True:
            command, received_at = await self._waiting.get()
            await self._handle(command, received_at)

    async def _handle(self, command: Command, received_at: float) -> None:
        try:
            kept = await self._outbox.answered(command.id)
            if kept is not None:
                self._answers.give(Receipt.model_validate_json(kept))
                return
            said = self._unfit(command, received_at)
            if said is None:
                # Kept before it is begun: what dies half-way is not begun again.
                await self._outbox.answer(command.id, self._receipt(command, _Said("failed", _BEGUN)).model_dump_json())
                said = await self._obey(command)
            receipt = self._receipt(command, said)
            await self._outbox.answer(command.id, receipt.model_dump_json(exclude={"configuration"}, exclude_none=True))
        except OutboxError as error:
            self._answer(
                command, _Said("failed", f"what was asked once cannot be kept here, so nothing is done: {error}")
            )
            return
        self._answers.give(receipt)

    def _unfit(self, command: Command, received_at: float) -> _Said | None:
        if command.boot != self._clock.boot:
            return _Said("refused", "it is meant for another boot of this node, which has started anew since")
        waited = self._clock.mono() - received_at
        late = self._clock.wall() - command.expires_at if command.expires_at is not None else 0.0
        synchronised = self._timestamps.state is ClockState.SYNCHRONISED
        if waited > command.expires_in_s or (synchronised and late > 0):
            return _Said("refused", f"it expired {max(late, waited - command.expires_in_s):.1f} s ago; ask again")
        return None

    async def _obey(self, command: Command) -> _Said:
        try:
            match command.action:
                case "identify":
                    said = self._identify(command)
                case "test-alarm":
                    said = self._test_alarm(command)
                case "reload":
                    said = await self._reload()
                case "report-configuration":
                    document = json.loads(self._configure.in_force.model_dump_json(exclude_none=True))
                    said = _Said("done", f"version {self._configure.in_force.version}", document)
                case "rotate-credentials":
                    said = _Said("done", await self._rotation.rotate())
                case "mute" | "unmute" | "sound" | "hush":
                    said = self._attention(command)
                case "accept-card-key":
                    said = _Said("done", await self._accept_card_key(command))
        except _RefusedError as refused:
            said = _Said("refused", str(refused))
        except EdgeError as failed:
            said = _Said("failed", str(failed))
        return said

    async def _accept_card_key(self, command: Command) -> str:
        if self._keyring is None:
            raise _RefusedError("this node reads no cards: node.toml has no [privacy] card_key_file")
        return await self._keyring.accept(command.id, command.arguments)

    def _attention(self, command: Command) -> _Said:
        """What sounds at this node: kept quiet for who is on site, sounded for a call sheet, or left to itself again."""
        said = ""
        try:
            match command.action:
                case "mute":
                    said = self._sounders.mute(command.arguments)
                    _log.warning("mute: somebody on site asked for it", extra={"came": said})
                case "sound":
                    said = self._sounders.sound(command.arguments)
                    _log.warning("sound: a call sheet is due and nobody has accepted", extra={"came": said})
                case "hush":
                    said = self._sounders.hush(command.arguments)
                case _:
                    said = self._sounders.unmute()
        except ValueError as error:
            raise _RefusedError(str(error)) from error
        return _Said("done", said)

    def _identify(self, command: Command) -> _Said:
        seconds = _seconds(command, _IDENTIFY_S, _LONGEST_IDENTIFY_S)
        beacon = self._blink(seconds)
        _log.warning("identify: it is this node that is meant", extra={"beacon": beacon, "seconds": seconds})
        if beacon is None:
            return _Said("done", "this node hears you; it has no beacon free to blink, and said so in its log")
        return _Said("done", f"output {beacon} blinks for {seconds:g} s")

    def _test_alarm(self, command: Command) -> _Said:
        seconds = _seconds(command, _EXERCISE_S, _LONGEST_EXERCISE_S)
        equipment, named = (str(command.arguments.get(name, "")) for name in ("equipment", "hazard"))
        here = sorted(item.id for item in self._configure.in_force.equipment)
        if equipment not in here:
            raise _RefusedError(f"equipment {equipment!r} is not at this node; it has {', '.join(here)}")
        rules = self._configure.in_force.effective_rules()
        hazards = sorted({rule.hazard for rule in rules if rule.equipment == equipment})
        if named not in hazards:
            raise _RefusedError(f"no rule of {equipment} raises {named!r}; its rules raise {', '.join(hazards)}")
        mono = self._clock.mono()
        occurrence = ActiveOccurrence(
            occurrence=str(uuid.uuid4()),
            rule=f"{PREFIX}{command.id}",
            hazard=named,
            severity=hazard(named).severity,
            equipment=equipment,
            since_t=self._timestamps.time_of(mono),
            since_mono=mono,
            mode="exercise",
        )
        self._keeper.events([self._alarms.exercise(occurrence, mono, seconds)])
        self._on_exercise()
        return _Said("done", f"{named} at {equipment} stands for {seconds:g} s as an exercise; no output follows it")

    async def _reload(self) -> _Said:
        config = self._reread()
        came = await self._configure.change(config, "node.toml")
        if came is None:
            return _Said("done", f"node.toml was read; version {config.version} is in force already")
        outcome, detail = came
        if outcome == "refused" and config.version < self._configure.in_force.version:
            return _Said("done", f"node.toml was read; its version {config.version} is older than what is in force")
        return _Said("done" if outcome == "applied" else outcome, detail)

    def _answer(self, command: Command, said: _Said) -> None:
        self._answers.give(self._receipt(command, said))

    def _receipt(self, command: Command, said: _Said) -> Receipt:
        return Receipt(
            command=command.id,
            outcome=said.outcome,
            detail=said.detail[:_DETAIL],
            t=self._timestamps.time_of(self._clock.mono()),
            configuration=said.configuration,
        )


def _seconds(command: Command, default: float, longest: float) -> float:
    given = command.arguments.get("seconds", default)
    if isinstance(given, (bool, str)) or not 1 <= given <= longest:
        raise _RefusedError(f"seconds is 1 to {longest:g}, not {given!r}")
    return float(given)
