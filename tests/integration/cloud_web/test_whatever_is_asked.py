"""The whole interface, asked whatever its description permits and more: no 5xx, no answer that is not described.

In CI a few examples of each operation; in the soak schemathesis itself with all its phases and checks: also that nobody is let
in who does not show who they are, and that nothing is taken which the description forbids.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.accounts.test_matrix import PUBLIC as OPEN
from tests.integration.cloud_web.asked_further import ENDS_ITS_OWN, LEFT_OUT, SETTINGS, what_fits_is_read

ENDLESS = ("/api/v1/live", "/api/v1/incidents/{incident_id}/live")
"""A stream that is followed has no end to wait for; test_live asks it everything."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    what_fits_is_read,
]


@pytest.fixture
def described(house, address):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", headers=headers, timeout=60), headers


def asked(operation, headers, examples, mode):
    """Every finding of one operation, as text. `mode`: what its description permits, or what it does not."""
    found = []

    @hypothesis.seed(int(os.environ.get("TOCSIN_SEED", "311")))
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        try:
            case.call_and_validate(headers=headers, checks=CHECKS)
        except FailureGroup as error:
            found.extend(f"{operation.label}: {str(cause)[:900]}" for cause in error.exceptions)

    with suppress(Unsatisfiable):  # what has no parameters cannot be asked wrongly
        ask()
    return found


def hold_to_it(schema, headers, examples):
    found, count = [], 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in ENDLESS or operation.path.endswith(ENDS_ITS_OWN):
            continue
        count += 1
        found += asked(operation, headers, examples, GenerationMode.POSITIVE)[:3]
        found += asked(operation, headers, max(1, examples // 2), GenerationMode.NEGATIVE)[:3]
    assert count > 100, "the description has lost most of the interface"
    assert not found, "\n\n".join(found)


@pytest.mark.slow
def test_no_question_breaks_it_and_every_answer_is_described(described):
    began = time.monotonic()
    hold_to_it(*described, examples=2)
    print(f"the whole interface was asked in {time.monotonic() - began:.1f} s")


def test_the_description_says_what_opens_every_door(described):
    """The same doors as the generated matrix finds open to everybody."""
    schema, _ = described
    schemes = set(schema.raw_schema["components"]["securitySchemes"])
    for path, methods in schema.raw_schema["paths"].items():
        for method, operation in methods.items():
            named = {name for one in operation.get("security", []) for name in one}
            is_open = not path.startswith("/api/") or (method.upper(), path) in OPEN
            assert named == (set() if is_open else schemes), f"{method} {path}"


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("role", ["administrator", "manager"])
def test_schemathesis_finds_no_fault_with_it(house, address, tmp_path, role):
    """All its phases: examples, coverage, fuzzing, and what is made and found followed by its links."""
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS)
    left_out = [f"--exclude-path={path}" for path in ENDLESS]
    left_out += [f"--exclude-path=/api/v1{path}" for path in ENDS_ITS_OWN]
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", f"{address}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {house.api_token_of(role)}", "--phases", "examples,coverage,fuzzing,stateful",
            "--checks", "all", "--exclude-checks", ",".join(LEFT_OUT), "--continue-on-failure", "--no-color", "--request-timeout", "60",
            "--max-examples", os.environ.get("TOCSIN_EXAMPLES", "50"), "--seed", os.environ.get("TOCSIN_SEED", "311"), *left_out,
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": what_fits_is_read.__module__},
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(run.stdout[-3000:])
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-3000:]
