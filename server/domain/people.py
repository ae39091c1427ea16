"""Who may do what."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is trusted with; a person can hold several. The last two are rights that no job brings along."""

    PACKER = "packer"
    DOCK = "dock"
    SUPERVISOR = "supervisor"
    DESK = "desk"
    ADMIN = "admin"
    FORCE_VERIFY = "force-verify"
    """May verify a unit by hand, with a reason; each is reported."""
    ATTACH_CODES = "attach-codes"
    """May teach an unknown barcode at the bench; supervisors may too."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in by badge or password."""

    person_id: int
    name: str
    roles: frozenset[Role]


def badge_digest(text: str) -> str:
    """What is stored and compared instead of a badge's own text (SHA-256, hex)."""
    return hashlib.sha256(f"badge:{text.strip().upper()}".encode()).hexdigest()


class Theme(StrEnum):
    """How a bench's screen is coloured."""

    DARK = "dark"
    BRIGHT = "bright"
    CONTRAST = "contrast"
    PLAIN = "plain"
    """No colour at all."""


LANGUAGES = ("en", "de")
"""Those a bench's screen speaks; the first has every sentence."""

PIN_LENGTH = (4, 8)
_COST, _BLOCK = 2**14, 8
"""What scrypt is asked for (RFC 7914): 16 MB and about 50 ms for each try."""


def is_pin(text: str) -> bool:
    """Whether the text is 4 to 8 digits."""
    return text.isascii() and text.isdecimal() and PIN_LENGTH[0] <= len(text) <= PIN_LENGTH[1]


def pin_hash(pin: str, salt: bytes) -> str:
    """What is stored instead of a PIN. It guards against a found badge; so few digits stop nobody who has the hash."""
    made = hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=1, dklen=32)
    return f"scrypt:{salt.hex()}:{made.hex()}"


def pin_fits(stored: str, pin: str) -> bool:
    """Whether this is the PIN; False for a stored text that is no hash of ours."""
    kind, _, rest = stored.partition(":")
    salt = rest.partition(":")[0]
    if kind != "scrypt" or not salt:
        return False
    return hmac.compare_digest(stored.encode(), pin_hash(pin, bytes.fromhex(salt)).encode())
