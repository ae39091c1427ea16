"""What a channel is told of a kit: its scarcest component decides, and what was built already comes on top."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.domain.sharing.offers import Cut, Offer, Pool, Standing, offer


class KitPart(NamedTuple):
    """A leaf component: units of it in one kit, and what each channel is told of it."""

    sku: str
    each: int
    offers: Mapping[str, Offer]


class KitPool(NamedTuple):
    """A kit's own pre-built stock, its leaf components (each once), and the kits that could be made of them now.

    ``makeable`` is the sum over sites, since a kit is made of what lies at one site; None where no component takes
    stock (all made to order).
    """

    own: Pool
    parts: Sequence[KitPart]
    makeable: int | None


def kit_units(parts: Sequence[tuple[int, int]], prebuilt: int = 0) -> int:
    """min over components of units // units in one kit, plus those built already.

    ``parts``: (units of the component, units of it in one kit), leaf components, each once.
    """
    return prebuilt + min((max(units, 0) // each for units, each in parts), default=0)


def kit_offer(wide: Standing, named: Standing, kit: KitPool, channel: str) -> Offer:
    """``wide`` rules bind on the pre-built stock, ``named`` ones on the whole.

    What a channel may oversell are components: so many of a kit as each of them allows.
    """
    plain = kit.own._replace(beyond={})
    own = offer(wide, plain, channel, max(plain.available, 0), {})
    shown = kit_units([(part.offers[channel].units, part.each) for part in kit.parts])
    makeable = shown if kit.makeable is None else kit.makeable
    made = min(shown, makeable + (_oversold(kit, channel) if kit.makeable is not None else 0))
    kept = (_scarce(kit, channel, makeable - made),) if made < makeable else ()
    beyond = own.beyond
    if made > makeable:
        more = made - makeable
        beyond += (Cut(0, "oversell", "the channel", more, f"{channel} may still sell {more} beyond the stock"),)
    if kit.makeable is None and made:
        beyond += (Cut(0, "made_to_order", "the product", made, "made to order from its components"),)
    whole = own.units + made
    last = offer(named, plain._replace(available=whole, made_to_order=None), channel, whole, {})
    return Offer(last.units, (*own.withheld, *kept, *last.withheld), (*beyond, *last.beyond))


def _oversold(kit: KitPool, channel: str) -> int:
    """Kits that the channel may sell beyond the stock; a component made to order does not limit them."""
    beyond = [(part.each, part.offers[channel].beyond) for part in kit.parts]
    limited = [(each, cuts) for each, cuts in beyond if all(cut.kind == "oversell" for cut in cuts)]
    return min((sum(cut.units for cut in cuts) // each for each, cuts in limited), default=0)


def _scarce(kit: KitPool, channel: str, units: int) -> Cut:
    """The rule that keeps the scarcest component from this channel."""
    part = min(kit.parts, key=lambda part: part.offers[channel].units // part.each)
    told = part.offers[channel]
    cause = max(told.withheld, key=lambda cut: cut.units, default=Cut(0, "component", "", 0, "nothing is left of it"))
    sentence = f"{channel} is shown {told.units} {part.sku}, {part.each} in a kit: {cause.sentence}"
    return Cut(cause.rule_id, cause.kind, cause.owner, units, sentence)
