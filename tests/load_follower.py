"""A dock that keeps its load up to date by what changed alone, past the socket."""

from dataclasses import dataclass, field

from server.domain.dock.values import Load
from server.usecases.loading.answers import Same, news_of_load, read_load
from station.desks.load_news import LoadNews
from tests.floor import Bench


@dataclass
class Follower:
    """One load as a dock has it; ``changes`` counts the answers that brought only a part of it."""

    bench: Bench
    load_id: str
    news: LoadNews = field(default_factory=LoadNews)
    changes: int = 0
    load: Load | None = None

    def look(self) -> Load:
        """Ask as a dock does every second; the whole load as it is here afterwards."""
        db, bench_id = self.bench.floor.db, self.bench.bench_id
        answer = news_of_load(db, bench_id, self.load_id, self.news.question(), changes=True)
        if not isinstance(answer, Same):
            self.changes += bool(answer.base)
            whole = self.news.completed(answer)
            assert whole is not None, "it builds on what is here"
            self.news.took(whole)
            self.load = whole.load
        assert self.load is not None
        return self.load

    def is_whole(self) -> bool:
        """Whether it is the load that somebody gets who asks for all of it."""
        return self.look() == read_load(self.bench.floor.db, self.bench.bench_id, self.load_id).load
