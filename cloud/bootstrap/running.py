"""A cloud from its start to its end."""

from __future__ import annotations

from collections.abc import Callable

from cloud.adapters.broker_access import RESPONSE, BrokerAccess
from cloud.adapters.mqtt import BrokerLink, Listener
from cloud.application.asking.readiness import Readiness
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.ingest.intake import Intake
from cloud.entrypoints.serving import WebServer
from cloud.entrypoints.supervised import Supervised
from cloud.entrypoints.timers import Loop
from cloud.state import State


class Cloud:
    """One process of the cloud: ingest, timers, web. `build_cloud` makes it; `start` and `stop` run it once."""

    def __init__(
        self,
        state: State,
        services: Services,
        intake: Intake,
        link: BrokerLink,
        *,
        loops: list[Loop],
        web: WebServer,
        url: str,
        readiness: Readiness,
        access: BrokerAccess | None,
        supervised: Supervised | None,
        farewell: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self.load_estate, self.sign_in, self.units = state.load_estate, state.sign_in, state.units
        self.enrolling = state.enrolling
        self.services, self.readiness, self.url = services, readiness, url
        self._intake, self._link, self._loops, self._web = intake, link, loops, web
        self._supervised = supervised
        self._access, self._farewell, self._close = access, farewell, close

    def start(self, *, serve: bool = True) -> None:
        """Starts every part, each in a thread of its own. `serve` False: the caller serves, with `serve_until_stopped`."""
        self._intake.start()
        self._link.start(Listener(self._received, self._connected, self._intake.lost))
        for loop in self._loops:
            loop.start()
        if self._supervised is not None:
            self._supervised.start()
        if serve:
            self._web.start()

    def serve_until_stopped(self) -> None:
        """Serves the board in this thread until SIGINT, SIGTERM, or the failure of a part."""
        self._web.run()

    def stop(self) -> None:
        """Nobody is let in any more, what is in hand is finished, then everything is closed."""
        if self._supervised is not None:
            self._supervised.stop()
        self._web.stop()
        self._farewell()
        self._link.stop()
        self._intake.stop()
        for loop in self._loops:
            loop.stop()
        self._close()

    @property
    def failed(self) -> str | None:
        """The part whose thread has ended by itself; the process must end too and be started anew."""
        if self._link.dead:
            return "broker connection"
        return self._intake.dead or next((loop.name for loop in self._loops if loop.dead), None)

    def _received(self, topic: str, payload: bytes) -> None:
        if self._access is not None and topic == RESPONSE:
            self._access.received(payload)
        else:
            self._intake.received(topic, payload)

    def _connected(self) -> None:
        self._intake.connected()
        if self._access is not None:
            self._access.connected()
        for loop in self._loops:
            loop.wake()
