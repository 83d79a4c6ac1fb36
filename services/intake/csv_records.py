"""Reads CSV record by record, so that a quote that is not closed takes no other record with it."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator


def records_of(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | None]]:
    """Each with the number of its first line. None where its quotes make no sense: the next begins on the next line,
    whatever the quote seemed to hold."""
    source, waiting, number = iter(lines), deque[str](), 1
    while True:
        taken: list[str] = []
        fields: list[str] | None
        try:
            # strict: an end within quotes is an error, and so is anything but a comma after them
            fields = next(csv.reader(_taking(waiting, source, taken), strict=True))
        except StopIteration:
            return
        except csv.Error:
            fields = None
            waiting.extendleft(reversed(taken[1:]))
            del taken[1:]
        if fields != []:  # an empty line
            yield number, fields
        number += len(taken)


def _taking(waiting: deque[str], source: Iterator[str], taken: list[str]) -> Iterator[str]:
    while (line := waiting.popleft() if waiting else next(source, None)) is not None:
        taken.append(line)
        yield line
