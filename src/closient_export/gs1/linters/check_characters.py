"""Digits and characters that guard the others against misreading."""

from itertools import islice

from closient_export.gs1.linters import code_lists
from closient_export.gs1.linters.characters import CSET_32, CSET_82, lint_cset82, lint_csetnumeric
from closient_export.gs1.linters.faults import Fault, Linter, whole

__all__ = ["LINTERS", "check_digit"]

_ALPHA_CHECK_LONGEST = 99
_IBAN_SHORTEST, _IBAN_LONGEST = 11, 34


def check_digit(digits: str) -> str:
    """The check digit that follows `digits` (GenSpecs 7.9.1): weights 3 and 1 from the right."""
    total = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def lint_csum(data: str) -> Fault | None:
    """The last digit is the check digit of those before it."""
    if fault := lint_csetnumeric(data):
        return fault
    if not data:
        return whole(data, "too_short_for_check_digit", "expected a check digit")
    expected = check_digit(data[:-1])
    if data[-1] == expected:
        return None
    return Fault(
        "incorrect_check_digit",
        f"expected check digit {expected}, got {data[-1]}",
        len(data) - 1,
        len(data),
    )


def _primes() -> tuple[int, ...]:
    candidates = (n for n in range(2, 1000) if all(n % p for p in range(2, int(n**0.5) + 1)))
    return tuple(islice(candidates, _ALPHA_CHECK_LONGEST - 2))


_PRIMES = _primes()


def lint_csumalpha(data: str) -> Fault | None:
    """The last two characters are the check character pair (GenSpecs 7.9.5)."""
    if len(data) < 2:
        return whole(data, "too_short_for_check_pair", "expected a check character pair")
    if len(data) > _ALPHA_CHECK_LONGEST:
        return whole(
            data,
            "too_long_for_check_pair_implementation",
            f"expected at most {_ALPHA_CHECK_LONGEST} characters, got {len(data)}",
        )
    body, pair = data[:-2], data[-2:]
    if fault := lint_cset82(body):
        return fault
    weighted = zip(reversed(body), _PRIMES, strict=False)
    total = sum(CSET_82.index(character) * prime for character, prime in weighted) % 1021
    expected = CSET_32[total >> 5] + CSET_32[total & 31]
    if pair == expected:
        return None
    return Fault(
        "incorrect_check_pair",
        f"expected check characters {expected}, got {pair!r}",
        len(body),
        len(data),
    )


def lint_iban(data: str) -> Fault | None:
    """An International Bank Account Number (ISO 13616): country, characters, check digits."""
    if len(data) >= 4 and data[:2] not in code_lists.ISO_3166_ALPHA_2:
        return Fault("illegal_iban_country_code", "expected an ISO 3166 country code", 0, 2)
    if len(data) < _IBAN_SHORTEST:
        return whole(data, "iban_too_short", f"expected at least {_IBAN_SHORTEST} characters")
    if len(data) > _IBAN_LONGEST:
        return whole(data, "iban_too_long", f"expected at most {_IBAN_LONGEST} characters")
    order = (*range(4, len(data)), *range(4))
    for position in order:
        character = data[position]
        if not ("0" <= character <= "9" or "A" <= character <= "Z"):
            return Fault(
                "invalid_iban_character",
                f"expected a digit or a capital letter, got {character!r}",
                position,
                position + 1,
            )
    number = int("".join(str(int(data[position], 36)) for position in order))
    if number % 97 != 1:
        return Fault("incorrect_iban_checksum", "expected check digits that fit the number", 2, 4)
    return None


LINTERS: dict[str, Linter] = {
    "csum": lint_csum,
    "csumalpha": lint_csumalpha,
    "iban": lint_iban,
}
