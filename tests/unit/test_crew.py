"""Calls run beside each other, whatever one of them waits for, by threads that are kept."""

import threading

from server.crew import Crew


def test_a_call_that_hangs_keeps_no_other_waiting_and_a_thread_that_is_free_is_used_again() -> None:
    crew, go_on, said = Crew("crew-of-this-test"), threading.Event(), list[str]()
    first, second, third = threading.Event(), threading.Event(), threading.Event()

    def say(word: str, done: threading.Event, until: threading.Event | None = None) -> None:
        if until is not None:
            until.wait(10)
        said.append(word)
        done.set()

    crew.begin(lambda: say("hung", first, go_on))
    crew.begin(lambda: say("second", second))
    assert second.wait(10)
    while crew._idle == 0:
        second.wait(0.001)
    crew.begin(lambda: say("third", third))
    assert third.wait(10)
    assert said == ["second", "third"]
    assert sum(thread.name == "crew-of-this-test" for thread in threading.enumerate()) == 2
    go_on.set()
    assert first.wait(10)
    crew.end()
    for thread in threading.enumerate():
        if thread.name == "crew-of-this-test":
            thread.join(10)
            assert not thread.is_alive()
