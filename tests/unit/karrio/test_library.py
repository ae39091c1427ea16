"""The library is imported late, quietly and without harm, and can call nobody by itself."""

import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from textwrap import dedent

import pytest

from server.calls.troubles import Away
from server.carriers import Account, capabilities
from server.carriers.karrio.wire import Wire, home_of
from server.domain.errors import DomainError
from tests.karrio_here import needs_karrio
from tests.unit.karrio.places import UPS, Place, parcel, ups

needs_karrio()

late = import_module("server.carriers.karrio.library")


def test_importing_it_is_silent_and_leaves_certificate_checks_alone() -> None:
    script = """
        import ssl, sys
        from PIL import ImageFile
        import server.carriers.karrio as ours
        from server.carriers import Account
        assert "karrio" not in sys.modules, "imported before anybody needed it"
        before = ssl._create_default_https_context, ImageFile.LOAD_TRUNCATED_IMAGES
        settings = {"carrier": "ups", "client_id": "a", "client_secret": "b"}
        ours.capabilities(Account("a", "A", "karrio", settings=settings))
        assert "karrio" in sys.modules
        assert before == (ssl._create_default_https_context, ImageFile.LOAD_TRUNCATED_IMAGES)
    """
    command = [sys.executable, "-W", "error", "-c", dedent(script)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_the_extra_the_account_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "_loaded", [])
    monkeypatch.setitem(sys.modules, "loguru", None)
    checked = ssl._create_default_https_context
    with pytest.raises(DomainError, match=r'pip install "packproof\[karrio\]"') as told:
        capabilities(Account("a", "A", "karrio", settings=UPS))
    assert told.value.code == "invalid"
    assert ssl._create_default_https_context is checked


def test_it_can_call_nobody_without_a_line() -> None:
    late.library()
    lib, helpers = import_module("karrio.lib"), import_module("karrio.core.utils.helpers")
    for call in (lib.request, lib.request_with_response, helpers.request):
        with pytest.raises(RuntimeError, match="over a line"):
            call(url="https://onlinetools.ups.com/", method="GET")
    with pytest.raises(RuntimeError, match="over a line"):
        helpers.zpl_to_pdf("XlhB", 4, 6)


@pytest.mark.parametrize(
    "address", ["https://ups.com.evil.test/x", "https://evilups.com/x", "http://onlinetools.ups.com/x", "https:///x"]
)
def test_labels_and_tokens_go_to_the_carriers_own_machines_only(address: str) -> None:
    place = Place()
    with pytest.raises(Away, match=r"expected an address of ups\.com"):
        Wire(place.line({}), "ups.com", "quote").send(address, "GET", None, {})
    assert place.asked == []


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("https://onlinetools.ups.com", "ups.com"),
        ("https://apis.usps.com/x", "usps.com"),
        ("https://api.parcel.royalmail.co.uk", "royalmail.co.uk"),
        ("https://api-eu.dhl.com", "dhl.com"),
    ],
)
def test_a_carriers_own_machines_are_those_of_its_domain(address: str, home: str) -> None:
    assert home_of(address) == home


def test_several_threads_keep_their_lines_apart() -> None:
    places = [ups() for _ in range(4)]
    carriers = [place.carrier(UPS, client_id=f"id-{n}") for n, place in enumerate(places)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda carrier: [carrier.quote(parcel()) for _ in range(5)], carriers))
    assert [place.paths().count("/api/rating/v2409/Shop") for place in places] == [5, 5, 5, 5]
