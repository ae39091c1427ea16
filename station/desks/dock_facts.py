"""What a refusal at the dock tells beyond its reason, by name, for the sentence that says it."""

from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockVerdict
from station.site_time import hour


def facts_of(verdict: DockVerdict, time_zone: str) -> dict[str, str]:
    """``says`` names the sentence; nothing where the verdict tells no more than its reason."""
    facts = verdict.facts
    where = facts.trailer or facts.load_id
    at = hour(facts.at, time_zone) if facts.at else ""
    says = _says(verdict, bool(where), at)
    known = {"where": where, "dock": facts.dock, "carrier": facts.carrier, "service": facts.service}
    return known | {"time": at, "by": facts.by, "other": facts.other, "says": says} if says else {}


def _says(verdict: DockVerdict, where: bool, at: str) -> str:
    facts, reason = verdict.facts, verdict.reason
    there = "_there" if where and facts.dock else ""
    if reason is Reason.ALREADY_LOADED:
        return "dock_loaded_by" if facts.by and at else ""
    if reason in (Reason.WRONG_LOAD, Reason.NOT_LOADED):
        return f"dock_on_other{there}" if where else ""
    if reason is Reason.PLANNED_ELSEWHERE:
        return f"dock_planned{there}" if where else ""
    if reason is Reason.WRONG_CARRIER:
        return f"dock_carrier{there}" if facts.carrier else ""
    if reason is Reason.WRONG_SERVICE:
        return f"dock_service{there}" if where else "dock_service_none"
    if reason in (Reason.VOID_LABEL, Reason.PALLET_REFUSED):
        return f"dock_{reason.value}" if facts.other else ""
    seen = reason in (Reason.NOT_PACKED, Reason.LABEL_NOT_CONFIRMED, Reason.WRONG_LABEL) and facts.dock
    return "dock_seen" if seen and at else ""
