"""Tells how far the filling of a template is: its lists report each item a loop takes from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

#: told how many of how many rows are filled in
Progress = Callable[[int, int], None]
#: reports over one filling: a bar needs no more
_REPORTS = 100


def ticking(context: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The same context, whose lists of rows report to `progress` while a template loops over them."""
    counter = _Counter(total=_rows(context), progress=progress)
    return {key: _ticking(value, counter) for key, value in context.items()}


class _Counter:
    def __init__(self, *, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress
        self._step = max(1, total // _REPORTS)

    def tick(self) -> None:
        # A template may loop twice over one list: the count never passes its end.
        self._done = min(self._done + 1, self._total)
        if self._done % self._step == 0 or self._done == self._total:
            self._progress(self._done, self._total)


class _Rows(list[Any]):
    """A list that counts what is taken from it."""

    def __init__(self, items: list[Any], counter: _Counter) -> None:
        super().__init__(items)
        self._counter = counter

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self._counter.tick()
            yield item


def _ticking(value: Any, counter: _Counter) -> Any:
    match value:
        case dict():
            return {key: _ticking(item, counter) for key, item in value.items()}
        case list() if _is_table(value):
            return _Rows([_ticking(item, counter) for item in value], counter)
    return value


def _rows(value: Any) -> int:
    match value:
        case dict():
            return sum(_rows(item) for item in value.values())
        case list() if _is_table(value):
            return len(value) + sum(_rows(item) for item in value)
    return 0


def _is_table(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], dict)
