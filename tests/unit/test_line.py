"""A call waits its turn for a moment, and for no longer although the limit turns out to be narrower."""

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server.calls.line import Line, Reply
from server.calls.pace import Limit, Pace
from server.calls.troubles import Away, Denied, Throttled, Trouble
from tests.unit.crowd import Crowd


def a_line(clock: list[float]) -> Line:
    pace = Pace({"orders": Limit(1.0, 1.0)}, lambda: clock[0])
    return Line(
        "shop", {}, httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))), lambda: 0.0, pace
    )


def test_a_limit_that_narrows_while_a_call_waits_ends_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, slept = [0.0], []
    line = a_line(clock)
    line.call("orders", "GET", "https://shop.test/")

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds
        line.pace.shut("orders", 3600.0)

    monkeypatch.setattr("server.calls.line.time.sleep", sleep)
    with pytest.raises(Throttled) as told:
        line.call("orders", "GET", "https://shop.test/")
    assert slept == [1.0]
    assert told.value.after > 3000


TROUBLES = (Away("dead", maybe_done=True), Throttled("too many", 7.0), Denied("revoked"))


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: type(each).__name__)
def test_whoever_waited_for_a_token_that_could_not_be_had_hears_so_at_once_and_the_next_one_tries(
    trouble: Trouble,
) -> None:
    line = a_line([0.0])
    crowd, tried = Crowd(line, 4), []

    def renew() -> tuple[str, float]:
        tried.append(1)
        assert crowd.full.wait(10)
        raise trouble

    def told(_: int) -> tuple[type[Trouble], dict[str, object]]:
        with pytest.raises(Trouble) as heard:
            line.token("access", renew)
        return type(heard.value), vars(heard.value)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(told, range(4))) == [(type(trouble), vars(trouble))] * 4
    assert len(tried) == 1
    assert line.token("access", lambda: ("T1", 60.0)) == "T1"


def test_a_token_that_needs_another_one_gets_it_and_names_do_not_wait_for_each_other() -> None:
    line = a_line([0.0])

    def outer() -> tuple[str, float]:
        with pytest.raises(Away):
            line.token("inner", lambda: _raise(Away("not yet")))
        inner = line.token("inner", lambda: ("in", 60.0))
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(line.token, "other", lambda: ("own", 60.0)).result(10)
        return f"{inner} {other} {line.token('outer', lambda: ('out', 60.0))}", 60.0

    assert line.token("outer", outer) == "in own out"


def _raise(trouble: Trouble) -> tuple[str, float]:
    raise trouble


def test_a_secret_that_was_typed_with_a_line_end_is_the_secret() -> None:
    line = a_line([0.0])
    line.settings = {"key": " SECRET-KEY\r\n", "none": " \n"}
    assert line.secret("key") == "SECRET-KEY"
    with pytest.raises(Denied, match="none: expected a secret"):
        line.secret("none")


@pytest.mark.parametrize("secret", ["SECRET\nKEY", "SECRET\u2026KEY"])
def test_a_request_that_cannot_be_written_does_not_say_what_was_in_it(secret: str) -> None:
    """Over a socket, since it is the writing to it that fails."""
    with socket.create_server(("127.0.0.1", 0)) as server, httpx.Client() as client:
        line = a_line([0.0])
        line.client = client
        with pytest.raises(Away) as told:
            where = f"http://127.0.0.1:{server.getsockname()[1]}/"
            line.call("asking", "GET", where, headers={"Authorization": f"Bearer {secret}"})
    assert told.value.detail in ("LocalProtocolError", "UnicodeEncodeError")


def test_an_address_that_is_not_there_says_why() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)

    line = a_line([0.0])
    line.client = httpx.Client(transport=httpx.MockTransport(nobody))
    with pytest.raises(Away, match=r"^ConnectError: \[Errno 111\] Connection refused$") as told:
        line.call("asking", "GET", "https://shop.test/?key=SECRET")
    assert not told.value.maybe_done


def test_what_is_no_json_is_not_repeated_for_half_a_token_is_a_secret_too() -> None:
    reply = Reply(200, httpx.Headers({"content-type": "application/json"}), b'{"access_token": "Atza|SECRET')
    with pytest.raises(Away) as told:
        reply.json()
    assert "SECRET" not in told.value.detail
    assert "29 bytes" in told.value.detail


def test_half_a_character_becomes_the_sign_for_one_that_is_lost() -> None:
    reply = Reply(200, httpx.Headers(), b'{"a": "x\\ud83d", "b": "\\ud83d\\ude00", "c": "\\\\ud83d"}')
    assert reply.json() == {"a": "x\ufffd", "b": "\U0001f600", "c": "\\ud83d"}
