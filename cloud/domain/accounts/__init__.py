"""How people prove who they are: accounts, passwords, second factors, invitations, and how often one may try."""
