"""Log lines as JSON, one object a line, so that one occurrence can be followed from its pin to its person."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Time, level, what, and whatever was given as `extra`."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "node": self._node,
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to(stream: TextIO = sys.stderr, *, node: str, level: str = "INFO") -> None:
    """Send this process's log there."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(node))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("pymodbus", "mqtt"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
