"""The machine's fifth part: which site ships it, and whether both may."""

from typing import Any

from hypothesis import strategies as st

from server.usecases.routes.promises import set_split
from server.usecases.routes.routing import set_rules
from tests.book import BOSS
from tests.paper.ground import PLAIN
from tests.paper.machine import CHANNEL, verb
from tests.paper.pencil import SITES
from tests.paper.short_machine import Short


class Routes(Short):
    """Everything so far, routed by rules that people change."""

    @verb(2, channel=CHANNEL, allowed=st.sampled_from((True, True, False)))
    def orders_may_be_split(self, channel: str, allowed: bool) -> None:
        set_split(self.db, BOSS, channel, allowed)
        self.paper.splits.discard(channel)
        if allowed:
            self.paper.splits.add(channel)

    @verb(
        2, pinned=st.sampled_from(("", *SITES)), banned=st.sampled_from(("", *PLAIN[:3])), site=st.sampled_from(SITES)
    )
    def routing_changes(self, pinned: str, banned: str, site: str) -> None:
        rules: list[dict[str, Any]] = []
        if pinned:
            rules.append({"id": "first", "kind": "pinned", "nodes": [pinned], "strict": False})
        if banned:
            rules.append({"id": "never", "kind": "restriction", "nodes": [site], "when": {"skus": [banned]}})
        set_rules(self.db, BOSS, {"rules": rules})
        self.paper.pinned = pinned
        self.paper.banned = {(banned, site)} if banned else set()
