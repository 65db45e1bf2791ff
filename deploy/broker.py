"""The in-process MQTT broker of the one-command run: amqtt on loopback, for trying out only."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from amqtt.broker import Broker
from amqtt.errors import AMQTTError

from deploy.errors import PortInUse

LOOPBACK = "127.0.0.1"


@contextlib.asynccontextmanager
async def broker_on_loopback(port: int) -> AsyncIterator[None]:
    """Serve MQTT 3.1.1 on 127.0.0.1:`port` without passwords. Raises PortInUse.

    It is bound to loopback whatever the caller wishes: an open broker on a network would let anyone raise alarms.
    """
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    try:
        await broker.start()
    except (AMQTTError, OSError) as error:
        raise PortInUse("The broker", port, "--broker-port") from error
    try:
        yield
    finally:
        await broker.shutdown()
