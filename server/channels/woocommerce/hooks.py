"""The webhooks of ours in the shop. After more than five failures in a row it switches one off, and tells nobody."""

from server.calls.line import Line
from server.calls.troubles import Denied, Refused
from server.channels.woocommerce.asking import ask, rows_of

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated")


def keep_hooks(line: Line) -> None:
    """Make those that are missing, and switch on again those that were given up; nothing without ``delivery_url``.

    A key that may not touch webhooks is no trouble: polling finds the same orders, later.
    """
    url = str(line.settings.get("delivery_url") or "")
    if not url:
        return
    try:
        known = rows_of(ask(line, "webhooks", "GET", "/wc/v3/webhooks", query={"per_page": "100"}))
        ours = {str(hook.get("topic")): hook for hook in known if hook.get("delivery_url") == url}
        for topic in TOPICS:
            hook = ours.get(topic)
            if hook is None:
                _make(line, topic, url)
            elif hook.get("status") != "active":
                ask(line, "webhooks", "PUT", f"/wc/v3/webhooks/{hook.get('id')}", body={"status": "active"})
    except (Denied, Refused):
        return


def _make(line: Line, topic: str, url: str) -> None:
    secret = line.secret("webhook_secret")
    body = {"name": f"Packproof {topic}", "topic": topic, "delivery_url": url, "secret": secret}
    ask(line, "webhooks", "POST", "/wc/v3/webhooks", body=body)
