"""What all tables share. Times are epoch seconds (float), quantities units, weights grams, money minor units."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts only INTEGER primary keys by itself.
Big = BigInteger().with_variant(Integer, "sqlite")

setting = Table("setting", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))
