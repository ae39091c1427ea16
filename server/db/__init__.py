"""Rows and transactions. Plain functions over SQLAlchemy Core; the same on SQLite and PostgreSQL."""
