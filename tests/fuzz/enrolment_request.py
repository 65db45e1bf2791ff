"""What a node asks with when it enrols: a request for a certificate, certified or refused in a sentence."""

from __future__ import annotations

import json
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from cloud.adapters.authority import open_authority
from cloud.errors import Invalid
from edge.adapters.enrolment import _csr
from schemas.enrolment import EnrolmentRequest
from tests.fuzz.target import LONGEST_REFUSAL, Target, said

NOW = datetime(2026, 11, 26, tzinfo=UTC)
_FOLDER = tempfile.TemporaryDirectory(prefix="tocsin-fuzz-")
AUTHORITY = open_authority(Path(_FOLDER.name), now=NOW)
warnings.filterwarnings("ignore", category=DeprecationWarning)


def one(data: bytes) -> bool:
    try:
        asked = EnrolmentRequest.model_validate_json(data)
        digest = AUTHORITY.key_digest(asked.csr)
        made = AUTHORITY.certify(asked.csr, "node-1", "example/b1-node", NOW)
    except ValidationError as error:
        said(str(error.errors(include_url=False)[:1])[:LONGEST_REFUSAL])
        return False
    except Invalid as error:
        said(error)
        return False
    assert digest == AUTHORITY.key_digest(asked.csr)
    assert made.pem.startswith("-----BEGIN CERTIFICATE-----")
    return True


def _asked() -> bytes:
    csr = _csr(ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.PEM).decode()
    return json.dumps({"csr": csr, "outbox": "0197a6b0-3c1e-7d52-9a41-5d0c8f6e2b17"}).encode()


TARGET = Target([_asked()], one)
