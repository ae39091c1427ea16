"""A warehouse behind real routes and a real socket. One server serves all tests; each gives it its own database."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from server.http import bench_api
from server.http.call import Services
from tests.floor import Floor, make_floor


@pytest.fixture(scope="session")
def bench_app() -> Iterator[tuple[Starlette, httpx.Client]]:
    """The bench routes, and a client that reaches them."""
    app = Starlette(routes=list(bench_api.ROUTES))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.005)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    with httpx.Client(base_url=f"http://{host}:{port}", trust_env=False, timeout=30) as client:
        yield app, client
    server.should_exit = True
    thread.join(15)


@pytest.fixture
def floor(bench_app: tuple[Starlette, httpx.Client], services: Services) -> Floor:
    """A warehouse with stock, a shop and people, on a fresh database of either engine."""
    app, client = bench_app
    app.state.services = services
    return make_floor(services, client)
