"""A cloud that serves loads what it needs and no more (quality.md: cloud, idle estate)."""

from __future__ import annotations

import json
import subprocess
import sys

SPARED = {
    "alembic",  # the database is up to date
    "apprise",  # no channel is set up
    "argon2",  # nobody signs in with a password
    "cryptography",  # no certificate is made or read
    "holidays",  # no estate asks for public days
    "icalendar",  # no calendar is written or read
    "httpx",  # nor through an organisation
    "influxdb_client",  # readings are drawn from where they are stored
    "jwt",
    "segno",  # no code is shown
    "typer",  # the command line is over
    "pyotp",
    "pydantic.v1",  # nothing here is made of it
    "rich",  # nobody sits at a terminal
    "sqlalchemy.dialects.postgresql",  # the state is on SQLite
    "yaml",  # no file of an estate is read
    "zxcvbn",
}
"""Two to twenty MiB each."""

SERVING = """
import json, sys
from cloud.process import leave_out_what_nobody_uses
leave_out_what_nobody_uses()
import cloud.bootstrap
from cloud.entrypoints.web.language import load_catalogues
load_catalogues()
import babel.core
from cloud.entrypoints.interface_routes import interface_routes
made = [route.path for route in interface_routes() if "dependant" in vars(route)]
print(json.dumps([[name for name, module in sys.modules.items() if module], babel.core._global_data is not None, made]))
import rich.console
"""
"""What `python -m cloud run` imports before it opens anything; Rich is there for whoever wants it afterwards."""


def test_what_nobody_needs_is_not_loaded():
    done = subprocess.run([sys.executable, "-c", SERVING], capture_output=True, text=True, check=True)
    modules, all_languages, routes = json.loads(done.stdout)
    assert SPARED & set(modules) == set()
    assert not all_languages
    assert routes == [], "made before anybody came to them: cloud.entrypoints.api.late"
