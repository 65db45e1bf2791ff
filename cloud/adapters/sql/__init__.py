"""The cloud's state in SQL: SQLite by default, PostgreSQL to scale."""

from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.migrating import upgrade
from cloud.adapters.sql.units import SqlUnitsOfWork

__all__ = ["SqlUnitsOfWork", "open_engine", "upgrade"]
