"""Resume codes: 12 characters that are hard to misread, in groups of four."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U: 30 letters, 12 of them = 58 bits
LENGTH = 12


def new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, LENGTH, 4))


def tidy_code(typed: str) -> str | None:
    """The code as we write it, whatever dashes, spaces and capitals were typed; None when it cannot be one."""
    letters = "".join(character for character in typed.upper() if character.isalnum())
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return "-".join(letters[i : i + 4] for i in range(0, LENGTH, 4))
