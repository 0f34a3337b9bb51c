"""Which drawing goes with which question (R8). The drawings are our own."""

from __future__ import annotations

_DRAWINGS = {
    "heel_raise_single": "heel_raise",
    "push_off_weak": "heel_raise",
    "push_straight_worse_than_bent": "heel_raise_bent",
    "hop_test": "hop",
    "stretch_knee_straight_pain": "stretch_straight",
    "stretch_knee_bent_pain": "stretch_bent",
    "focal_muscle_tender": "press_muscle",
    "focal_bone_tender": "press_bone",
    "diffuse_tibial_border_tender": "press_bone",
    "achilles_tender_2_6cm": "press_tendon",
    "achilles_insertion_tender": "press_tendon",
    "tendon_thickened": "press_tendon",
    "achilles_gap_self": "press_tendon",
}


def picture_of(finding: str) -> str:
    """The template of the drawing for a question, or ""."""
    name = _DRAWINGS.get(finding)
    return f"soleus/drawings/{name}.html" if name else ""
