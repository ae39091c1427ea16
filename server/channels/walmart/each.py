"""Words told one after another."""

from collections.abc import Callable, Sequence

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.domain.errors import DomainError
from server.trade.words import Answer, Word, failed


def each(words: Sequence[Word], go: Callable[[Word], Answer]) -> list[Answer]:
    """What ``go`` says of each, in the same order. What holds for all of them is not asked again for the rest."""
    answers: list[Answer] = []
    stop: Trouble | None = None
    for word in words:
        if stop is not None:
            answers.append(failed(stop))
            continue
        try:
            answers.append(go(word))
        except DomainError as error:
            answers.append(failed(Refused(str(error))))
        except Trouble as trouble:
            answers.append(failed(trouble))
            stop = trouble if _holds_for_all(trouble) else None
    return answers


def _holds_for_all(trouble: Trouble) -> bool:
    """Not let in, too early, or nobody there: the next word would only knock at the same door."""
    return isinstance(trouble, (Denied, Throttled)) or (isinstance(trouble, Away) and not trouble.maybe_done)
