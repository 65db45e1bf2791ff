"""The demonstration as a process of its own, which ends with this one whatever becomes of it: it listens to its input."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cloud.application.estates.demonstrate import DemoOpen, DemoRole
from cloud.domain.community.names import Names
from cloud.errors import Unavailable

# By name: nothing here may lean on what composes it, and a cloud is installed without the simulator just as well.
MODULE: Final = "deploy.demonstration"
NEEDS: Final = ("deploy", "firmware_sim", "amqtt")
ENDS_WITHIN_S: Final = 40.0

_log = logging.getLogger(__name__)


class DemoProcess:
    """Implements `demonstrate.DemoBuilding`. `folder` is the demonstration's alone, and removed with it."""

    def __init__(self, folder: Path, *, module: str = MODULE) -> None:
        self._folder, self._module = folder, module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._key: str | None = None
        self._opened: DemoOpen | None = None

    @property
    def available(self) -> bool:
        return all(find_spec(name) is not None for name in NEEDS)

    @property
    def opened(self) -> DemoOpen | None:
        return self._opened

    @property
    def key(self) -> str | None:
        return self._key

    def start(self) -> None:
        with self._lock:
            if self._key is not None:
                return
            self._clear()
            try:
                process = subprocess.Popen(  # noqa: S603 - our own program, by fixed words
                    [sys.executable, "-m", self._module, "--data", str(self._folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    # Nothing that was set up for this product reaches it: no channel, no database, no secret.
                    env={key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")},
                    start_new_session=True,
                )
            except OSError as error:
                raise Unavailable(f"The demonstration cannot be started: {error}.", "演示未能启动") from error
            self._process, self._key = process, secrets.token_urlsafe(24)
            threading.Thread(target=self._follow, args=(process,), name="demonstration", daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            process, self._key, self._opened = self._process, None, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._clear()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        """Reads where it is, then waits for its end, which may come by itself."""
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                self._hears(process, line)
        code = process.wait()
        with self._lock:
            if self._process is process:
                self._process = self._key = self._opened = None
                self._clear()
        if code:
            _log.warning("the demonstration ended with code %s", code)

    def _hears(self, process: subprocess.Popen[str], line: str) -> None:
        try:
            told = json.loads(line)
            roles = (DemoRole(one["member"], Names(one["zh"], one["en"]), one["token"]) for one in told["roles"])
            opened = DemoOpen(told["url"], tuple(roles))
        except (ValueError, TypeError, KeyError):
            return  # not the line that is waited for
        with self._lock:
            if self._process is process and self._key is not None:
                self._opened = opened

    def _clear(self) -> None:
        """What one that died with its machine has left behind."""
        shutil.rmtree(self._folder, ignore_errors=True)
