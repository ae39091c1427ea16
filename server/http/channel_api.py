"""What custom channels call: orders and cancellations, signed bodies. Holds no rules."""

from starlette.responses import Response

from server.db.transaction import Actor
from server.http.access import CHANNEL
from server.http.call import Call
from server.http.routing import route
from server.usecases.cancel import cancel_webhook
from server.usecases.intake import take_webhook


def take(call: Call) -> Response:
    """201 on the first delivery, 200 on every other."""
    channel = call.path("channel")
    status, body = take_webhook(call.db, _actor(call), channel, _headers(call), call.body)
    return Response(body, status, media_type="application/json")


def cancel(call: Call) -> Response:
    """200 also when it had been cancelled; 409 already_shipped when it has left."""
    order = (call.path("channel"), call.path("channel_order_id"))
    return Response(
        cancel_webhook(call.db, _actor(call), order, _headers(call), call.body), 200, media_type="application/json"
    )


def _actor(call: Call) -> Actor:
    return Actor(f"channel:{call.path('channel')}"[:120], "", call.request_id)


def _headers(call: Call) -> dict[str, str]:
    return {k.lower(): v for k, v in call.request.headers.items()}


ROUTES = [
    route("POST", "/channels/{channel}/orders", take, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/cancel", cancel, CHANNEL),
]
