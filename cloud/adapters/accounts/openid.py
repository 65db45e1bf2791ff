"""An organisation's OpenID provider: authorization code with PKCE, and an ID token of which nothing is believed unchecked."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import jwt

from cloud.application.account_ports import Journey, Vouched
from cloud.application.ports import Clock
from cloud.domain.accounts.account import Subject
from cloud.domain.accounts.second_factor import STRONG_CONTEXTS, proven_elsewhere
from cloud.errors import Unauthenticated, Unavailable

PATIENCE_S: Final = 10.0
LEEWAY_S: Final = 60
"""How far the provider's clock may be from ours."""
LONGEST_ANSWER: Final = 256 * 1024
KNOWN_FOR_S: Final = 3600
"""How long what the provider says of itself is believed before it is read again; a key it has never named is looked for at
once, but no oftener than `ASKED_AGAIN_S`."""
ASKED_AGAIN_S: Final = 60
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures that only the provider can make. `none` and those by our own shared secret are not among them."""


@dataclass(frozen=True, slots=True)
class Client:
    """How this service is known at the provider, and which of its `acr` values stand for a second factor."""

    issuer: str
    client_id: str
    secret: str | None = None
    scopes: str = "openid email"
    strong_contexts: tuple[str, ...] = STRONG_CONTEXTS


@dataclass(frozen=True, slots=True)
class _Known:
    about: Mapping[str, Any]
    keys: jwt.PyJWKSet
    at: float


class OpenIdProvider:
    """Implements `account_ports.IdentityProvider`. From any thread."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock, self._lock = client, clock, Lock()
        self._known: _Known | None = None

    def way(self, journey: Journey, back: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).rstrip(b"=")
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": back,
            "scope": self._client.scopes,
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        at = self._about()["authorization_endpoint"]
        return f"{at}{'&' if '?' in at else '?'}{urlencode(query)}"

    def vouches(self, code: str, journey: Journey, back: str) -> Vouched:
        token = self._redeem(code, journey, back)
        try:
            header = jwt.get_unverified_header(token)
            key = self._key(str(header.get("kid") or ""), str(header.get("alg") or ""))
            # Times are checked against our own clock, below.
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._client.client_id,
                issuer=self._client.issuer,
                options={"require": ["iss", "sub", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False,
                         "verify_nbf": False},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise _refused(f"its token does not hold: {error}") from error
        self._check(claims, journey)
        email = claims.get("email") if claims.get("email_verified") is True else None
        said = email.strip().casefold() if isinstance(email, str) else None
        methods = claims.get("amr")
        strong = proven_elsewhere(
            [str(one) for one in methods] if isinstance(methods, list) else [],
            str(claims.get("acr") or ""),
            self._client.strong_contexts,
        )
        subject = Subject(self._client.issuer, str(claims["sub"])[:256])
        return Vouched(subject, said, str(claims.get("name") or "")[:128], strong)

    def _check(self, claims: Mapping[str, Any], journey: Journey) -> None:
        """What OpenID Connect Core 1.0, 3.1.3.7 asks for beyond signature, issuer and audience."""
        now = self._clock.now().timestamp()
        if not secrets.compare_digest(str(claims.get("nonce") or ""), journey.nonce):
            raise _refused("its token was made for another sign-in")
        if not now < float(claims["exp"]) + LEEWAY_S or float(claims["iat"]) > now + LEEWAY_S:
            raise _refused("its token has expired, or its clock and ours differ")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._client.client_id:
            raise _refused("its token was made for another program")

    def _redeem(self, code: str, journey: Journey, back: str) -> str:
        about, client = self._about(), self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": journey.verifier,
            "client_id": client.client_id,
        }
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = None
        if client.secret is not None and "client_secret_basic" in ways:
            basic = httpx.BasicAuth(client.client_id, client.secret)
        elif client.secret is not None:
            form["client_secret"] = client.secret
        answer = self._ask("POST", about["token_endpoint"], data=form, auth=basic)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _refused("it did not take the code")
        return token

    def _key(self, kid: str, algorithm: str) -> Any:
        if algorithm not in ALGORITHMS:
            raise _refused(f"its token is signed by {algorithm or 'nothing'}")
        for anew in (False, True):
            keys = [key for key in self._look(anew=anew).keys.keys if not kid or key.key_id == kid]
            if keys:
                return keys[0]
        raise _refused("its token is signed by a key it does not publish")

    def _about(self) -> Mapping[str, Any]:
        return self._look(anew=False).about

    def _look(self, *, anew: bool) -> _Known:
        """What the provider says of itself, and its keys."""
        now = self._clock.now().timestamp()
        with self._lock:
            known = self._known
            age = now - known.at if known else None
            if known is not None and age is not None and age < (ASKED_AGAIN_S if anew else KNOWN_FOR_S):
                return known
            about = self._ask("GET", f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self._client.issuer:
                raise Unavailable(
                    f"The provider at {self._client.issuer} calls itself {about.get('issuer')!r}: correct oidc.issuer."
                )
            try:
                keys = jwt.PyJWKSet.from_dict(dict(self._ask("GET", about["jwks_uri"])))
            except (jwt.PyJWTError, KeyError) as error:
                raise Unavailable(f"The provider's keys cannot be read: {error}") from error
            self._known = _Known(about, keys, now)
            return self._known

    def _ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        try:
            # Redirects are not followed and proxies of the environment not asked: what is configured is what is meant.
            with httpx.Client(timeout=PATIENCE_S, follow_redirects=False, trust_env=False) as client:
                answer = client.request(method, url, headers={"accept": "application/json"}, **more)
            if answer.status_code in {400, 401, 403} and method == "POST":
                return {}
            answer.raise_for_status()
            found = answer.json() if len(answer.content) <= LONGEST_ANSWER else None
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(
                f"The organisation's sign-in at {self._client.issuer} does not answer ({type(error).__name__}). "
                "Try again, or come in with a password or a personal link.",
                "单位统一登录暂时无法访问，请稍后再试，或使用密码、个人链接登录",
            ) from error
        if not isinstance(found, dict):
            raise Unavailable(f"{url} did not answer with an object.")
        return found


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(
        f"The organisation's sign-in could not be believed: {why}. Begin again.", "单位统一登录未通过校验，请重新登录"
    )
