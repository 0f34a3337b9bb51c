"""The body map: zones, their numbers on the three drawings and in the list."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.web.journey import wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One place on the leg. `id` is an option of the finding `pain_location`; `number` is 0 when not drawn."""

    id: str
    number: int
    view: str
    fallback: str

    @property
    def label(self) -> str:
        return wording.text(f"bodymap.zone.{self.id}.label", self.fallback)

    @property
    def dom(self) -> str:
        return f"z{self.number}" if self.number else f"z-{self.id.replace('_', '-')}"


ZONES: tuple[Zone, ...] = (
    Zone(id="behind_knee", number=1, view="back", fallback="Behind the knee"),
    Zone(id="upper_inner_calf", number=2, view="back", fallback="Upper calf, inner side"),
    Zone(id="upper_outer_calf", number=3, view="back", fallback="Upper calf, outer side"),
    Zone(id="mid_calf", number=4, view="back", fallback="Middle of the calf"),
    Zone(id="lower_deep_calf", number=5, view="back", fallback="Lower calf, deep inside"),
    Zone(id="low_calf_above_heel", number=6, view="back", fallback="Low down, where muscle turns into tendon"),
    Zone(id="achilles_mid", number=7, view="back", fallback="The tendon above the heel (Achilles)"),
    Zone(id="heel_back", number=8, view="back", fallback="Back of the heel bone"),
    Zone(id="inner_shin_border", number=9, view="inside", fallback="Inner edge of the shin bone"),
    Zone(id="behind_ankle_inner", number=10, view="inside", fallback="Behind the inner ankle bone"),
    Zone(id="front_outer_shin", number=11, view="outside", fallback="Front of the shin, outer side"),
    Zone(id="outer_calf", number=12, view="outside", fallback="Outer side of the calf"),
    Zone(id="outer_leg_bone", number=13, view="outside", fallback="The thin bone on the outer side (fibula)"),
    Zone(id="behind_ankle_outer", number=14, view="outside", fallback="Behind the outer ankle bone"),
)

OTHER_ZONES: tuple[Zone, ...] = (
    Zone(id="whole_calf_diffuse", number=0, view="", fallback="The whole calf"),
    Zone(id="calf_unspecified", number=0, view="", fallback="In the calf, but it moves or I can’t point to it"),
    Zone(id="shin_unspecified", number=0, view="", fallback="The shin, I can’t say exactly where"),
    Zone(id="outer_leg_unspecified", number=0, view="", fallback="Outer side of the lower leg"),
    Zone(id="lower_leg_unspecified", number=0, view="", fallback="In the lower leg, but I can’t say where"),
    Zone(id="elsewhere_leg", number=0, view="", fallback="Somewhere else in the leg"),
)

LEGS: tuple[tuple[str, str, str], ...] = (
    ("left", "Left", "one"),
    ("right", "Right", "one"),
    ("both", "Both", "both"),
    ("alternating", "Sometimes one, sometimes the other", "alternating"),
)
"""(form value, label, option of the finding `side`)."""
