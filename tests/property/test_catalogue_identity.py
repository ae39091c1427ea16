"""What holds for every word, number and group of a catalogue."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from scanners.barcode import parse
from server.domain.masterdata.aliases import Alias, alias_key, clash
from server.domain.masterdata.drift import Key, Subject, compare, price_fact
from server.domain.masterdata.gtins import check_digit, gtin_flaw
from server.domain.masterdata.lookalikes import Indistinct, Member, ToldApart, told_apart

SKUS = ("A", "B", "a1", "C")
WORDS = st.sampled_from(["a", "A", " b", "x", "X ", "a1", "A1", "y"])
CHANNELS = st.sampled_from(["", "ebay", "amazon"])
ALIASES = st.lists(st.builds(Alias, WORDS, st.sampled_from(SKUS), CHANNELS), max_size=12)
KEYS = st.builds(Key, st.sampled_from(Subject), st.sampled_from("pqr"))
NIGHT = st.dictionaries(KEYS, st.sampled_from(["1", "2"]))


def meanings(saved: list[Alias], channel: str, text: str) -> set[str]:
    """Everything that an order's text could mean, the slow obvious way."""
    words = {a.sku for a in saved if a.channel in ("", channel) and a.key == alias_key(text)}
    return words | {sku for sku in SKUS if sku == text}


@given(ALIASES, CHANNELS, WORDS)
def test_whatever_is_asked_no_text_ever_means_two_products(asked: list[Alias], channel: str, text: str) -> None:
    saved: list[Alias] = []
    for alias in asked:
        refused = clash(alias, saved, SKUS)
        if refused is None:
            saved.append(alias)
        else:
            assert refused.sku != alias.sku, "refused for the product it means"
    assert len(meanings(saved, channel, text)) <= 1


@given(
    st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.from_regex(rf"\A[1-9][0-9]{{{n - 1}}}\Z")), st.integers(1, 9)
)
def test_any_single_wrong_digit_is_found_and_the_scanner_agrees(body: str, shift: int) -> None:
    right = f"{body}{check_digit(body)}"
    assert gtin_flaw(right) is None or "inside a shop" in str(gtin_flaw(right))
    if len(right) in (12, 13):
        assert (parse(right).gtin is not None) == (gtin_flaw(right) is None)
    for place, digit in enumerate(right):
        wrong = f"{right[:place]}{(int(digit) + shift) % 10}{right[place + 1 :]}"
        assert gtin_flaw(wrong) is not None


@given(st.lists(st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["1", "2", " "])), min_size=2, max_size=6))
def test_a_group_is_told_apart_exactly_when_the_attributes_allow_it(rows: list[Mapping[str, str]]) -> None:
    members = [Member(str(n), "Tin", "", row) for n, row in enumerate(rows)]
    full = [name for name in "xyz" if all(member.value(name) for member in members)]
    distinct = len({tuple(m.value(n) for n in full) for m in members}) == len(members)
    told = told_apart(members)
    assert isinstance(told, ToldApart) == distinct
    if isinstance(told, ToldApart):
        assert len(set(told.says.values())) == len(members)
    else:
        assert isinstance(told, Indistinct)
        assert told.one != told.other


@given(NIGHT, NIGHT)
def test_the_changes_turn_one_night_into_the_next(before: dict[Key, str], now: dict[Key, str]) -> None:
    night = dict(before)
    for change in compare(before, now):
        key = Key(change.subject, change.key)
        assert night.get(key) == change.before
        if change.after is None:
            del night[key]
        else:
            night[key] = change.after
    assert night == now


@given(st.decimals(-(10**6), 10**6, allow_nan=False, places=3))
def test_a_price_is_the_same_however_it_is_written(amount: object) -> None:
    said = price_fact(str(amount), "EUR")
    assert price_fact(f"{amount}00", "EUR") == said
    assert price_fact(said.removesuffix(" EUR"), "EUR") == said
