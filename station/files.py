"""Small files of the bench, written whole or not at all and readable by their owner only."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file; raises OSError and leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
