"""Write examples/films: reports of a made-up runner, so that anybody can see what a film does to a case and a plan.

python scripts/build_film_examples.py
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from soleus.core.case import Sex
from soleus.core.measurement import Side
from soleus.exports.gait_json import gait_json, heel_raise_json
from soleus.gait.engine import analyse_gait
from soleus.gait.heel_raise import analyse_heel_raise, heel_raise_report
from soleus.knowledge import load_knowledge
from soleus.validation.synthetic.pattern import Gait, LegGait
from soleus.validation.synthetic.sensor import Sensor
from soleus.validation.synthetic_heel_raise import Script, film
from soleus.validation.synthetic_runner import Scene, synthesize

OUT = Path(__file__).resolve().parents[1] / "examples" / "films"
DAY = date(2026, 11, 23)
WEAK, STRONG = 14, 24
"""Heel raises of the sore and of the other leg."""


def main() -> int:
    kb = load_knowledge()
    forefoot = LegGait(strike_deg=-14, dorsiflexion_peak_deg=24)
    scene = Scene(
        gait=Gait(speed_mps=2.6, cadence_spm=162, left=forefoot, right=forefoot),
        sensor=Sensor(fps=120),
        duration_s=12,
        seed=3,
    )
    gait = analyse_gait(
        synthesize(scene).recording, kb, speed_mps=scene.gait.speed_mps, treadmill=True, observed_on=DAY
    )
    person: dict[str, Any] = {"sex": Sex.FEMALE, "age_years": 38.0}
    sets = []
    for side, reps in ((Side.LEFT, WEAK), (Side.RIGHT, STRONG)):
        recording, _ = film(Script(side=side, reps=reps, seed=reps))
        sets.append(analyse_heel_raise(recording, kb, side=side, foot_length_cm=26, body_mass_kg=62, **person))
    heel = heel_raise_report(sets, kb, affected=Side.LEFT, observed_on=DAY, pain_nrs=1, **person)
    OUT.mkdir(exist_ok=True)
    for name, data in (("forefoot_run", gait_json(gait)), ("heel_raise_weak_left", heel_raise_json(heel))):
        (OUT / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"written to {OUT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
