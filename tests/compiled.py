"""Statements are put into SQL once for all databases of a run, not once for each database of each test."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

_CACHE: LRUCache[Any, Any] = LRUCache(4000)


class _Shared(MutableMapping[Any, Any]):
    """A key begins with the dialect of one engine; all dialects of one name write the same SQL."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    def __getitem__(self, key: Any) -> Any:
        return _CACHE[self._common(key)]

    def __setitem__(self, key: Any, compiled: Any) -> None:
        _CACHE[self._common(key)] = compiled

    def __delitem__(self, key: Any) -> None:
        del _CACHE[self._common(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(_CACHE)

    def __len__(self) -> int:
        return len(_CACHE)

    def _common(self, key: Any) -> Any:
        return (self._dialect, *key[1:])


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_Shared(connection.dialect.name))
