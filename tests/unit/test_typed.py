"""Types are learnt by one thread at a time."""

import subprocess
import sys

RACE = """
import dataclasses, sys, threading
import msgspec
from server.typed import learnt

sys.setswitchinterval(1e-6)
for n in range(60):
    inner = dataclasses.make_dataclass(f"Inner{n}", [(f"f{i}", int, i) for i in range(30)])
    kind = dataclasses.make_dataclass(f"Kind{n}", [("inner", inner)] + [(f"f{i}", int, i) for i in range(30)])
    ready = threading.Barrier(8)

    def read():
        ready.wait()
        assert msgspec.convert({"inner": {}}, learnt(kind)).f7 == 7

    threads = [threading.Thread(target=read) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
print("alive")
"""


def test_many_requests_that_come_right_after_a_start_do_not_end_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-500:]
