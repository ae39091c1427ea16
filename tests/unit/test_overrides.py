"""Deciding against the rules."""

import pytest

from server.domain.people import Role
from server.domain.routes.overrides import check_override, needs_review

DAY = 86_400.0


def test_a_supervisor_with_a_reason_may() -> None:
    assert check_override({Role.SUPERVISOR}, "the west is snowed in") is None
    assert check_override({Role.PACKER, Role.ADMIN}, "audit") is None


@pytest.mark.parametrize("roles", [set(), {Role.PACKER}, {Role.PACKER, Role.DOCK, Role.DESK}])
def test_nobody_else_may(roles: set[Role]) -> None:
    refused = check_override(roles, "please")
    assert refused is not None
    assert refused.code == "forbidden"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 401, "line\nbreak"])
def test_a_reason_is_needed(reason: str) -> None:
    refused = check_override({Role.SUPERVISOR}, reason)
    assert refused is not None
    assert refused.code == "reason_needed"


def test_three_overrides_in_thirty_days_call_for_a_review_and_older_ones_do_not_count() -> None:
    now = 100 * DAY
    assert needs_review([now, now - 29 * DAY, now - DAY], now)
    assert not needs_review([now, now - DAY], now)
    assert not needs_review([now, now - DAY, now - 30 * DAY], now)
    assert needs_review([now, now - 5 * DAY], now, after=2, days=7)
