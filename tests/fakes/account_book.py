"""The accounts of an estate that was brought in by a file and in which nobody has one yet."""

from __future__ import annotations


class NoAccounts:
    def first_run(self):
        return None

    def invitations(self, _estates):
        return []
