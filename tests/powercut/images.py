"""Files as a power cut leaves them, and what must be true of a journal that is opened on them.

What was synced is there. Of what was not, any part may be: whole writes, none, the first bytes of one, zeros where the
size of the file was kept and its bytes were not, or a file cut short. A write never harms bytes beside it, which is
what SQLite assumes of a disk too (https://sqlite.org/psow.html).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server import wire
from station.journal import Journal
from tests.powercut.history import Key, Step

FATES = ("kept", "lost", "torn", "zeros")
BLOCK = 512


@dataclass(slots=True)
class OneFile:
    """``durable`` is None while nothing of it is sure to exist. ``pending``: steps since its last sync."""

    durable: bytearray | None = None
    pending: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Truth:
    """What was so at the moment of the cut."""

    files: dict[str, OneFile] = field(default_factory=dict)
    begun: dict[Key, bytes] = field(default_factory=dict)
    acknowledged: set[Key] = field(default_factory=set)
    at_server: dict[str, int] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """One step on."""
        match step.what:
            case "begin":
                self.begun[step.name, step.offset] = step.data
            case "ack":
                self.acknowledged.add((step.name, step.offset))
            case "server":
                self.at_server[step.name] = max(step.offset, self.at_server.get(step.name, 0))
            case _ if step.name.startswith("journal.db"):
                self._disk(step)

    def _disk(self, step: Step) -> None:
        file = self.files.setdefault(step.name, OneFile())
        if step.what == "delete":
            self.files[step.name] = OneFile()
        elif step.what == "sync":
            file.durable = file.durable or bytearray()
            for written in file.pending:
                _apply(file.durable, written)
            file.pending = []
        elif step.what == "failed":
            # The kernel says so once, forgets what was not written, and calls the next sync good.
            file.pending = []
        else:
            file.pending.append(step)


def cuts(steps: Sequence[Step], count: int, seed: int) -> Iterator[tuple[int, Truth, dict[str, bytes]]]:
    """So many (moment, truth, files), the moments spread over the whole run; one seed gives the same ones."""
    chance, truth, done = random.Random(seed), Truth(), 0
    for moment in sorted(chance.randrange(len(steps) + 1) for _ in range(count)):
        for step in steps[done:moment]:
            truth.take(step)
        done = moment
        made = {name: _image(file, chance) for name, file in truth.files.items()}
        yield moment, truth, {name: image for name, image in made.items() if image is not None}


def _image(file: OneFile, chance: random.Random) -> bytes | None:
    """What may be left of one file; None for nothing at all."""
    if file.durable is None and (not file.pending or chance.random() < 0.3):
        return None
    image, whole = bytearray(file.durable or b""), chance.random()
    for step in file.pending:
        fate = "kept" if whole < 0.15 else "lost" if whole > 0.9 else chance.choice(FATES)
        _survived(image, step, fate, chance)
    sure = len(file.durable or b"")
    if len(image) > sure and chance.random() < 0.2:
        del image[chance.randint(sure, len(image)) :]
    return bytes(image)


def _survived(image: bytearray, step: Step, fate: str, chance: random.Random) -> None:
    if fate == "lost":
        return
    if step.what == "truncate" or fate == "kept":
        _apply(image, step)
    elif fate == "zeros":
        blank = bytearray(step.data)
        begin = chance.randrange(0, len(blank), BLOCK) if len(blank) > BLOCK else 0
        blank[begin:] = bytes(len(blank) - begin)
        _apply(image, Step("write", step.name, step.offset, bytes(blank)))
    else:
        length = chance.randrange(len(step.data) + 1)
        length = length // BLOCK * BLOCK if chance.random() < 0.5 else length
        _apply(image, Step("write", step.name, step.offset, step.data[:length]))


def _apply(content: bytearray, step: Step) -> None:
    if step.what == "truncate":
        del content[step.offset :]
        content.extend(bytes(step.offset - len(content)))
    elif step.data:
        content.extend(bytes(max(0, step.offset - len(content))))
        content[step.offset : step.offset + len(step.data)] = step.data


def check(folder: Path, truth: Truth, files: dict[str, bytes]) -> None:
    """Open a journal on these files; raise AssertionError when an acknowledged event is lost or one is false."""
    for old in folder.glob("journal.db*"):
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    journal = Journal(folder / "journal.db")
    try:
        found = {(s.session_id, e.event.seq): e.event for s in journal.sessions() for e in s.entries}
        unsent = {
            (session_id, event.seq)
            for session_id in journal.unsent_sessions()
            for event in journal.unsent_events(session_id, 10_000)
        }
        assert journal.unsent == len(unsent)
    finally:
        journal.close()
    held = {key for key in truth.acknowledged if key[1] <= truth.at_server.get(key[0], 0)}
    lost = truth.acknowledged - set(found) - held
    assert not lost, f"acknowledged and gone: {sorted(lost)}"
    false = [key for key, event in found.items() if truth.begun.get(key) != wire.encode(event)]
    assert not false, f"never scanned like this: {false}"
    forgotten = {key for key in found if key not in unsent and key[1] > truth.at_server.get(key[0], 0)}
    assert not forgotten, f"marked as sent, and the server never had it: {sorted(forgotten)}"
    _no_gaps(set(found))


def _no_gaps(found: set[Key]) -> None:
    for session_id in {key[0] for key in found}:
        seqs = sorted(seq for name, seq in found if name == session_id)
        assert seqs == list(range(1, len(seqs) + 1)), f"a gap in {session_id}: {seqs}"
