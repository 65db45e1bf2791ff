"""A URL called while all is well."""

from __future__ import annotations

import http.client
from typing import Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from cloud.errors import Unavailable

PATIENCE_S: Final = 10.0


class UrlHeartbeat:
    """Implements `heartbeat.Outside` by a GET; any answer of 2xx counts. `url` comes from the operator's settings."""

    def __init__(self, url: str) -> None:
        self._url = url

    def beat(self) -> None:
        request = Request(self._url, headers={"User-Agent": "tocsin-heartbeat"})  # noqa: S310 - http(s) by the settings
        try:
            with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - the same
                answer.read(1024)
        except (OSError, URLError, http.client.HTTPException) as error:
            raise Unavailable(
                f"The heartbeat could not be sent ({error}). Check heartbeat.url and the way out."
            ) from error
