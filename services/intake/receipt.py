"""Receipt numbers: short enough to read over the phone, too many to guess, and a slip of the tongue shows."""

from datetime import date
from itertools import count
from operator import mul

# Crockford's base 32: no letter is mistaken for a digit
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_HEARD = str.maketrans("OIL", "011")
_RANDOM_CHARACTERS = 9
RANDOM_BYTES = 6


def receipt_no(day: date, randomness: bytes) -> str:
    """`20261123-7K3QX9MDA4`: the day, nine random characters (45 bits) and a check character."""
    number = int.from_bytes(randomness, "big")
    random = "".join([_ALPHABET[(number >> 5 * place) & 31] for place in range(_RANDOM_CHARACTERS)])
    body = f"{day:%Y%m%d}-{random}"
    return body + _check(body)


def read_receipt_no(said: str) -> str | None:
    """The receipt number somebody typed or spelt, or None when it cannot be one."""
    plain = said.strip().upper().replace(" ", "").translate(_HEARD)
    characters = set(plain.replace("-", "", 1))
    well_formed = (
        len(plain) == 9 + _RANDOM_CHARACTERS + 1 and plain[8] == "-" and characters <= set(_ALPHABET)
    )
    return plain if well_formed and _check(plain[:-1]) == plain[-1] else None


def _check(body: str) -> str:
    """Weighted by place, so that both a wrong character and two exchanged ones show."""
    values = [_VALUE[character] for character in body.replace("-", "")]
    return _ALPHABET[sum(map(mul, values, count(1))) % 31]
