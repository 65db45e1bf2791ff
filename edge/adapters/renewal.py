"""Renews what a node was enrolled with; the library that makes keys takes ten megabytes and is loaded every two months."""

from __future__ import annotations

from pathlib import Path

from edge.adapters.credentials import CredentialFolder
from edge.settings import Identity


class SeldomRenewal:
    """Implements `renew.Renewing` on a folder of credentials, at the cost of a small file until it is time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def identity(self) -> Identity | None:
        """Who this node was enrolled as; None where it never was. Raises EnrolmentError where it cannot be read."""
        return CredentialFolder(self._folder).identity

    def renew(self) -> Identity:
        """A new certificate from the cloud, in force when this returns. Blocking. Raises EnrolmentError."""
        from edge.adapters.enrolment import HttpsEnrolment

        return HttpsEnrolment(self._folder).renew()
