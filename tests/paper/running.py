"""Runs of the machine: a short one in the tests, a long one as a simulation."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.paper.floor_machine import StockMachine
from tests.paper.ground import Ground, prepared
from tests.postgres import postgres

STEPS = 60
"""Of each example of a long run."""


def machine_on(ground: Ground) -> type[StockMachine]:
    """The machine over copies of this ground."""

    class OnThis(StockMachine):
        pass

    OnThis.ground = ground
    return OnThis


def settings_for(examples: int, *, steps: int, phases: Sequence[Phase] = tuple(Phase)) -> settings:
    """So many histories of at most so many steps; each begins on a fresh copy, so none is ever too slow."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


def run_long(number: int, examples: int) -> None:
    """Both engines, from a seed; raise with the shortest history that goes wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        for name, address in (("sqlite", ""), ("postgresql", server)):
            place = Path(folder) / name
            place.mkdir()
            with prepared(place, address) as ground:
                seeded = seed(number)(machine_on(ground))
                run_state_machine_as_test(seeded, settings=settings_for(examples, steps=STEPS))
