"""The shop's routes: pages for buyers, JSON for tests, and the webhook that Packproof calls."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from server.simulated.shop.book import Book, SoldOut
from server.simulated.shop.faults import BrokenAnswer, Faults
from server.simulated.shop.mail import Postman

_pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)

BUYER = {
    "name": "Maya Ortega",
    "company": "",
    "lines": ["12 Orchard Lane"],
    "city": "Portland",
    "region": "OR",
    "postcode": "97205",
    "country": "US",
    "phone": "+1 503 555 0142",
    "email": "maya@example.com",
}
"""Who buys when nobody says who."""


def create_shop(book: Book, channel_url: str, secret: str) -> Starlette:
    """The shop over its book; it sends its orders to ``channel_url`` and trusts webhooks signed with ``secret``."""
    postman = Postman(book, channel_url, secret, threading.Event(), threading.Event())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        thread = threading.Thread(target=postman.run, name="postman")
        thread.start()
        yield
        postman.stop()
        thread.join()

    app = Starlette(lifespan=lifespan, routes=_ROUTES)
    app.state.book, app.state.secret, app.state.postman, app.state.faults = book, secret, postman, Faults()
    return app


async def _storefront(request: Request) -> Response:
    page = _pages.get_template("storefront.html")
    said = request.query_params.get("said", "")
    return HTMLResponse(page.render(products=_book(request).products(), buyer=BUYER, said=said))


async def _orders(request: Request) -> Response:
    book = _book(request)
    return HTMLResponse(_pages.get_template("orders.html").render(orders=book.orders(), told=book.told()[-20:]))


async def _buy_form(request: Request) -> Response:
    form = await request.form()
    ship_to = {**BUYER, **{k: str(form[k]) for k in ("name", "city") if form.get(k)}}
    try:
        _sell(request, {str(form.get("sku", "")): int(str(form.get("quantity", "1")))}, ship_to)
    except (SoldOut, ValueError):
        return RedirectResponse("/?said=Sorry,+there+is+not+enough+of+that.", 303)
    return RedirectResponse("/orders", 303)


async def _cancel_form(request: Request) -> Response:
    _cancelled(request)
    return RedirectResponse("/orders", 303)


async def _buy(request: Request) -> Response:
    """``{"lines": [{"sku", "quantity"}], "ship_to": {...}?, "note": ""?}``; 409 when the shop has not enough."""
    wanted = await request.json()
    lines: dict[str, int] = {}
    for line in wanted["lines"]:
        lines[line["sku"]] = lines.get(line["sku"], 0) + int(line["quantity"])
    try:
        order_id = _sell(request, lines, {**BUYER, **wanted.get("ship_to", {})}, wanted.get("note", ""))
    except SoldOut as error:
        return JSONResponse({"error": str(error)}, 409)
    return JSONResponse({"order_id": order_id}, 201)


async def _cancel(request: Request) -> Response:
    done = _cancelled(request)
    return JSONResponse({"cancelled": done}, 200 if done else 409)


async def _state(request: Request) -> Response:
    """Everything the shop knows: products, orders, what it was told, how many letters Packproof has not taken."""
    book = _book(request)
    found = {"products": book.products(), "orders": book.orders(), "told": book.told(), "unsent": book.unsent()}
    return JSONResponse(found)


async def _faults(request: Request) -> Response:
    try:
        fault = request.app.state.faults.arm(await request.json())
    except TypeError as error:
        return JSONResponse({"error": str(error)}, 422)
    return JSONResponse({"armed": fault.count})


async def _webhook(request: Request) -> Response:
    """What Packproof tells: the signature is checked over the raw bytes before anything is read from them."""
    raw = await request.body()
    try:
        Webhook(request.app.state.secret).verify(raw, dict(request.headers), json_parse=False)
    except WebhookVerificationError as error:
        return JSONResponse({"error": str(error)}, 401)
    message = json.loads(raw)
    fault = request.app.state.faults.take(str(message.get("type", "")))
    await asyncio.sleep(fault.delay)
    if fault.webhook_status:
        return JSONResponse({"error": "a fault on purpose"}, fault.webhook_status)
    verdict = _book(request).hear(request.headers["webhook-id"], message)
    return BrokenAnswer() if fault.drop_after_accept else JSONResponse({"verdict": verdict})


def _sell(request: Request, lines: dict[str, int], ship_to: dict[str, Any], note: str = "") -> str:
    order_id = _book(request).sell(lines, ship_to, note)
    request.app.state.postman.news.set()
    return order_id


def _cancelled(request: Request) -> bool:
    done = _book(request).cancel(str(request.path_params["order_id"]))
    request.app.state.postman.news.set()
    return done


def _book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book


_ROUTES = [
    Route("/", _storefront),
    Route("/orders", _orders),
    Route("/buy", _buy_form, methods=["POST"]),
    Route("/cancel/{order_id}", _cancel_form, methods=["POST"]),
    Route("/api/state", _state),
    Route("/api/buy", _buy, methods=["POST"]),
    Route("/api/cancel/{order_id}", _cancel, methods=["POST"]),
    Route("/api/faults", _faults, methods=["POST"]),
    Route("/packproof", _webhook, methods=["POST"]),
]
