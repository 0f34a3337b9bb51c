"""Dates as platforms write them for people, in many languages: "May 15, 2017, 5:52:52 PM", "15 mar 2024, 6:45:12"."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

# Month names by language, January first; Slavic languages with the genitive that dates use.
_MONTHS = """
january february march april may june july august september october november december
januar februar marz april mai juni juli august september oktober november dezember
janner feber marz april mai juni juli august september oktober november dezember
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec
ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien
stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesakuu heinakuu elokuu syyskuu lokakuu marraskuu joulukuu
januar februar marec april maj jun jul august september oktober november december
januara februara marca aprila maja juna jula augusta septembra oktobra novembra decembra
januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december
ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
"""
_SHORT = {"mar": 3, "cvn": 6, "cvc": 7, "mrz": 3, "jui": 6, "juil": 7, "sept": 9, "szept": 9}
_AFTERNOON = re.compile(r"\bp\.?\s?m\b|\bodp\b|午後|下午|오후|μ\.?μ", re.IGNORECASE)
_MORNING = re.compile(r"\ba\.?\s?m\b|\bdop\b|午前|上午|오전|π\.?μ", re.IGNORECASE)
_TOKEN = re.compile(r"\d+|[^\W\d_]+")


def _plain(text: str) -> str:
    """Lower case without accents."""
    kept = (c for c in unicodedata.normalize("NFKD", text.lower().replace("ł", "l")) if not unicodedata.combining(c))
    return "".join(kept)


def _month_words() -> dict[str, int]:
    """Full names and every beginning of three letters or more that means one month only."""
    full: dict[str, int] = {}
    begins: dict[str, set[int]] = defaultdict(set)
    for line in _MONTHS.strip().splitlines():
        for number, name in enumerate(_plain(line).split(), 1):
            full[name] = number
            for end in range(3, len(name)):
                begins[name[:end]].add(number)
    known = {word: next(iter(months)) for word, months in begins.items() if len(months) == 1}
    return {**known, **full, **_SHORT}


_WORDS = _month_words()


def is_day_first(texts: Iterable[str]) -> bool:
    """Whether an all-numeric column writes the day before the month; yes unless a second number above 12 says no."""
    for text in texts:
        numbers = [int(token) for token in re.findall(r"\d+", text)[:3]]
        if len(numbers) == 3 and numbers[2] > 31:
            if numbers[0] > 12:
                return True
            if numbers[1] > 12:
                return False
    return True


def parse_utc(text: str, *, day_first: bool = True) -> datetime | None:
    """The instant a text without zone means when it is UTC; None when it is not understood.

    1. A month word in any language gives the month; the other number of the date is the day. 2. Otherwise the four
    digits of the year tell the order: year first = year, month, day; year last = `day_first`. 3. What follows is the
    time, with or without seconds, on 12 or 24 hours.
    """
    if len(text) > 80:
        return None
    text = text.replace("年", " ").replace("月", " ").replace("日", " ")
    numbers: list[int] = []
    month: int | None = None
    for token in _TOKEN.findall(text):
        if token.isdigit():
            numbers.append(int(token))
        elif month is None:
            month = _WORDS.get(_plain(token))
    wanted = 2 if month is not None else 3
    year_at = next((i for i, n in enumerate(numbers[:wanted]) if n >= 1900), None)
    if year_at is None:
        return None
    year = numbers[year_at]
    date_part = [n for i, n in enumerate(numbers[:wanted]) if i != year_at]
    if month is not None:
        day = date_part[0] if date_part else 0
    elif year_at == 0:
        month, day = date_part[0] if date_part else 0, date_part[1] if len(date_part) > 1 else 0
    elif len(date_part) == 2:
        day, month = date_part if day_first else (date_part[1], date_part[0])
    else:
        return None
    hour, minute, second = ([*numbers[wanted : wanted + 3], 0, 0, 0])[:3]
    if _AFTERNOON.search(text) and hour < 12:
        hour += 12
    elif _MORNING.search(text) and hour == 12:
        hour = 0
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
