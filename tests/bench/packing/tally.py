"""What a simulated floor saw."""

from dataclasses import dataclass, field

NOTES_MAX = 20


@dataclass(slots=True)
class Tally:
    """Counts of one kind of sessions; ``notes`` say in words what is wrong."""

    sessions: int = 0
    labelled: int = 0
    picks: int = 0
    wrong_picks: int = 0
    wrong_units: int = 0
    false_reds: int = 0
    scans: int = 0
    scans_lost: int = 0
    kills: int = 0
    weights_doubted: int = 0
    """Right boxes whose weight the bench did not believe."""
    notes: list[str] = field(default_factory=list)

    def false_red(self, why: str) -> None:
        """A stop for something right."""
        self.false_reds += 1
        self.notes.append(f"false stop: {why}")
