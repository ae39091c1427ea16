"""How people sign in at a bench beyond their badge: a PIN, a badge lent for the day, their language and theme."""

import secrets
from typing import Any

from sqlalchemy.exc import IntegrityError

from server.db import people as rows
from server.db import sites
from server.db.catalogue import raise_version
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.lots import day_in
from server.domain.errors import DomainError
from server.domain.people import LANGUAGES, PIN_LENGTH, Theme, is_pin, pin_hash
from server.usecases.staff.people import checked_badge

SALT_BYTES = 16


def set_pin(db: Database, actor: Actor, person_id: int, pin: str | None) -> None:
    """Ask for this PIN after the person's badge from now on, or for none; raise DomainError("invalid")."""
    if pin is not None and not is_pin(pin):
        low, high = PIN_LENGTH
        # What was typed is not repeated: it may be most of somebody's PIN.
        raise DomainError("invalid", f"expected a PIN of {low} to {high} digits, found {len(pin)} characters")
    hashed = pin_hash(pin, secrets.token_bytes(SALT_BYTES)) if pin else None
    with transaction(db, actor, "set_pin") as tx:
        rows.change_person(tx, person_id, pin_hash=hashed)
        _changed(tx, "person.pin", person_id, {"has_pin": bool(pin)})


def lend_badge(db: Database, actor: Actor, person_id: int, badge: str, *, site: str = "", by: str = "") -> str:
    """Let this badge open benches for the person today and on no other day; return the day (ISO) by the site's clock.

    A badge lent before opens nothing any more. Raise DomainError("not_found"), ("invalid").
    """
    try:
        with transaction(db, actor, "lend_badge") as tx:
            where = sites.by_code(tx.connection, site) if site else sites.all_sites(tx.connection)[0]
            day, digest = day_in(tx.now, where.time_zone).isoformat(), checked_badge(badge)
            owner = rows.by_badge(tx.connection, digest)
            if owner is not None:
                raise DomainError("invalid", f"this badge belongs to {owner.name} already")
            rows.change_person(tx, person_id, day_badge_digest=digest, day_badge_day=day)
            _changed(tx, "person.day_badge", person_id, {"day": day, "by": by})
    except IntegrityError as error:
        raise DomainError("invalid", "this badge is lent to somebody else already") from error
    return day


def set_tastes(db: Database, actor: Actor, person_id: int, language: str | None, theme: str | None) -> None:
    """The language and theme of a bench while this person works there; None leaves one, "" is the bench's own."""
    if language and language not in LANGUAGES:
        raise DomainError("invalid", f"expected a language of {', '.join(LANGUAGES)}, found {language!r}")
    if theme and theme not in set(Theme):
        raise DomainError("invalid", f"expected a theme of {', '.join(Theme)}, found {theme!r}")
    chosen = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    with transaction(db, actor, "set_tastes") as tx:
        rows.change_person(tx, person_id, **chosen)
        _changed(tx, "person.tastes", person_id, chosen)


def _changed(tx: Transaction, action: str, person_id: int, detail: dict[str, Any]) -> None:
    raise_version(tx)
    tx.note(action, detail, person=person_id)
