"""Whatever happens to the stock book in whatever order, a person with a pencil comes to the same numbers."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase
from hypothesis.stateful import run_state_machine_as_test

from tests.paper.ground import Ground, prepared
from tests.paper.running import machine_on, settings_for


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A small house on each engine; every example gets a copy of it."""
    server = "" if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    with prepared(tmp_path_factory.mktemp("house"), server) as found:
        yield found


def test_the_book_is_what_a_person_with_a_pencil_would_have_after_every_step(ground: Ground) -> None:
    run_state_machine_as_test(machine_on(ground), settings=settings_for(10, steps=20, phases=[Phase.generate]))
