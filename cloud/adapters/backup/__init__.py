"""Everything a cloud keeps, copied into one folder while it runs, and put back from there; every byte is checked."""

from cloud.adapters.backup.contents import Contents, LedgerThen, read_contents
from cloud.adapters.backup.restoring import restore
from cloud.adapters.backup.taking import back_up

__all__ = ["Contents", "LedgerThen", "back_up", "read_contents", "restore"]
