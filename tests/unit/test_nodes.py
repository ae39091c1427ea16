"""What a kind of node may do."""

import pytest

from server.domain.errors import DomainError
from server.domain.routes.nodes import Duty, Node, NodeKind, node_of


def test_benches_are_in_own_buildings_and_a_third_party_gets_a_file() -> None:
    own, other, store = (Node(1, "N", kind=kind) for kind in (NodeKind.OWN, NodeKind.THIRD_PARTY, NodeKind.STORE))
    assert [n.has(Duty.BENCH) for n in (own, other, store)] == [True, False, True]
    assert [n.has(Duty.ORDER_FILE) for n in (own, other, store)] == [False, True, False]
    assert [n.has(Duty.WAVES) for n in (own, other, store)] == [True, False, False]
    assert [n.has(Duty.DOCK) for n in (own, other, store)] == [True, False, True]


def test_a_node_is_read_from_data_and_a_mistake_is_named() -> None:
    data = {"open_days": [0], "cut_off": "12:00", "cut_offs": {"express": "18:00"}, "lead_days": 3, "services": ["sea"]}
    node = node_of(7, "WEST", data=data, kind="store", time_zone="America/Los_Angeles")
    assert (node.kind, node.lead_days, node.services) == (NodeKind.STORE, 3, frozenset({"sea"}))
    assert (node.calendar.cut_off, node.calendar.cut_off_of("express")) == (720, 1080)
    for wrong, words in (
        ({"cutoff": "12:00"}, "node WEST: expected capacity_per_day, .* found 'cutoff'"),
        ({"lead_days": -1}, "lead_days: expected a whole number from 0, found -1"),
        ({"services": "sea"}, "services: expected a list of str, found 'sea'"),
        ({"open_days": [9]}, "open days: expected numbers from 0"),
    ):
        with pytest.raises(DomainError, match=words):
            node_of(7, "WEST", data=wrong)
