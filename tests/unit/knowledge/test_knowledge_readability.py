"""Reading grade by Flesch-Kincaid."""

import pytest

from soleus.knowledge.readability import reading_grade, syllables, word_count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("calf", 1),
        ("muscle", 2),
        ("ache", 1),
        ("knee", 1),
        ("swelling", 2),
        ("walked", 1),
        ("started", 2),
        ("the", 1),
        ("physiotherapist", 6),
        ("12", 1),
        ("don't", 1),
    ],
)
def test_syllables(word, count):
    assert abs(syllables(word) - count) <= (1 if word == "physiotherapist" else 0)


def test_short_words_read_easily_and_long_ones_do_not():
    easy = "Sit down. Put your leg up. Rest it for a day."
    hard = "Gastrocnemius aponeurotic disruption necessitates immobilisation and anticoagulation considerations."
    assert reading_grade(easy) < 2
    assert reading_grade(hard) > 18
    assert reading_grade("") == 0
    assert word_count(easy) == 11


def test_a_list_counts_as_sentences():
    assert reading_grade("Call if:\nit swells;\nit is hot") < reading_grade("Call if it swells and if it is hot too")
