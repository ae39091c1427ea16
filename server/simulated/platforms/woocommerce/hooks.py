"""The shop's webhooks, and the ping that each one begins with."""

from typing import TYPE_CHECKING, Any

from server.simulated.platforms.base import Ask, Message, Said
from server.simulated.platforms.woocommerce.errors import Problem, bad
from server.simulated.platforms.woocommerce.views import local, row_fields

if TYPE_CHECKING:
    from server.simulated.platforms.woocommerce import WooCommerce

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated")


def hook(shop: "WooCommerce", topic: str, url: str, secret: str = "", name: str = "") -> dict[str, Any]:
    """A webhook that is active."""
    secret = secret or shop.webhook_secret
    made = {"id": shop.next_id(), "topic": topic, "delivery_url": url, "secret": secret, "status": "active"}
    return made | {"name": name or topic, "at": shop.now()}


def many(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET webhooks."""
    return Said.of([row_fields(ask, _view(each)) for each in shop.hooks])


def make(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """POST webhooks: the ping is no JSON and not signed."""
    body = ask.json()
    if body.get("topic") not in TOPICS or not body.get("delivery_url"):
        raise bad("topic, delivery_url")
    made = hook(shop, body["topic"], body["delivery_url"], body.get("secret", ""), body.get("name", ""))
    shop.hooks.append(made)
    form = {"content-type": "application/x-www-form-urlencoded"}
    shop.outgoing.append(Message(form, f"webhook_id={made['id']}".encode(), due=shop.now()))
    return Said.of(_view(made), 201)


def change(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """PUT webhooks/{id}."""
    for each in shop.hooks:
        if str(each["id"]) == ids[0]:
            each.update({name: value for name, value in ask.json().items() if name in ("status", "name", "secret")})
            return Said.of(_view(each))
    raise Problem("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404)


def _view(each: dict[str, Any]) -> dict[str, Any]:
    resource, _, event = each["topic"].partition(".")
    times = local("date_created", each["at"]) | local("date_modified", each["at"])
    named = {name: each[name] for name in ("id", "name", "status", "topic", "delivery_url")}
    return {**named, "resource": resource, "event": event, "hooks": [f"woocommerce_{event}_{resource}"], **times}
