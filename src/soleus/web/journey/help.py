"""R2 and the care card: what to do, whom to call, what to say, from the urgency and the rules behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soleus.clinic.reasons import deciding_rules
from soleus.core.assessment import Disposition, RuleOutcome, TriageResult
from soleus.web.journey import wording
from soleus.web.journey.adapter import kb
from soleus.web.journey.state import Check

LOOK: Mapping[Disposition, tuple[str, str]] = {
    Disposition.CALL_AMBULANCE: ("red", "emergency"),
    Disposition.EMERGENCY_NOW: ("red", "emergency"),
    Disposition.SAME_DAY: ("amber", "urgent"),
    Disposition.GP_ROUTINE: ("blue", "see"),
    Disposition.PHYSIO: ("blue", "see"),
    Disposition.SELF_CARE: ("green", "care"),
}
"""Urgency → (colour, icon); the words are never left out."""


@dataclass(frozen=True, slots=True)
class Dial:
    """A number to call."""

    dial: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """The content of a care card or of the help page."""

    disposition: Disposition | None
    colour: str
    icon: str
    title: str
    how_soon: str = ""
    body: str = ""
    said: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    numbers: tuple[Dial, ...] = ()
    say: str = ""
    dont: tuple[str, ...] = ()
    bring: tuple[str, ...] = ()
    can_show_result: bool = False

    def with_numbers(self, numbers: Mapping[str, str]) -> Help:
        return replace(self, numbers=dials(self.disposition, numbers), title=localise(self.title, numbers))


GENERAL = Help(
    disposition=None,
    colour="red",
    icon="emergency",
    title="Call 999 now",
    how_soon="Do it now. Do not wait to see whether it gets better.",
    say=(
        "I have sudden calf pain together with a danger sign. I’m worried about a blood clot, or about the "
        "blood supply of my leg. I am at this address."
    ),
    dont=(
        "Do not drive yourself.",
        "Do not massage, warm or wrap the leg.",
        "Do not run, or test the leg.",
        "Do not eat or drink: you may need an operation.",
    ),
    bring=(
        "A list of your medicines and allergies",
        "Your phone and a charger",
        "Someone to go with you, if you can",
    ),
)


def localise(words: str, numbers: Mapping[str, str]) -> str:
    """The wording is written for the UK: put the chosen country's emergency number in headings and scripts."""
    if numbers["emergency"] == "999":
        return words
    return words.replace("999", numbers["emergency"]).replace("A&E", "the emergency department")


def dials(disposition: Disposition | None, numbers: Mapping[str, str]) -> tuple[Dial, ...]:
    """Buttons to call: the emergency number and 112, or the advice line when it is not an emergency."""
    emergency = disposition is None or disposition >= Disposition.EMERGENCY_NOW
    chosen: list[Dial] = []
    if emergency:
        chosen.append(Dial(numbers["emergency"], f"Call {numbers['emergency']}"))
        if numbers["emergency"] != "112":
            chosen.append(Dial("112", "Call 112"))
    elif disposition is Disposition.SAME_DAY and numbers["advice"]:
        chosen.append(Dial(numbers["advice"], f"Call {numbers['advice']}"))
    return tuple(chosen)


def sentences(words: str) -> tuple[str, ...]:
    """Text as separate sentences, for a list."""
    parts = [part.strip() for part in words.replace("? ", "?|").replace(". ", ".|").split("|")]
    return tuple(part for part in parts if part)


def help_for(
    check: Check, triage: TriageResult, numbers: Mapping[str, str], disposition: Disposition | None = None
) -> Help:
    """The help page or care card for an urgency (the triage's own, unless a higher one is given)."""
    urgency = max(triage.disposition, disposition or Disposition.SELF_CARE)
    colour, icon = LOOK[urgency]
    key = f"disposition.{urgency.slug}"
    rules = tuple(rule for rule in deciding_rules(triage) if rule.contributes == urgency)[:3]
    reasons = tuple(wording.text(f"rule.{rule.id}.reason", wording.plain(rule.id)) for rule in rules)
    actions = tuple(a for rule in rules if (a := wording.text(f"rule.{rule.id}.advice")))
    say = wording.text(f"{key}.say", GENERAL.say)
    return Help(
        disposition=urgency,
        colour=colour,
        icon=icon,
        title=localise(wording.text(f"{key}.title", wording.sentence(wording.plain(urgency.slug))), numbers),
        how_soon=wording.text(f"{key}.how_soon"),
        body=localise(wording.text(f"{key}.body"), numbers),
        said=_said(check, rules),
        reasons=tuple(dict.fromkeys(reasons)),
        actions=tuple(localise(a, numbers) for a in dict.fromkeys(actions)),
        numbers=dials(urgency, numbers),
        say=wording.fill(say, {"reason": _spoken(rules)}).strip(),
        dont=sentences(wording.text(f"{key}.dont")),
        bring=sentences(wording.text(f"{key}.bring")),
        can_show_result=check.noted >= Disposition.EMERGENCY_NOW,
    )


def _said(check: Check, rules: tuple[RuleOutcome, ...]) -> tuple[str, ...]:
    """The answers behind the rules, as the runner gave them."""
    evidence = check.case().evidence()
    findings = dict.fromkeys(f for rule in rules for f in rule.because)
    known = [(kb().findings[f], evidence.answer(f)) for f in findings if f in kb().findings]
    return tuple(wording.said(entry, value) for entry, value in known if value is not None)[:5]


def _spoken(rules: tuple[RuleOutcome, ...]) -> str:
    """What decided, as the runner would say it on the phone."""
    findings = [f for rule in rules for f in rule.because]
    names = [wording.short(f) for f in dict.fromkeys(findings)][:4]
    return f"{wording.listed(names)}." if names else "I have warning signs in my leg."
