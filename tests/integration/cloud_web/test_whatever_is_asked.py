"""The whole interface, asked whatever its description permits and more: no 5xx, no answer that is not described."""

from __future__ import annotations

import os
import time
from contextlib import suppress

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

ENDLESS = {"/api/v1/live", "/api/v1/incidents/{incident_id}/live"}
"""A stream that is followed has no end to wait for; test_live asks it everything."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MOST_S = 40
"""What CI may take; the soak asks as often as TOCSIN_EXAMPLES says, for as long as that takes."""


@pytest.fixture
def described(house, address):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", headers=headers), headers


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
        if operation.path in ENDLESS:
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


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_question_of_many_breaks_it(described):
    hold_to_it(*described, examples=int(os.environ.get("TOCSIN_EXAMPLES", "50")))
