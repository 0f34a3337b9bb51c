"""How hard a text is to read: the Flesch-Kincaid grade, with syllables counted by rule."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]+(?:['\u2019-][A-Za-z]+)*|\d+")
_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n")
_VOWELS = re.compile(r"[aeiouy]+")
MIN_WORDS = 12
"""Below this many words a grade says little."""


def reading_grade(text: str) -> float:
    """US school grade (Kincaid et al. 1975): 0.39 words per sentence + 11.8 syllables per word - 15.59.

    1. Words are runs of letters or digits; a colon, semicolon or line break ends a sentence as a full stop does,
       for so the eye reads lists.
    2. Syllables are groups of vowels, a silent final e not counted; wrong for about one word in ten, both ways.

    An empty text has grade 0.
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, sum(1 for part in _SENTENCE.split(text) if _WORD.search(part)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def syllables(word: str) -> int:
    """Syllables of one English word, at least 1; digits count 1."""
    word = re.sub(r"[^a-z]", "", word.lower())
    count = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee", "ye")) and count > 1
    past = word.endswith("ed") and not word.endswith(("ted", "ded")) and count > 1
    return max(1, count - silent - past)
