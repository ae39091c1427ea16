"""Where the label of the open box stands: the step, since when, and what is true of its purchase."""

from dataclasses import dataclass

from printing.spool import Job
from server.domain.errors import DomainError
from station.print_jobs import caught, in_doubt, on_paper
from station.views import Bought, LabelStage, Note
from station.workplace import clean


@dataclass(slots=True)
class LabelStep:
    """``since`` is in seconds since the epoch; ``detail`` a Note or somebody's own words."""

    stage: LabelStage = LabelStage.NONE
    since: float = 0.0
    bought: Bought = Bought.NOT_BOUGHT
    detail: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """What the server's words in ``detail`` tell, to be said in the language of the packer."""
    fetch_at: str = ""
    """The other bench at which the label comes out."""
    was_caught: bool = False
    """Whether this box came back with its label inside a printer in trouble; that may have come out meanwhile."""

    def to(self, stage: LabelStage, now: float, detail: str = "", facts: tuple[tuple[str, str], ...] = ()) -> None:
        """Go to this stage, or stay there; the clock runs on while it is the same."""
        if stage is not self.stage:
            self.since = now
        if facts or detail != self.detail:
            self.facts = facts
        self.stage, self.detail = stage, detail

    def followed(self, job: Job | None, *, late: bool) -> tuple[LabelStage, str]:
        """The stage and its detail, as the print job stands now; unchanged without one."""
        if job is None:
            return self.stage, self.detail
        if in_doubt(job) or (self.was_caught and caught(job)):
            return LabelStage.SCAN_LABEL, Note.UNCERTAIN
        if on_paper(job):
            return LabelStage.SCAN_LABEL, ""
        # The paper that ran out late may have run out behind this label.
        stays = self.stage is LabelStage.SCAN_LABEL and late
        return LabelStage.SCAN_LABEL if stays else LabelStage.PRINTING, clean(job.detail)


def bought(error: DomainError) -> Bought:
    """What the server says of the purchase it refused; nothing said means that nothing was bought."""
    said = {"bought": Bought.BOUGHT, "unknown": Bought.CHECKING}
    return said.get(str(error.facts.get("bought", "")), Bought.NOT_BOUGHT)
