"""What can go wrong in the cloud, as one small tree.

CloudError
├── Invalid                   what was given does not hold together; every problem is named
├── NotFound                  there is no such thing
└── ReadingsError
    ├── ReadingsUnavailable   now not, later perhaps: nothing was stored, acknowledge nothing, try again
    ├── ReadingsRefused       the engine will never take this
    ├── ReadingsDamaged       the file of readings cannot be read
    └── ReadingsTooNew        the file was written by a later version of Tocsin
"""

from __future__ import annotations

from collections.abc import Sequence


class CloudError(Exception):
    """Says what was wrong, where, and what to do."""


class Invalid(CloudError):  # noqa: N818 - named for what went wrong, as the whole tree is
    """What was given does not hold together; `problems` names each fault and what to do about it."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(" ".join((message, *problems)))
        self.problems = tuple(problems)


class NotFound(CloudError):  # noqa: N818
    """There is no such thing."""


class ReadingsError(CloudError):
    """Trouble with the store of readings."""


class ReadingsUnavailable(ReadingsError):  # noqa: N818
    """Trying again later may help; nothing was stored."""


class ReadingsRefused(ReadingsError):  # noqa: N818
    """Trying again will never help."""


class ReadingsDamaged(ReadingsError):  # noqa: N818
    """The file of readings is not whole."""


class ReadingsTooNew(ReadingsError):  # noqa: N818
    """The file of readings was written by a later version."""
