"""Walks the web journey through the test client: reads the page it is on, answers it, follows the redirect."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

Answers = Mapping[str, Any]

TENNIS_LEG: Answers = {
    "pain_location": "upper_inner_calf",
    "onset_type": "sudden_sharp",
    "time_since_onset": "1_3d",
    "walk_ability": "limp",
    "bruising": True,
    "improving_trend": "better",
    "pain_quality": "sharp_stab",
    "pain_score_now": "4",
    "pain_pattern_running": "stops_immediately",
    "severity_words": "severe",
    "settle_time": "days",
    "activity_at_onset": "fast_or_hill_run",
    "onset_feel": "tearing_or_knife",
    "injury_event": "push_off_or_sprint",
    "walk_after_onset": "limp",
    "focal_muscle_tender": True,
    "walking_brings_on": True,
}
"""A strain of the upper calf in a man of 46; everything not named is answered "no" or by the first option."""

TESTED: tuple[Answers, ...] = (
    {
        "pain_location": "mid_calf",
        "onset_type": "sudden_pop",
        "time_since_onset": "4_14d",
        "improving_trend": "same",
        "walk_ability": "normal",
        "calf_firmer": True,
    },
    {
        "pain_location": "achilles_mid",
        "onset_type": "sudden_everyday",
        "time_since_onset": "6w_3m",
        "improving_trend": "better",
        "walk_ability": "normal",
        "pain_pattern_running": "worse_fast_or_hills",
    },
)
"""Runners settled enough for a simple test to be worth asking; which of them gets one depends on the numbers."""

CLOT: Answers = {**TENNIS_LEG, "breathless_sudden": True}


class Walker:
    """One runner in one browser."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.response: Any = None
        self.path = "/"
        self.visited: list[str] = []

    @property
    def text(self) -> str:
        return html.unescape(self.response.content.decode())

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        assert found, "a page without a title"
        return found.group(1)

    def get(self, path: str) -> Walker:
        self.response = self.client.get(path, follow=True)
        return self._arrived(path)

    def post(self, path: str, data: Mapping[str, Any]) -> Walker:
        self.response = self.client.post(path, data, follow=True)
        return self._arrived(path)

    def _arrived(self, path: str) -> Walker:
        chain = getattr(self.response, "redirect_chain", [])
        self.path = urlsplit(chain[-1][0] if chain else path).path
        self.visited.append(self.path)
        return self

    def hidden(self, name: str) -> list[str]:
        return re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', self.text)

    def begin(self) -> Walker:
        return self.post("/", {})

    def agree(self) -> Walker:
        self.begin().post("/emergency-check/", {"emergency": "no"})
        return self.post("/agreement/", {"who": "self", "use": "yes", "adult": "yes"})

    def about(self, answers: Answers = TENNIS_LEG) -> Walker:
        self.agree()
        self.post("/about-you/age/", {"age": str(answers.get("age", 46))})
        self.post("/about-you/sex/", {"sex": answers.get("sex", "male")})
        self.post("/about-you/body/", {"action": "skip"})
        return self.post("/where/", {"leg": "right", "spot": answers["pain_location"]})

    def answer_page(self, answers: Answers) -> Walker:
        """Answer whatever page this is."""
        if self.path == "/tests/":
            return self.post(self.path, {"tests": "yes"})
        data: dict[str, Any] = {"check": self.hidden("check")[0]}
        if self.path.startswith("/questions/"):
            items = self.hidden("item")
            ticked = [item for item in items if answers.get(item) is True]
            data |= {"screen": self.hidden("screen")[0], "item": items, **dict.fromkeys(ticked, "yes")}
            data |= {} if ticked else {"none": "yes"}
        else:
            finding = self.hidden("question")[0]
            options = re.findall(r'name="value" id="[^"]+" value="([^"]+)"', self.text)
            wanted = {True: "yes", False: "no"}.get(answers.get(finding, "no"), answers.get(finding, "no"))
            data |= {"question": finding, "value": wanted if wanted in options else options[0]}
        return self.post(self.path, data)

    def to_result(self, answers: Answers = TENNIS_LEG, *, most: int = 60) -> Walker:
        """The whole journey, until the result or the help page."""
        self.about(answers)
        for _ in range(most):
            if not self.path.startswith(("/question/", "/questions/", "/tests/")):
                return self
            self.answer_page(answers)
        raise AssertionError(f"no result after {most} pages")

    def to_tests(self) -> Walker:
        """To the page that offers the simple tests, with the first runner who gets there."""
        for answers in TESTED:
            self.about(answers)
            while self.path.startswith(("/question/", "/questions/")):
                self.answer_page(answers)
            if self.path == "/tests/":
                return self
        raise AssertionError("no runner was offered a simple test")

    def go_on(self, answers: Answers, *, most: int = 60) -> Walker:
        """From where we are to the result or the help page."""
        self.get("/continue/")
        for _ in range(most):
            if not self.path.startswith(("/question/", "/questions/", "/tests/")):
                return self
            self.answer_page(answers)
        raise AssertionError(f"no result after {most} pages")
