"""Whether the karrio extra is installed, found out without importing it: an import changes switches of the process."""

from importlib.metadata import PackageNotFoundError, version

import pytest


def needs_karrio(package: str = "karrio-ups") -> None:
    """Skip, and say what would help, where it is not there. At the top of a module all of it is skipped."""
    try:
        version(package)
    except PackageNotFoundError:
        pytest.skip('pip install "packproof[karrio]"', allow_module_level=True)
