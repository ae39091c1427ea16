"""The one-time join code."""

import base64

import pytest

from server.domain.errors import DomainError
from server.joincode import JoinCode, decode, encode

CODE = JoinCode("https://10.0.0.5:8765", "ab" * 32, "s3cret")


def made(body: str) -> str:
    return "PPJ1." + base64.urlsafe_b64encode(body.encode()).decode()


def test_a_code_survives_being_copied_over_several_lines() -> None:
    text = encode(CODE)
    assert text.startswith("PPJ1.")
    assert decode(f"  {text[:20]}\n{text[20:]} ") == CODE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello", "expected it to begin with PPJ1., found 'hello'"),
        ("PPJ1.%%%", "it is damaged; copy the whole code"),
        (encode(CODE)[:-9], "it is damaged; copy the whole code"),
        (made("[]"), "expected an address, a fingerprint and a secret inside"),
        (made('{"u": "ftp://x", "f": "", "s": "x"}'), "expected an http or https address inside, found 'ftp://x'"),
        (made('{"u": "http://x", "f": "", "s": ""}'), "expected a secret inside, found none"),
        (
            made('{"u": "https://x", "f": "", "s": "x"}'),
            "expected a fingerprint of 64 hex digits for https, found 0 characters",
        ),
    ],
)
def test_a_bad_code_says_what_is_wrong_with_it(text: str, why: str) -> None:
    with pytest.raises(DomainError) as caught:
        decode(text)
    assert caught.value.detail == f"This join code cannot be used: {why}."
