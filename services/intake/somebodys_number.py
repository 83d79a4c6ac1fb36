"""A telephone or identity number where a code is asked for: codes leave intake as they are."""

import re
from datetime import date

# as whoever types one into such a field writes it; codes of places and of kinds have as many figures, but hardly these
_TELEPHONE = re.compile(
    r"(?<![0-9])(?:(?:00)?86[-.]?)?(?:"
    r"1[3-9]\d[-.]?\d{4}[-.]?\d{4}"
    r"|0(?:10|2\d)[-.]?[2-9]\d{7}|0[3-9]\d\d[-.]?[2-9]\d{6,7}"
    r")(?![0-9])",
    re.ASCII,
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}((?:19|20)\d{6})\d{3}[0-9Xx](?![0-9A-Za-z])", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_somebodys(code: str) -> bool:
    return _TELEPHONE.search(code) is not None or any(map(_is_identity, _IDENTITY.finditer(code)))


def _is_identity(found: re.Match[str]) -> bool:
    """A day of birth and the check character of GB 11643: a code of a place of 18 figures has hardly ever both."""
    number = found[0].upper()
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return False
    total = sum(weight * int(figure) for weight, figure in zip(_WEIGHTS, number, strict=False))
    return number[-1] == "10X98765432"[total % 11]
