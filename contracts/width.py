"""Full-width figures, letters and marks, as Chinese keyboards write them, mean what their plain forms mean."""

import re

_DISTANCE = 0xFEE0
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), *map(ord, "＋－（）＠．"))
_PLAIN = {code: code - _DISTANCE for code in _WIDE}
_ANY = re.compile("[" + "".join(map(chr, _WIDE)) + "]")


def in_plain_width(text: str) -> str:
    """One for one: what is found in it stands at the same place in `text`."""
    return text.translate(_PLAIN) if _ANY.search(text) else text
