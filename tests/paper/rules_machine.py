"""The machine's third part: rules that people change while everything goes on."""

from typing import Any

from hypothesis import strategies as st

from server.domain.sales.substitution import Approval
from server.domain.sharing.allocation_rules import Kind
from server.usecases.sales.policies import add_matrix_rule, add_substitute, set_channel_rules, set_life, set_policy
from server.usecases.sharing.allocation import end_rules, put_plan, set_rule
from server.usecases.sharing.allocation_plans import PlanFile, RuleWish, read_plan_file
from tests.book import BOSS
from tests.paper.goods_machine import Goods
from tests.paper.ground import CHANNELS, PLAIN
from tests.paper.machine import CHANNEL, NTH, verb
from tests.paper.pencil import Amount, Claim

AMOUNT = st.one_of(
    st.builds(Amount, st.integers(1, 4)), st.builds(Amount, st.sampled_from((10, 35, 50)), st.just(True))
)
PATHS = (
    ["ask"],
    ["backorder", "ask"],
    ["substitute", "ask"],
    ["substitute", "backorder", "cancel"],
    ["other_location", "backorder", "substitute"],
    ["inbound", "cancel"],
)
POLICIES: tuple[dict[str, Any], ...] = (
    {"kind": "first_come"},
    {"kind": "channel_priority", "channels": ["shop3", "shop"]},
    {"kind": "customer_value"},
)


class Rules(Goods):
    """Sales, goods, and who may sell what."""

    def __init__(self) -> None:
        super().__init__()
        self.rule_ids: dict[int, tuple[str, str]] = {}

    @verb(sku=st.sampled_from(PLAIN[:3]), channel=CHANNEL, amount=AMOUNT, hard=st.booleans())
    def units_are_kept_for_a_channel(self, sku: str, channel: str, amount: Amount, hard: bool) -> None:
        word = "share" if hard else "reserve"
        text = f'over_allocation = true\n[[plan]]\nsku = "{sku}"\n[plan.channels.{channel}]\n{word} = {amount}\n'
        plan: PlanFile = read_plan_file(text.encode())
        done = put_plan(self.db, BOSS, plan)
        for ended in done.ended:
            self._ended(*self.rule_ids.pop(ended.rule_id))
        for made in done.added:
            self.rule_ids[made.rule_id] = ("keep", sku)
        base = {code: self.paper.taken(self.seen, sku, code) for code in CHANNELS}
        self.paper.kept[sku] = Claim(channel, amount, hard, base)

    @verb(sku=st.sampled_from(PLAIN), channel=CHANNEL, amount=AMOUNT)
    def a_buffer_is_set(self, sku: str, channel: str, amount: Amount) -> None:
        wish = RuleWish(Kind.BUFFER, sku=sku, channel=channel, amount=str(amount).strip('"'))
        done = set_rule(self.db, BOSS, wish)
        for ended in done.ended:
            self._ended(*self.rule_ids.pop(ended.rule_id))
        self.rule_ids[done.added[0].rule_id] = (channel, sku)
        self.paper.buffers[sku, channel] = amount

    def _ended(self, what: str, sku: str) -> None:
        if what == "keep":
            del self.paper.kept[sku]
        else:
            del self.paper.buffers[sku, what]

    @verb(nth=NTH)
    def a_rule_ends(self, nth: int) -> None:
        if self.rule_ids:
            rule_id = sorted(self.rule_ids)[nth % len(self.rule_ids)]
            end_rules(self.db, BOSS, [rule_id])
            self._ended(*self.rule_ids.pop(rule_id))

    @verb(2, channel=CHANNEL, path=st.sampled_from(PATHS), backorder=st.booleans(), oversell=st.sampled_from((0, 0, 3)))
    def a_path_changes(self, channel: str, path: list[str], backorder: bool, oversell: int) -> None:
        set_channel_rules(self.db, BOSS, channel, {"path": path, "backorder": backorder, "oversell": oversell})
        self.paper.beyond[channel] = oversell

    @verb(2, channel=CHANNEL, days=st.sampled_from((-1, 0, 8, 40)))
    def goods_must_be_good_for_longer_or_less(self, channel: str, days: int) -> None:
        set_life(self.db, BOSS, channel, days)
        self.paper.life.pop(channel, None)
        if days >= 0:
            self.paper.life[channel] = days

    @verb(2, channel=st.sampled_from((*CHANNELS, "*")), approval=st.sampled_from(Approval))
    def the_matrix_changes(self, channel: str, approval: Approval) -> None:
        add_matrix_rule(self.db, BOSS, "*", channel, approval)
        self.paper.matrix[channel] = approval.value

    @verb(2, sku=st.sampled_from(PLAIN[:3]), instead=st.sampled_from((*PLAIN, "SPA")), automatic=st.booleans())
    def a_substitute_is_named(self, sku: str, instead: str, automatic: bool) -> None:
        if sku != instead:
            add_substitute(self.db, BOSS, sku, instead, automatic=automatic)
            self.paper.pairs[sku, instead] = automatic

    @verb(policy=st.sampled_from(POLICIES))
    def the_policy_changes(self, policy: dict[str, Any]) -> None:
        set_policy(self.db, BOSS, policy)
