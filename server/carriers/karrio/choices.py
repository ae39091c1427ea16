"""What an account's settings say, read once and strictly: the library itself drops what it does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from server.calls.line import bound
from server.carriers import Account
from server.domain.errors import DomainError
from server.trade.shipping import Consignment

_OURS = frozenset(
    {"carrier", "test", "services", "hazmat_services", "options", "label", "origin", "config", "customs_signer"}
)
_AT_HOME = frozenset({"usps"})
"""Carriers whose package of the library takes no parcel over a border; it has another for that (usps_international)."""
_NEVER = frozenset({"id", "carrier_id", "metadata", "config", "test_mode"})
"""What the library calls a setting and is none of the owner's credentials."""
_ORDINARY: Mapping[str, tuple[str, ...]] = {
    "usps": ("usps_ground_advantage", "usps_priority_mail", "usps_priority_mail_express"),
}
"""What takes any parcel from anybody, where a carrier has more than that. The others of USPS are cheaper and for some
goods or senders only (Domestic Mail Manual: media and library mail 273, bound printed matter 263, matter for the blind
703.5, parcel select and connect by agreement): nobody gets them without naming them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The owner's choices for one carrier account."""

    carrier: str
    """As the library calls it: ups, usps, fedex, dhl_parcel_de."""
    test: bool = False
    services: tuple[str, ...] = ()
    """Those that may be offered and bought; empty: the carrier's ordinary ones."""
    hazmat_services: tuple[str, ...] = ()
    """Those that may take dangerous goods, by the owner's word; empty: none."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """For every parcel: signature_confirmation = true."""
    label: Literal["ZPL", "PDF"] = "ZPL"
    origin: Mapping[str, str] = field(default_factory=dict)
    """The address on a closing form: name, company, street, city, region, postcode, country, phone."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The library's own settings of a carrier, passed on."""
    customs_signer: str = ""
    """Who signs for customs; empty: no parcel crosses a border."""
    names: tuple[str, ...] = ()
    """Every name in the settings that is none of the above: credentials, or their files."""

    @property
    def abroad(self) -> bool:
        """Whether parcels may cross a border."""
        return bool(self.customs_signer) and self.carrier not in _AT_HOME

    def check(self, known: Any) -> None:
        """Hold everything against what the library knows of the carrier; raise DomainError("invalid")."""
        credentials = {each.name: each for each in known.Settings.__attrs_attrs__ if each.name not in _NEVER}
        for name in self.names:
            _one_of("settings", name.removesuffix("_file"), [*credentials, *_OURS])
        for name, each in credentials.items():
            if each.default is _nothing() and not {name, f"{name}_file"} & set(self.names):
                raise DomainError("invalid", f"{name}: expected it or {name}_file in the settings, found neither")
        services = services_of(known)
        for name in (*self.services, *self.hazmat_services):
            _one_of("services", name, services)
        for name in self.options:
            _one_of("options", name, options_of(known))

    def services_for(self, consignment: Consignment) -> tuple[str, ...] | None:
        """The services this parcel may take; None: all of the carrier's."""
        if consignment.hazmat:
            return tuple(each for each in self.hazmat_services if not self.services or each in self.services)
        return self.services or _ORDINARY.get(self.carrier)


def choices_of(account: Account) -> Choices:
    """The settings of an account; raise DomainError("invalid") naming what is wrong."""
    s = account.settings
    label = str(s.get("label") or "zpl").upper()
    if label not in ("ZPL", "PDF"):
        raise DomainError("invalid", f'label: expected "zpl" or "pdf", found {label.lower()!r}')
    return Choices(
        carrier=bound(s, "carrier", 'the name of a carrier, as "ups"').lower(),
        test=_kind(s, "test", bool, False),
        services=tuple(str(each) for each in _kind(s, "services", list, [])),
        hazmat_services=tuple(str(each) for each in _kind(s, "hazmat_services", list, [])),
        options=_kind(s, "options", dict, {}),
        label="ZPL" if label == "ZPL" else "PDF",
        origin={str(k): str(v) for k, v in _kind(s, "origin", dict, {}).items()},
        config=_kind(s, "config", dict, {}),
        customs_signer=_kind(s, "customs_signer", str, "").strip(),
        names=tuple(sorted(set(s) - _OURS)),
    )


def services_of(known: Any) -> tuple[str, ...]:
    """The services of a carrier, as the library calls them."""
    return tuple(known.services.__members__) if known.services is not None else ()


def options_of(known: Any) -> tuple[str, ...]:
    """The options of a carrier; those the library has for all carriers count where this one maps them."""
    return tuple(known.options.__members__) if known.options is not None else ()


def credentials_of(known: Any, choices: Choices) -> tuple[str, ...]:
    """The names of the credentials that the settings give, themselves or as a file."""
    fields = [each.name for each in known.Settings.__attrs_attrs__ if each.name not in _NEVER]
    return tuple(name for name in fields if {name, f"{name}_file"} & set(choices.names))


def _kind(settings: Mapping[str, Any], name: str, kind: type, otherwise: Any) -> Any:
    found = settings.get(name, otherwise)
    if not isinstance(found, kind):
        words = {bool: "true or false", list: "a list", dict: "a table"}
        raise DomainError("invalid", f"{name}: expected {words[kind]}, found {found!r}"[:200])
    return found


def _one_of(what: str, name: str, known: Iterable[str]) -> None:
    known = list(known)
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.3) or sorted(known)[:5]
        raise DomainError("invalid", f"{what}: expected one of this carrier's, as {', '.join(near)}, found {name!r}")


def _nothing() -> Any:
    import attr

    return attr.NOTHING
