"""Whether a certificate is in its time, for a node that may not know what time it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownTime:
    """What a node knows of the time, in seconds since 1970. `sure`: `at` is now, by a clock that follows a reference;
    otherwise it is only not earlier than `at`.
    """

    at: float
    sure: bool


def known_time(
    *,
    wall: float,
    synchronised: bool,
    released: float,
    last_trusted: float | None,
    issued: float | None,
    ends: float | None,
) -> KnownTime:
    """A clock that follows a reference is believed. Else it is no earlier than the latest of: the system's clock, the last
    time the outbox was written by a clock that was believed, the release of this program, the issue of our certificate.

    A system clock that says our own certificate is over is left out: either it is wrong, and then it must not cut the
    node off, or it is right, and then the broker says so.
    """
    if synchronised and wall >= released:
        return KnownTime(wall, sure=True)
    floor = max(released, last_trusted or 0.0, issued or 0.0)
    plausible = wall if ends is None or wall < ends else 0.0
    return KnownTime(max(floor, plausible), sure=False)


def out_of_time(not_before: float, not_after: float, now: KnownTime) -> str | None:
    """Why a certificate does not count now; None where it does, or where it may. An unsure clock cannot say "not yet"."""
    if now.at > not_after:
        return "it has expired"
    return "it is not valid yet" if now.sure and now.at < not_before else None
