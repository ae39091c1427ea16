"""Schema revisions, applied in-process by ``server.db.migrate``. Imports ``server.db.tables`` alone."""
