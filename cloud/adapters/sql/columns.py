"""What the tables share: their metadata, and how ids, names and words are kept."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)
Slug = String(128)
PlaceId = String(512)
Word = String(32)


def names() -> list[Column[str]]:
    return [Column("zh", Text, nullable=False), Column("en", Text, nullable=False)]


def partial_on_postgresql() -> None:
    """Indexes of some rows only are so on PostgreSQL as well. Said when such a database is opened and not where the indexes
    are declared: naming that dialect loads its types and drivers, 3 MiB for which SQLite has no use.
    """
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
