"""What can go wrong in the cloud, as one small tree.

CloudError
├── Unauthenticated           nobody we know: sign in
├── NotAllowed                somebody we know, who may not do this
├── NotFound                  there is no such thing
├── Conflict                  it exists, but its present state does not permit this, or somebody was faster
│   └── Stale                 somebody changed it between the reading and the saving; on its new state it may be permitted
├── Throttled                 too many tries: wait
├── Invalid                   what was given does not hold together; every problem is named
├── Refused                   what was given is understood and not taken; says why in the reader's language
├── Unavailable               the storage did not take it: nothing was stored, acknowledge nothing, try again
└── ReadingsError
    ├── ReadingsUnavailable   now not, later perhaps: nothing was stored, acknowledge nothing, try again
    │   └── ReadingsHeld      a running cloud has the file
    ├── ReadingsRefused       the engine will never take this
    ├── ReadingsDamaged       the file of readings cannot be read
    └── ReadingsTooNew        the file was written by a later version of Tocsin

A message says what was wrong, where, and what to do. Entry points render them; nothing else knows of status codes.
"""

from __future__ import annotations

from collections.abc import Sequence


class CloudError(Exception):
    """Says what was wrong, where, and what to do. `zh`: the same for Chinese readers, where people are meant."""

    code = "error"

    def __init__(self, message: str, zh: str | None = None) -> None:
        super().__init__(message)
        self.zh = zh


class Unauthenticated(CloudError):  # noqa: N818 - named for what went wrong, as the whole tree is
    """Nobody we know."""

    code = "unauthenticated"


class NotAllowed(CloudError):  # noqa: N818
    """Somebody we know, who may not do this."""

    code = "not-allowed"


class NotFound(CloudError):  # noqa: N818
    """There is no such thing."""

    code = "not-found"


class Conflict(CloudError):  # noqa: N818
    """It exists, but its present state does not permit this, or somebody was faster."""

    code = "conflict"


class Stale(Conflict):
    """Somebody changed it between the reading and the saving; what is asked for may be permitted on its new state."""


class Throttled(CloudError):  # noqa: N818
    """Too many tries; waiting helps. `wait_s`: for how long; `quota`: how many are let through in how many seconds."""

    code = "throttled"

    def __init__(
        self, message: str, zh: str | None = None, *, wait_s: int | None = None, quota: tuple[int, int] | None = None
    ) -> None:
        super().__init__(message, zh)
        self.wait_s, self.quota = wait_s, quota


class Invalid(CloudError):  # noqa: N818
    """What was given does not hold together; `problems` names each fault and what to do about it."""

    code = "invalid"

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join((message, *(f"  - {problem}" for problem in problems))))
        self.problems = tuple(problems)


class Refused(CloudError):  # noqa: N818
    """What was given is understood and not taken; giving something else helps."""

    code = "refused"


class Unavailable(CloudError):  # noqa: N818
    """The storage did not take it: nothing was stored; acknowledge nothing and try again."""

    code = "unavailable"


class ReadingsError(CloudError):
    """Trouble with the store of readings."""


class ReadingsUnavailable(ReadingsError):  # noqa: N818
    """Trying again later may help; nothing was stored."""


class ReadingsHeld(ReadingsUnavailable):
    """Another process records into the file: a running cloud."""


class ReadingsRefused(ReadingsError):  # noqa: N818
    """Trying again will never help."""


class ReadingsDamaged(ReadingsError):  # noqa: N818
    """The file of readings is not whole."""


class ReadingsTooNew(ReadingsError):  # noqa: N818
    """The file of readings was written by a later version."""
