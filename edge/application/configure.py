"""A configuration from the cloud: validated, applied without restart, kept as the last good one, and answered."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Literal

from pydantic import ValidationError

from edge.application.answers import Answers
from edge.application.keep import Keeper
from edge.application.ports import Clock, ConfigurationStore
from edge.application.timestamps import Timestamps
from edge.application.waiting import Wakeup
from edge.errors import BoardError, OutboxError
from schemas.commands import ConfigurationReceipt
from schemas.events import NodeLifecycle
from schemas.node_config import NodeConfig
from schemas.topics import MAX_PAYLOAD_BYTES

_DETAIL = 512
_FAULTS_NAMED = 5
_log = logging.getLogger(__name__)

Outcome = Literal["applied", "refused", "failed"]
Apply = Callable[[NodeConfig], None]
"""Goes over to another configuration, or raises BoardError and leaves everything as it was."""


class Configure:
    """Holds what is in force. Versions only grow; what does not hold together changes nothing."""

    def __init__(
        self,
        in_force: NodeConfig,
        *,
        store: ConfigurationStore,
        apply: Apply,
        keeper: Keeper,
        answers: Answers,
        clock: Clock,
        timestamps: Timestamps,
        reads_cards: bool,
    ) -> None:
        """`reads_cards`: whether there is a key to hash card numbers with."""
        self.in_force = in_force
        self.digest = in_force.digest()
        self._store = store
        self._interrupted = store.interrupted()
        self._apply = apply
        self._keeper = keeper
        self._answers = answers
        self._clock = clock
        self._timestamps = timestamps
        self._reads_cards = reads_cards
        self._offered: bytes | None = None
        self._wakeup = Wakeup(clock)
        self._one_at_a_time = asyncio.Lock()

    def offered(self, payload: bytes) -> None:
        """A document arrived. An empty one only says that the broker keeps none any more."""
        if payload:
            self._offered = payload
            self._wakeup.wake()

    async def run(self) -> None:
        """Take what is offered, for ever. Of several that came together only the newest counts."""
        while True:
            await self._wakeup.wait(None)
            payload, self._offered = self._offered, None
            if payload is not None:
                await self._take(payload)

    async def change(self, config: NodeConfig, whence: str) -> tuple[Outcome, str] | None:
        """Go over to a document that is valid by itself. None: it is in force already."""
        async with self._one_at_a_time:
            return await self._change(config, whence)

    async def _take(self, payload: bytes) -> None:
        try:
            config = read_document(payload)
        except ValueError as error:
            self._answer(_version_of(payload), None, "refused", str(error))
            return
        came = await self.change(config, "the cloud")
        if came is not None:
            self._answer(config.version, config.digest(), *came)

    async def _change(self, config: NodeConfig, whence: str) -> tuple[Outcome, str] | None:
        now = self.in_force
        if config.version == now.version and config.digest() == self.digest:
            return None
        document = config.model_dump_json(exclude_none=True).encode()
        if (unwanted := self._unwanted(config, document)) is not None:
            return unwanted
        try:
            await asyncio.to_thread(self._store.prepare, document)
            self._apply(config)
        except (BoardError, OutboxError) as error:
            self._store.discard()
            return "failed", f"version {now.version} goes on: {error}"
        except asyncio.CancelledError:
            # The agent is asked to end; that is nothing against the document.
            self._store.discard()
            raise
        self.in_force, self.digest = config, config.digest()
        self._report(now, config, whence)
        try:
            await asyncio.to_thread(self._store.promote)
        except OutboxError as error:
            return "applied", f"in force, but a restart will not know it: {error}"
        return "applied", f"version {config.version} follows {now.version}"

    def _unwanted(self, config: NodeConfig, document: bytes) -> tuple[Outcome, str] | None:
        """Why it is not even tried."""
        now = self.in_force
        if config.version <= now.version:
            what = "with other content" if config.version == now.version else f"and {config.version} is older"
            return "refused", (
                f"version {now.version} is in force here, {what}; versions only grow:"
                f" issue this content under {now.version + 1} or higher"
            )
        if not self._reads_cards and (readers := _readers(config)):
            return "refused", (
                f"{readers[0]} has a card reader, and this node has no key to hash card numbers with:"
                " give node.toml a [privacy] card_key_file"
            )
        if document == self._interrupted:
            return "failed", (
                f"version {now.version} goes on: the agent ended when it went over to this one, and is not ended by it"
                " again; the node's log says why. Issue it under a higher version to have it tried once more"
            )
        return None

    def _report(self, before: NodeConfig, config: NodeConfig, whence: str) -> None:
        mono = self._clock.mono()
        detail = f"version {config.version} ({self.digest[:12]}) from {whence} follows version {before.version}"
        self._keeper.events(
            [NodeLifecycle(kind="node.configured", detail=detail, t=self._timestamps.time_of(mono), mono=mono)]
        )
        _log.info("configuration in force", extra={"version": config.version, "before": before.version})
        self._answers.bear()

    def _answer(self, version: int | None, digest: str | None, outcome: Outcome, detail: str) -> None:
        if outcome != "applied":
            _log.warning("configuration not taken", extra={"version": version, "outcome": outcome, "why": detail})
        t = self._timestamps.time_of(self._clock.mono())
        self._answers.give(
            ConfigurationReceipt(
                configuration_version=version, configuration_hash=digest, outcome=outcome, detail=detail[:_DETAIL], t=t
            )
        )


def read_document(payload: bytes) -> NodeConfig:
    """The document in these bytes. Raises ValueError that says where it does not hold together."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"it has {len(payload)} bytes; a configuration has at most {MAX_PAYLOAD_BYTES}")
    try:
        return NodeConfig.model_validate_json(payload)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        said = [f"{'.'.join(map(str, fault['loc'])) or 'document'}: {fault['msg']}" for fault in faults[:_FAULTS_NAMED]]
        more = [f"and {len(faults) - _FAULTS_NAMED} more"] if len(faults) > _FAULTS_NAMED else []
        raise ValueError("; ".join(said + more)) from None


def chosen(installed: NodeConfig, store: ConfigurationStore, *, reads_cards: bool) -> tuple[NodeConfig, str | None]:
    """What a node starts with: the kept document where its version is higher than the installed one's, else the installed.

    And what is to be said about a kept one that could not be used.
    """
    kept = store.kept()
    if kept is None:
        return installed, None
    try:
        config = read_document(kept)
    except ValueError as error:
        return installed, f"the kept configuration cannot be read and node.toml's is used: {error}"
    if config.version <= installed.version:
        return installed, None
    if not reads_cards and (readers := _readers(config)):
        return (
            installed,
            f"the kept version {config.version} has a card reader at {readers[0]}, and there is no card key",
        )
    return config, None


def _readers(config: NodeConfig) -> list[str]:
    return [item.id for item in config.equipment if item.kind == "access_gate" and item.reader is not None]


def _version_of(payload: bytes) -> int | None:
    """The version that an unusable document claims, so that the cloud knows which one is meant."""
    try:
        version = json.loads(payload[:MAX_PAYLOAD_BYTES])["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        # Nested without end: a retained document must not end the node, at every start anew.
        return None
    return version if isinstance(version, int) and not isinstance(version, bool) else None
