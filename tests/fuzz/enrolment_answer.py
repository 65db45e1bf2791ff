"""What a node that enrols is answered: only what is of its own key and of the authority is believed."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from cloud.adapters.authority import open_authority
from edge.adapters.enrolment import _csr, _der, _judge, _key_pem
from edge.errors import EnrolmentError
from schemas.enrolment import Enrolled
from tests.fuzz.target import LONGEST_REFUSAL, Target, said

NOW = datetime(2026, 11, 26, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = _key_pem(KEY)
_FOLDER = tempfile.TemporaryDirectory(prefix="tocsin-fuzz-")
AUTHORITY = open_authority(Path(_FOLDER.name), now=NOW)
MADE = AUTHORITY.certify(_csr(KEY).public_bytes(Encoding.PEM).decode(), "node-1", "example/b1-node", NOW)


def one(data: bytes) -> bool:
    try:
        enrolled = Enrolled.model_validate_json(data)
        ours = _der(enrolled.authority) == _der(AUTHORITY.pem)
        _judge(enrolled, PEM)
    except ValidationError as error:
        said(str(error.errors(include_url=False)[:1])[:LONGEST_REFUSAL])
        return False
    except EnrolmentError as error:
        said(error)
        return False
    assert not ours or _der(enrolled.certificate) == _der(MADE.pem), "the authority has certified this key once"
    return ours


ANSWER = {
    "estate": "example", "node": "b1-node", "credential": "node-1", "certificate": MADE.pem, "authority": AUTHORITY.pem,
    "broker_host": "mqtt.example", "broker_port": 8883, "issued_at": MADE.issued_at.isoformat(),
    "expires_at": MADE.expires_at.isoformat(),
}  # fmt: skip
TARGET = Target([json.dumps(ANSWER).encode()], one, structured=True)
