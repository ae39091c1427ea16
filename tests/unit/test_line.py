"""A call waits its turn for a moment, and for no longer although the limit turns out to be narrower."""

import httpx
import pytest

from server.calls.line import Line, Reply
from server.calls.pace import Limit, Pace
from server.calls.troubles import Away, Throttled


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


def test_what_is_no_json_is_not_repeated_for_half_a_token_is_a_secret_too() -> None:
    reply = Reply(200, httpx.Headers({"content-type": "application/json"}), b'{"access_token": "Atza|SECRET')
    with pytest.raises(Away) as told:
        reply.json()
    assert "SECRET" not in told.value.detail
    assert "29 bytes" in told.value.detail


def test_half_a_character_becomes_the_sign_for_one_that_is_lost() -> None:
    reply = Reply(200, httpx.Headers(), b'{"a": "x\\ud83d", "b": "\\ud83d\\ude00", "c": "\\\\ud83d"}')
    assert reply.json() == {"a": "x\ufffd", "b": "\U0001f600", "c": "\\ud83d"}
