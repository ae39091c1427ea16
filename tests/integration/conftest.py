"""A warehouse behind real routes and a real socket. One server serves all tests; each gives it its own database."""

from collections.abc import Iterator
from itertools import chain

import httpx
import pytest
from starlette.applications import Starlette

from server.http import bench_api, dock_api, labels_api, loads_api, picking_api
from server.http.call import Services
from tests.book import Shop, listening
from tests.floor import Floor, make_floor
from tests.serving import uvicorn_of


@pytest.fixture(scope="session")
def bench_app() -> Iterator[tuple[Starlette, httpx.Client]]:
    """The bench routes, and a client that reaches them."""
    routes = (bench_api.ROUTES, dock_api.ROUTES, labels_api.ROUTES, loads_api.ROUTES, picking_api.ROUTES)
    app = Starlette(routes=[*chain(*routes)])
    with uvicorn_of(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield app, client


@pytest.fixture
def floor(bench_app: tuple[Starlette, httpx.Client], services: Services) -> Floor:
    """A warehouse with stock, a shop and people, on a fresh database of either engine."""
    app, client = bench_app
    app.state.services = services
    return make_floor(services, client)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop that listens."""
    with listening() as shop:
        yield shop
