"""An OpenID provider on loopback, small and honest unless it is told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "tocsin", "a secret of the client's, long enough"


@cache
def _keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """The provider's, and somebody else's. They take a moment to find."""
    return rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)


@dataclass
class FakeProvider:
    """`says`: claims for the next sign-in, over those of an honest token; `signs`: another key or algorithm."""

    issuer: str
    now: Callable[[], datetime]
    says: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    foreign_key: bool = False
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._key, self._other = _keys()

    def signs_in(self, address: str) -> str:
        """Somebody proves who they are at the address they were sent to; gives the address they are sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Redeems a code once, for the client that knows the secret and for the browser that knows the verifier."""
        known = self._codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if known is None or challenge.rstrip(b"=").decode() != known["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != known["redirect_uri"] or authorization != expected:
            return 401, {"error": "invalid_client"}
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "somebody",
            "iat": at,
            "exp": at + 300,
            "nonce": known["nonce"],
        }
        claims = {key: value for key, value in {**claims, **self.says}.items() if value is not None}
        return 200, {"id_token": self._signed(claims), "access_token": "unused", "token_type": "Bearer"}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "1"})
        if self.algorithm.startswith("HS"):
            return jwt.encode(claims, SECRET, algorithm=self.algorithm, headers={"kid": "1"})
        return jwt.encode(
            claims, self._other if self.foreign_key else self._key, algorithm="RS256", headers={"kid": "1"}
        )

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            ends = {
                name: f"{self.issuer}/{name.partition('_')[0]}" for name in ("authorization_endpoint", "token_endpoint")
            }
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **ends}
        if path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            return {"keys": [{**key, "kid": "1", "alg": "RS256", "use": "sig"}]}
        return None


@contextmanager
def provider_on_loopback(now: Callable[[], datetime]) -> Iterator[FakeProvider]:
    provider: FakeProvider

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            document = provider.document(self.path)
            self._answer(404 if document is None else 200, document or {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*provider.token(form, self.headers["authorization"]))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = FakeProvider(f"http://127.0.0.1:{server.server_address[1]}", now)
    thread = threading.Thread(target=server.serve_forever, name="provider")
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
