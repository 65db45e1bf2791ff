"""Use cases of accounts: coming in, one's own account, keys, invitations, the first run."""
