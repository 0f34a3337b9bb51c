"""The film report in words, as data and as one page."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from gait_samples import (
    LEFT,
    RIGHT,
    bare_report,
    compared_report,
    gait_report,
    heel_report,
    heel_set,
    measured,
    message,
    metric,
    quality,
    refused_heel_report,
    refused_report,
)

from soleus.core.gait import Band, GaitReport, MetricChange, Observation, Refusal
from soleus.core.ids import SourceKey
from soleus.core.measurement import Grade, Unavailable
from soleus.core.view import Facing, View
from soleus.exports.gait_document import gait_document, heel_raise_document
from soleus.exports.gait_html import gait_html, heel_raise_html
from soleus.exports.gait_wording import (
    amount,
    band_text,
    bare,
    figure,
    leg_text,
    param_text,
    percent,
    range_text,
    say,
    strike_text,
    value_text,
)
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase

KB = load_knowledge()
SHAMING = (
    "abnormal",
    "normal gait",
    "bad form",
    "wrong way",
    "well done",
    "great job",
    "perfect",
    "damage",
    "you have a",
)
SLOT = re.compile(r"\{[a-z_]+\}")


def every_text(value: object) -> Iterator[str]:
    """All strings of a document but the pictures."""
    if isinstance(value, str):
        if not value.startswith("<svg"):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from every_text(item)
    elif isinstance(value, list):
        for item in value:
            yield from every_text(item)


DOCUMENTS = {
    "measured": gait_document(gait_report(), KB),
    "compared": gait_document(compared_report(), KB),
    "clinical": gait_document(gait_report(), KB, clinical=True),
    "refused": gait_document(refused_report(), KB),
    "bare": gait_document(bare_report(), KB),
    "heels": heel_raise_document(heel_report(), KB),
    "heels by hand": heel_raise_document(heel_report(manual=True), KB),
    "heels refused": heel_raise_document(refused_heel_report(), KB),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_plain_data_with_every_slot_filled(name: str) -> None:
    document = DOCUMENTS[name]
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert not [said for said in every_text(document) if SLOT.search(said)]
    assert document["headline"]
    assert all(document["words"].values())
    assert "call 999, 112 or 911 now" in document["emergency"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_neither_shames_nor_cheers(name: str) -> None:
    told = " ".join(every_text(DOCUMENTS[name])).lower()
    assert not [word for word in SHAMING if word in told]


def test_the_headline_says_the_most_important_first() -> None:
    told = DOCUMENTS["measured"]["headline"]
    assert told.startswith("You took about 169 steps a minute.")
    assert told.endswith("One thing in this film adds work for the calf.")
    both = replace(gait_report(), observations=gait_report().observations * 2)
    assert "2 things in this film" in gait_document(both, KB)["headline"]
    beside = replace(gait_report(), observations=(replace(gait_report().observations[0], strength="none"),))
    assert gait_document(beside, KB)["headline"].endswith("We noted something else below.")
    silent = gait_document(gait_report(observations=()), KB)
    assert "Nothing we can measure here clearly adds work" in silent["headline"]
    assert "does not mean that your leg is fine" in silent["observations_none"]


def test_the_headline_names_the_landing() -> None:
    angle = measured(14, 8, 20, "deg")
    sure = gait_report(metrics=(metric("foot_strike", angle, verdict="rearfoot"),))
    assert "Your left foot landed heel first." in gait_document(sure, KB)["headline"]
    open_ = gait_report(metrics=(metric("foot_strike", angle, verdict="rearfoot_or_midfoot"),))
    assert "heel first or on the whole foot: too close to call." in gait_document(open_, KB)["headline"]
    row = gait_document(open_, KB)["table"][0]
    assert row["value_text"] == "Heel first or on the whole foot"
    assert row["range_text"] == ""


def test_a_headline_without_cadence_counts_what_there_is() -> None:
    other = gait_report(metrics=(metric("overstride", measured(0.1, 0.05, 0.15, "leg_lengths")),), observations=())
    assert gait_document(other, KB)["headline"].startswith("We could measure one thing in this film.")
    assert "no number we can stand behind" in DOCUMENTS["bare"]["headline"]


def test_a_film_from_behind_promises_nothing() -> None:
    drop = metric("pelvic_drop", measured(5, -3, 13, "deg", Grade.EXPERIMENTAL), RIGHT)
    behind = gait_document(gait_report(view=View.BACK, facing=None, metrics=(drop,), observations=()), KB)
    assert behind["headline"].startswith("From behind, one phone gives rough numbers only.")
    assert "or that it does not" in behind["observations_none"]
    assert behind["table"][0]["side_text"] == "Right leg"
    assert any("rolls in" in line for line in behind["limits"])


def test_each_row_has_value_range_band_and_trust() -> None:
    rows = {(row["metric"], row["side"]): row for row in DOCUMENTS["measured"]["table"]}
    contact = rows["contact_time", "left"]
    assert contact["value_text"] == "about 262 ms"
    assert contact["range_text"] == "between 238 and 286 ms"
    assert contact["band_word"] == "at the edge"
    assert contact["main"]
    assert contact["count_text"] == "From 16 steps."
    assert contact["spread_text"] == "Your steps differed from each other by about 8 ms."
    assert contact["side_text"] == "Left leg, on the camera’s side"
    assert contact["grade_word"]
    assert contact["norm_source_text"].startswith("Karamanidis")
    hidden = rows["ankle_dorsiflexion_peak", "right"]
    assert hidden["value_text"] == ""
    assert "far side" in hidden["why_not"]
    assert hidden["what_to_do"]
    assert not hidden["main"]
    assert rows["cadence", ""]["value_text"] == "169 steps a minute"


def test_rows_come_as_the_knowledge_base_orders_them_and_unknown_ones_last() -> None:
    odd = metric("something_new", measured(1, 0, 2, ""))
    report = gait_report(metrics=(odd, *reversed(gait_report().metrics)))
    names = [row["metric"] for row in gait_document(report, KB)["table"]]
    assert names[0] == "cadence"
    assert "something_new" in names[-2:]


def test_what_is_missing_is_grouped_by_reason() -> None:
    groups = DOCUMENTS["measured"]["missing"]
    assert any(group["what"].startswith("Right leg: ") for group in groups)
    far = Unavailable(reason=message("gait.refusal.far_leg"))
    many = gait_report(metrics=tuple(metric(name, far, RIGHT, near=False) for name in list(KB.gait.metrics)[:6]))
    (group,) = gait_document(many, KB)["missing"]
    assert group["what"] == "Right leg: 6 numbers"
    assert len(group["names"]) == 6
    unworded = gait_report(metrics=(metric("cadence", Unavailable(reason=message("gait.refusal.brand_new"))),))
    assert gait_document(unworded, KB)["table"][0]["why_not"] == "Brand new."


def test_a_refused_film_shows_reasons_and_drawings_and_no_number() -> None:
    document = DOCUMENTS["refused"]
    assert document["state"] == "refused"
    assert document["headline"].startswith("We could not measure this film.")
    first, second = document["refusals"]
    assert first["code"] == "feet_out_of_frame"
    assert first["title"] == "The feet leave the picture"
    assert first["share"] == "42 %"
    assert first["picture"].startswith("<svg")
    assert first["what_to_do"]
    assert first["picture_alt"]
    assert second["share"] == ""
    assert not document["table"]
    assert not document["charts"]
    assert not document["observations"]
    assert not document["observations_none"]
    assert not any("steps" in line for line in document["looked_at"])
    assert len(document["limits"]) == 1
    unknown = gait_document(refused_report("brand_new"), KB)["refusals"][0]
    assert unknown["title"] == "Brand new"
    assert unknown["picture"] == ""


def test_every_refusal_of_the_knowledge_base_has_words_and_its_picture() -> None:
    for code, definition in KB.gait.refusals.items():
        report = gait_report(refusals=(Refusal(code=code, reason=message(f"gait.refusal.{code}")),))
        (entry,) = gait_document(report, KB)["refusals"]
        assert entry["what_went_wrong"], code
        assert entry["what_to_do"], code
        assert bool(entry["picture"]) == bool(definition.picture), code


def test_every_metric_and_observation_has_words() -> None:
    for name in KB.gait.metrics:
        row = gait_document(gait_report(metrics=(metric(name, measured(1, 0, 2, "deg")),)), KB)["table"][0]
        assert row["what_it_is"], name
        assert row["name"] != name, name
    for name, definition in KB.gait.observations.items():
        seen = Observation(
            id=name, says=message(f"gait.observation.{name}"), strength=definition.strength, sources=definition.sources
        )
        (entry,) = gait_document(gait_report(observations=(seen,)), KB)["observations"]
        assert len(entry["text"].split()) > 5, name
        assert entry["strength_word"].endswith("."), name
        assert entry["clinical"] != entry["text"], name


def test_changes_tell_what_is_more_than_chance() -> None:
    document = DOCUMENTS["compared"]
    real, small = document["changes"]
    assert real["sentence"] == "Steps per minute: 160 last time, 169 steps a minute now. That is more than chance."
    assert "can be chance" in small["sentence"]
    assert "(left)" in small["name"]
    assert document["changes_summary"] == "The other number changed by no more than chance."

    def summary(*kinds: bool) -> str:
        each = [
            MetricChange(metric="cadence", side=None, before=160, after=168, smallest_detectable=3, real=kind)
            for kind in kinds
        ]
        return str(gait_document(gait_report(changes=tuple(each)), KB)["changes_summary"])

    assert summary(False, False).startswith("None of the 2 numbers")
    assert summary(True).startswith("Every number")
    assert summary(True, False, False).startswith("The other 2 numbers")
    assert DOCUMENTS["measured"]["changes_summary"] == ""


def test_it_says_what_it_looked_at() -> None:
    told = " ".join(DOCUMENTS["measured"]["looked_at"])
    assert "The camera saw your left leg best." in told
    assert "10 seconds of running time at 60 pictures a second" in told
    assert "16 steps of the left leg and 15 of the right" in told
    assert ">99 % of the pictures" in told
    slow = gait_document(gait_report(slow_motion=8.0, slow_motion_from="metadata", duration_s=4.25), KB)
    assert any("8 times slower than life, as the file says" in line for line in slow["looked_at"])
    assert any("4.2 seconds" in line for line in slow["looked_at"])
    behind = " ".join(DOCUMENTS["bare"]["looked_at"])
    assert "from behind" in behind
    assert "as you told us" in behind
    assert "speed" not in behind
    untold = gait_document(gait_report(speed_mps=None), KB)
    assert any("did not tell us your speed" in line for line in untold["looked_at"])
    open_ = gait_document(gait_report(facing=None, fps=math.nan, quality=quality(steps_used={})), KB)
    assert open_["looked_at"][0] == "You were filmed from the side."
    assert any("could not use any step" in line for line in open_["looked_at"])


def test_it_says_how_to_film_better() -> None:
    told = " ".join(DOCUMENTS["measured"]["film_again"])
    assert "60 pictures a second" not in told
    assert "60 pictures a second" in gait_document(gait_report(fps=29.97), KB)["film_again"][0]
    assert "We had 16 steps of the near leg" in told
    assert "Film your other side" in told
    assert "how fast the treadmill goes" not in told
    best = gait_report(fps=240.0, quality=quality(steps_used={LEFT: 40, RIGHT: 38}), view=View.BACK, facing=None)
    assert len(gait_document(best, KB)["film_again"]) == 1
    small = gait_report(quality=quality(leg_length_px=180.0), speed_mps=None)
    said = " ".join(gait_document(small, KB)["film_again"])
    assert "Go nearer" in said
    assert "how fast the treadmill goes" in said
    assert DOCUMENTS["refused"]["film_again"] == []


def test_the_physio_gets_field_terms_and_figures() -> None:
    method = DOCUMENTS["measured"]["method"]
    facts = dict(method["facts"])
    assert facts["Pose network"] == "blazepose-heavy/1a2b3c4d"
    assert facts["Knowledge base"] == "2026.11.5"
    assert facts["Cadence by events, spectrum, pixels"] == "168.8, 168.9, – steps/min"
    assert facts["Near leg"] == "left"
    figures = {(row[0], row[1]): row for row in method["figures"]}
    contact = figures["Contact time", "left"]
    assert contact[2] == "262.0 ms"
    assert contact[3] == "238.0 to 286.0"
    assert contact[7] == "karamanidis2005"
    assert any(row[2].startswith("withheld: ") for row in method["figures"])
    clinical = DOCUMENTS["clinical"]
    assert clinical["title"].startswith("Sagittal")
    assert clinical["table"][0]["name"] == "Cadence"
    assert dict(DOCUMENTS["refused"]["method"]["facts"])["Refused for"] == "feet_out_of_frame, too_short"
    assert DOCUMENTS["refused"]["method"]["figures"] == []
    assert dict(DOCUMENTS["bare"]["method"]["facts"])["Cautions"] == "small"


def test_sources_are_listed_once() -> None:
    sources = DOCUMENTS["measured"]["sources"]
    assert len(sources) == len(set(sources)) == 3
    assert all("(read: " in source for source in sources)
    strange = gait_report(metrics=(metric("cadence", measured(1, 0, 2, "spm"), norm_source=SourceKey("nobody2020")),))
    row = gait_document(strange, KB)["table"][0]
    assert row["norm_source_text"] == "nobody2020"


def test_numbers_in_words() -> None:
    assert amount(262.4, "ms", 0) == "262 ms"
    assert amount(-0.04, "deg", 0) == "0 degrees"
    assert amount(1, "deg", 0) == "1 degree"
    assert amount(1.2, "spm", 0) == "1 step a minute"
    assert amount(0.342, "ratio", 2) == "34%"
    assert amount(0.118, "leg_lengths", 2) == "12% of your leg length"
    assert amount(3, "", 0) == "3"
    assert amount(3, "furlongs", 1) == "3.0 furlongs"
    assert bare(-3.2, "deg", 0) == "−3"
    assert figure(None) == figure(math.nan) == "–"
    assert percent(None) == "not known"
    assert percent(1.0) == "100 %"
    assert percent(0.999) == ">99 %"
    assert param_text(12.34) == "12"
    assert param_text(1.25) == "1.2"
    assert param_text(4) == "4"
    assert param_text(math.inf) == "not known"
    assert param_text("x") == "x"
    assert strike_text(KB, "") == ""
    assert strike_text(KB, "forefoot") == "front of the foot first"
    assert leg_text(KB, None, None) == "Both legs"
    assert leg_text(KB, LEFT, None) == "Left leg"
    assert say(KB, message("gait.not.there_yet")) == "There yet."
    narrow = measured(12.2, 12.1, 12.3, "deg")
    assert range_text(KB, narrow, 0) == ""
    assert value_text(KB, measured(12, 10, 14, "deg", Grade.RELIABLE), 0) == "12 degrees"


@pytest.mark.parametrize("band", list(Band))
def test_every_band_has_a_sentence_that_judges_nobody(band: Band) -> None:
    value = measured(200, 190, 210, "ms")
    told = band_text(KB, metric("contact_time", value, band=band, norm_low=225.0, norm_high=317.0), value, 0)
    assert told
    assert not SLOT.search(told)
    if band in (Band.BELOW, Band.ABOVE):
        assert "That alone is not a fault." in told
    if band is not Band.NO_NORM:
        assert "225 and 317 ms (runners in a study)" in told


# --- the heel-raise test ---------------------------------------------------------------------------------------------
def test_heel_raises_in_words() -> None:
    document = DOCUMENTS["heels"]
    assert document["headline"].startswith("18 heel raises on the left leg and 25 on the right.")
    assert "66% of what the other leg did" in document["headline"]
    left, right = document["sets"]
    assert left["attempted_text"] == "You did 20 in all, and 18 of them count."
    assert left["faults"][0].startswith("2 raises: ")
    assert left["faults"][1].startswith("1 raise: ")
    assert left["stopped_text"]
    assert left["norm_text"].startswith("Half of the people of your age and sex manage 26 or more. Yours is lower")
    assert right["band"] == "within"
    rows = {row["metric"]: row for row in left["table"]}
    assert rows["count"]["value_text"] == "18 raises"
    assert rows["count"]["main"]
    assert rows["peak_height_cm"]["value_text"] == "10.5 cm"
    assert "peak_height_ratio" not in rows  # the same in another unit
    assert rows["work_index_j"]["why_not"]
    assert "The number of raises alone can look better" in document["gate"]
    assert "Heel raises on the sore leg: 18" in document["plan"]
    assert [row["value_text"] for row in document["symmetry"]] == ["72%", "91%", "66%"]
    assert document["method"]["figures"]


def test_a_count_by_hand_claims_no_more_than_a_count() -> None:
    only = {"reps": measured(72, 72, 72, "pct")}
    report = heel_report(manual=True, symmetry_pct=only, gate_pct=measured(72, 72, 72, "pct"))
    document = heel_raise_document(report, KB)
    assert document["headline"].endswith("Your left leg did 72% of the raises of the other leg.")
    assert document["gate"].startswith("72% is what your plan reads.")
    assert document["sets"][0]["table"][0]["grade_word"] == "Counted by you"
    assert not any("flat picture" in line for line in document["limits"])


def test_one_leg_no_scale_no_norm() -> None:
    none = Unavailable(reason=message("heel_raise.why.no_scale"))
    one = heel_set(RIGHT, 1, attempted=1, peak_height_cm=none, total_displacement_cm=none, norm_reps=None)
    one = replace(one, raises=tuple(replace(rep, height_cm=None) for rep in one.raises), band=Band.NO_NORM)
    report = heel_report(sets=(one,), affected=None, symmetry_pct={}, gate_pct=none, measures=())
    document = heel_raise_document(report, KB)
    assert document["headline"] == "1 heel raise on the right leg."
    rows = {row["metric"]: row for row in document["sets"][0]["table"]}
    assert rows["count"]["value_text"] == "1 raise"
    assert rows["peak_height_ratio"]["value_text"] == "42% of the foot’s length"
    assert "peak_height_cm" not in rows
    assert document["sets"][0]["raises"][0]["height_text"] == "42% of the foot’s length"
    assert document["sets"][0]["attempted_text"] == "You did 1, and all of them count."
    assert "no number for your age" in document["sets"][0]["norm_text"]
    assert document["symmetry"] == []
    assert document["gate"] == document["plan"] == ""
    any_age = replace(report, sets=(heel_set(LEFT, 18, norm_reps_any_age=25.0),))
    assert heel_raise_document(any_age, KB)["sets"][0]["norm_text"].endswith("about 25 at any age.")


def test_one_leg_counted_one_refused() -> None:
    (refused,) = refused_heel_report().sets
    document = heel_raise_document(heel_report(sets=(refused, heel_set(RIGHT, 25)), affected=None), KB)
    assert document["state"] == "measured"
    assert document["headline"].endswith("We could count one leg only.")
    assert document["refusals"][0]["side"] == "left"
    assert document["sets"][0]["norm_text"] == ""
    assert DOCUMENTS["heels refused"]["headline"].startswith("We could not count this film.")
    assert DOCUMENTS["heels by hand"]["manual_note"]


# --- the page -------------------------------------------------------------------------------------------------------
class _Page(HTMLParser):
    """Collects tags and whether they close."""

    VOID = frozenset({"meta", "br", "path", "rect", "line", "circle"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _pages(kb: KnowledgeBase) -> dict[str, str]:
    return {
        "run": gait_html(compared_report(), kb),
        "refused": gait_html(refused_report(), kb),
        "bare": gait_html(bare_report(), kb),
        "heels": heel_raise_html(heel_report(), kb),
        "heels refused": heel_raise_html(refused_heel_report(), kb),
    }


PAGES = _pages(KB)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_whole_and_loads_nothing(name: str) -> None:
    page = PAGES[name]
    parsed = _Page(page)
    assert parsed.open == []
    assert parsed.seen.count("h1") == 1
    assert not {"script", "link", "img", "iframe"} & set(parsed.seen)
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#)[a-z]+:", page.replace("xmlns", ""))
    assert "999, 112 or 911" in page


def test_the_page_shows_words_before_pictures_and_the_pictures_beside_tables() -> None:
    page = PAGES["run"]
    assert page.index("steps a minute") < page.index("<svg")
    assert page.count("The same as a table") == page.count("<figure") == 1
    assert PAGES["heels"].count("<figure") == 2
    assert "<figure" not in PAGES["refused"]
    assert PAGES["refused"].count("What to do:") == 2


def test_what_comes_from_files_is_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    report: GaitReport = gait_report(model=nasty, knowledge_version=nasty, facing=Facing.RIGHT)
    assert nasty not in gait_html(report, KB)
    refusal = Refusal(code=nasty, reason=message(nasty))
    assert nasty not in gait_html(gait_report(refusals=(refusal,)), KB)


def test_the_same_report_gives_the_same_bytes() -> None:
    assert _pages(KB) == PAGES
