"""The seventh channel: a shop of one's own, which signs its orders and believes the newest version of each number."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

from server.db.transaction import Actor, Database
from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.usecases.sales.intake import take_webhook
from tests.book import SECRET, SHIP_TO

_MESSAGES = itertools.count(1)


class OwnShop(Simulated):
    """Speaks the documented words of a custom channel."""

    KIND = "custom"
    HOST = "shop.test"

    def settings(self, base: str = "") -> dict[str, Any]:
        """See Simulated."""
        return {"secret": SECRET, "webhook_url": f"{base or self.base()}/packproof"}

    def route(self, ask: Ask) -> Said:
        """Take a stock number that is newer than the last; everything else is heard and forgotten."""
        at = datetime.fromtimestamp(int(ask.headers["webhook-timestamp"]), UTC)
        signature = Webhook(SECRET).sign(ask.headers["webhook-id"], at, ask.body.decode())
        if signature != ask.headers["webhook-signature"]:
            return Said(401)
        told = ask.json()
        if told["type"] == "stock.updated":
            data = told["data"]
            item = self.market.item(data["sku"])
            if data["version"] > item.extra.get("version", 0):
                item.extra["version"] = data["version"]
                self.market.write(item.ref, data["available"])
        return Said()

    def messages_of(self, what: str, sale: Any) -> list[Message]:
        """The order, signed; nothing else is told."""
        if what != "created":
            return []
        body = json.dumps(
            {
                "order_id": sale.ref,
                "paid": True,
                "currency": "USD",
                "ship_to": SHIP_TO,
                "placed_at": datetime.fromtimestamp(sale.placed_at, UTC).isoformat(),
                "lines": [{"line_id": x.line_id, "sku": x.sku, "quantity": x.quantity} for x in sale.lines],
            }
        ).encode()
        message = f"msg_{next(_MESSAGES)}"
        at = datetime.now(UTC)
        headers = {
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(message, at, body.decode()),
        }
        return [Message(headers, body, about=sale.ref)]

    @staticmethod
    def bring(db: Database, channel: str, message: Message) -> None:
        """The order arrives; raise DomainError where it is not taken."""
        take_webhook(db, Actor(f"channel:{channel}"), channel, message.headers, message.body)
