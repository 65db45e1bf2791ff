"""What each kind of problem document means and what to do about it: its `type` leads here (RFC 9457, section 3.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloud.entrypoints.web.language import N_


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """`status`: with which it comes; marked here, translated where it is shown."""

    status: int
    means: str
    remedy: str


_ALLOWED: Final = N_("You are known, and may not do this.")
_ASK_FOR_ROLE: Final = N_(
    "Ask whoever administers the estate for a role that may. Of an API token, see whether its scopes cover it."
)
_UNKNOWN: Final = N_("This needs a member, and the request names none, or with a key that opens nothing any more.")
_SIGN_IN: Final = N_("Send an API token as Authorization: Bearer …, or sign in.")
_BROKEN: Final = N_("Something went wrong in the service. It has been logged.")
_TELL: Final = N_("Try again, and tell whoever runs the service if it stays.")
_PACED: Final = N_("Too much was asked in too short a time.")
_WAIT: Final = N_(
    "Wait as long as Retry-After says. A report that somebody's life is at stake is never refused for this."
)
_FROM_NODE: Final = N_("Let tocsin-edge enroll send it: it says who the node is in the way that is asked for.")

PROBLEMS: Final[Mapping[str, ProblemWords]] = {
    "answer-lost": ProblemWords(
        409,
        N_("The request was done, and its answer was lost with the process that did it."),
        N_("Look what came of it before you send a new request under a new Idempotency-Key."),
    ),
    "bad-request": ProblemWords(
        400,
        N_("The request cannot be read."),
        N_("Send a body of the kind that the description of the interface names, in UTF-8."),
    ),
    "certificate-needed": ProblemWords(401, N_("A node renews its certificate by the one it has."), _FROM_NODE),
    "claim-needed": ProblemWords(401, N_("A node enrols with the claim code that was given out for it."), _FROM_NODE),
    "conflict": ProblemWords(
        409,
        N_("It exists, but its present state does not permit this, or somebody was faster."),
        N_("Read it again: it says what is permitted now."),
    ),
    "error": ProblemWords(500, _BROKEN, _TELL),
    "forbidden": ProblemWords(403, _ALLOWED, _ASK_FOR_ROLE),
    "foreign-form": ProblemWords(
        403,
        N_("The form was not sent from a page of this service."),
        N_("Open the page here and send it again. A program sends an API token, and no cookie."),
    ),
    "idempotency-key-reused": ProblemWords(
        422,
        N_("This Idempotency-Key came with another body before."),
        N_("Send a new key for a new request, and the same body under the same key."),
    ),
    "internal-error": ProblemWords(500, _BROKEN, _TELL),
    "invalid": ProblemWords(
        422,
        N_("What was sent does not fit. Under problems stands each fault, and where."),
        N_("Correct each of them and send it again."),
    ),
    "method-not-allowed": ProblemWords(
        405,
        N_("There is something at this address, and it does not take this method."),
        N_("Use one of those that the Allow header names."),
    ),
    "no-estate": ProblemWords(
        403, N_("Your party serves no estate yet."), N_("Ask an administrator to add it to one.")
    ),
    "not-allowed": ProblemWords(403, _ALLOWED, _ASK_FOR_ROLE),
    "not-found": ProblemWords(
        404,
        N_("There is no such thing, or you have no part in it: which of the two, nobody learns from the answer."),
        N_("Check the address and the estate, and as whom you ask."),
    ),
    "not-ready": ProblemWords(
        503,
        N_("The service is up and cannot do its work. The detail names the part that is in trouble."),
        N_("Wait as long as Retry-After says. If it stays, look at that part."),
    ),
    "not-replayed": ProblemWords(
        428,
        N_("This matrix changes who must do what, and nobody has tried on past incidents what it would have meant."),
        N_(
            "Send it to /api/v1/matrix/dry-run, read what would have been different, and send it again with the replayed that was answered there."
        ),
    ),
    "precondition-failed": ProblemWords(
        412,
        N_("It has changed since you read it: its ETag is not the one in If-Match."),
        N_("Read it again, decide anew, and send its new ETag."),
    ),
    "refused": ProblemWords(
        422,
        N_("It was understood and is not taken. The detail says why."),
        N_("Give something else, as the detail says."),
    ),
    "request-under-way": ProblemWords(
        409,
        N_("The first request with this Idempotency-Key is still under way."),
        N_("Send the same again in a moment."),
    ),
    "second-factor-needed": ProblemWords(
        403,
        N_("Your role requires a second factor, and it was not given in this session."),
        N_("Prove it or set it up at /account/second-factor, then ask again."),
    ),
    "sign-in-needed": ProblemWords(401, _UNKNOWN, _SIGN_IN),
    "throttled": ProblemWords(429, _PACED, _WAIT),
    "too-large": ProblemWords(
        413, N_("The body is larger than is taken. The detail says how much is."), N_("Send less at once.")
    ),
    "too-many-requests": ProblemWords(429, _PACED, _WAIT),
    "unauthenticated": ProblemWords(401, _UNKNOWN, _SIGN_IN),
    "unavailable": ProblemWords(
        503,
        N_("The storage did not take it: nothing was stored."),
        N_("Send the same again in a moment, under the same Idempotency-Key."),
    ),
}
