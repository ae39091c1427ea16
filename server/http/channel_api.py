"""What channels call: custom ones with orders and cancellations, platforms with their messages. Holds no rules."""

from starlette.responses import Response

from server.db.transaction import Actor
from server.http.access import CHANNEL
from server.http.call import Call
from server.http.routing import route
from server.usecases.booking.window import window_of
from server.usecases.sales.cancel import cancel_webhook
from server.usecases.sales.changing import address_webhook, lines_webhook
from server.usecases.sales.intake import take_webhook
from server.usecases.sales.payments import fraud_webhook, payment_webhook
from server.usecases.sales.till import till_webhook
from server.usecases.talking import hearing


def take(call: Call) -> Response:
    """201 on the first delivery, 200 on every other."""
    channel = call.path("channel")
    book = call.services.book
    decide = None if book is None else window_of(call.db, book).take
    status, body = take_webhook(call.db, _actor(call), channel, _headers(call), call.body, decide=decide)
    return Response(body, status, media_type="application/json")


def cancel(call: Call) -> Response:
    """200 also when it had been cancelled; 409 already_shipped when it has left."""
    order = (call.path("channel"), call.path("channel_order_id"))
    return Response(
        cancel_webhook(call.db, _actor(call), order, _headers(call), call.body), 200, media_type="application/json"
    )


def cancel_lines(call: Call) -> Response:
    """Some units of some lines; 409 already_packed or already_shipped when it is too late."""
    return _told(lines_webhook(call.db, _actor(call), _place(call), _headers(call), call.body))


def change_address(call: Call) -> Response:
    """Another address; after the label was bought packing is blocked, after it left 409 already_shipped."""
    return _told(address_webhook(call.db, _actor(call), _place(call), _headers(call), call.body))


def payment(call: Call) -> Response:
    """Money came, failed or went back."""
    return _told(payment_webhook(call.db, _actor(call), _place(call), _headers(call), call.body))


def fraud(call: Call) -> Response:
    """Suspected of fraud, or cleared."""
    return _told(fraud_webhook(call.db, _actor(call), _place(call), _headers(call), call.body))


def till_sale(call: Call) -> Response:
    """A receipt: reserved and shipped in one step, whatever the book has."""
    return _told(till_webhook(call.db, _actor(call), call.path("channel"), _headers(call), call.body))


def message(call: Call) -> Response:
    """A platform's webhook: kept and answered; what it is about is looked at afterwards."""
    body = hearing.hear(call.db, call.lines, call.path("channel"), _headers(call), call.body)
    return Response(body, 200, media_type="application/json")


def greeting(call: Call) -> Response:
    """A platform checks our address."""
    query = dict(call.request.query_params)
    return Response(hearing.greet(call.db, call.lines, call.path("channel"), query), media_type="application/json")


def _told(body: str) -> Response:
    return Response(body, 200, media_type="application/json")


def _place(call: Call) -> tuple[str, str]:
    return call.path("channel"), call.path("channel_order_id")


def _actor(call: Call) -> Actor:
    return Actor(f"channel:{call.path('channel')}"[:120], "", call.request_id)


def _headers(call: Call) -> dict[str, str]:
    return {k.lower(): v for k, v in call.request.headers.items()}


ROUTES = [
    route("POST", "/channels/{channel}/orders", take, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/cancel", cancel, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/cancel-lines", cancel_lines, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/address", change_address, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/payment", payment, CHANNEL),
    route("POST", "/channels/{channel}/orders/{channel_order_id:path}/fraud", fraud, CHANNEL),
    route("POST", "/channels/{channel}/till-sales", till_sale, CHANNEL),
    route("POST", "/channels/{channel}/messages", message, CHANNEL),
    route("GET", "/channels/{channel}/messages", greeting, CHANNEL),
]
