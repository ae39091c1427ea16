"""These tests run inside the machine of `make test-vm` and are no part of `make test`."""

import os

collect_ignore_glob = [] if os.environ.get("PACKPROOF_VM") else ["test_*.py"]
