"""A dock that has a load gets the parcels that changed, and has the whole of it afterwards."""

from dataclasses import replace

from server import wire
from server.domain.benchwork.handoff import DockParcel, ParcelState
from server.domain.dock import groups
from server.domain.dock.groups import GROUPS, WIDTH, group_of, in_order, named, renewed, unsure
from station.desks import load_news
from station.desks.load_news import LoadNews
from tests import builders

PARCELS = in_order(builders.parcel(str(number)) for number in range(40))


def digests(*odd: int) -> list[str]:
    """Of every group, and of the names behind them; these are another than usual."""
    return [("B" if n in odd else "A") * WIDTH for n in range(GROUPS + 1)]


def answered(version: str, parcels: tuple[DockParcel, ...] = PARCELS, base: str = "", *which: int) -> wire.LoadAnswer:
    return wire.LoadAnswer(load=builders.load(parcels), version=version, base=base, groups=which)


def test_only_groups_that_are_another_are_named_and_all_of_them_where_most_are_or_a_name_is() -> None:
    seen = named("v1", digests())
    assert groups.others(seen, digests()) == ()
    assert groups.others(seen, digests(3, 77)) == (3, 77)
    assert groups.others(unsure(seen), digests(3)) == (3,)
    assert groups.others(seen, digests(*range(groups.MOST + 1))) is None
    assert groups.others(seen, digests(GROUPS)) is None, "a name is another: any parcel may show it"
    for odd in ("", "v1", "v1.AAAA", f"{seen}A"):
        assert groups.others(odd, digests()) is None


def test_a_parcel_that_is_gone_is_not_among_the_fresh_ones_of_its_group_and_not_here_any_more() -> None:
    gone, moved = PARCELS[7], PARCELS[9]
    touched = {group_of(gone.parcel_id), group_of(moved.parcel_id)}
    after = replace(moved, state=ParcelState.LOADED, load_id="L-1", loaded_at=5.0)
    now = in_order((*(p for p in PARCELS if p not in (gone, moved)), after))
    fresh = [p for p in now if group_of(p.parcel_id) in touched]
    assert renewed(PARCELS, touched, fresh) == now
    assert now[0] == after, "what is loaded comes first"


def test_changes_to_a_picture_that_the_dock_does_not_have_are_refused_and_all_of_it_is_asked_for() -> None:
    news = LoadNews()
    assert news.question() == ""
    whole = news.completed(answered("v1"))
    assert whole is not None
    news.took(whole)
    assert news.question() == "v1"
    assert news.completed(answered("v3", PARCELS[:1], "v2", 1)) is None
    assert news.question() == ""


def test_now_and_then_a_dock_asks_more_closely_and_seldom_for_everything() -> None:
    news = LoadNews()
    news.took(answered("v1.AAAA"))
    news.completed(answered("v1.AAAA"))
    news._closely_at -= load_news.CLOSELY_SECONDS + 1
    assert [news.question(), news.question()] == [".AAAA", "v1.AAAA"]
    news._whole_at -= load_news.WHOLE_SECONDS + 1
    assert news.question() == ""
