"""R0 to R9 without JavaScript: every page, wrong input, old pages, help first."""

from __future__ import annotations

import re

import pytest
from journey_walker import CLOT, TENNIS_LEG, Walker

from soleus.knowledge import load_knowledge
from soleus.web.journey.bodymap import LEGS, OTHER_ZONES, ZONES

OPEN_PAGES = [
    "/",
    "/get-help/",
    "/under-18/",
    "/code/",
    "/case-file/open/",
    "/your-data/",
    "/about/",
    "/accessibility/",
    "/emergency-numbers/",
    "/offline/",
]


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_open_page_works_without_a_check_and_shows_the_emergency_strip(walker: Walker, path: str) -> None:
    walker.get(path)
    assert walker.response.status_code == 200
    assert "Call 999 now." in walker.text
    assert '<html lang="en">' in walker.text
    assert walker.text.count("<h1") == 1


def test_start_says_what_it_is_and_is_not(walker: Walker) -> None:
    text = walker.get("/").text
    for part in ("Not clinically reviewed yet", "education and research", "CE or UKCA", "aged 18", "It can be wrong"):
        assert part in text


def test_tennis_leg_reaches_a_result_within_25_pages_of_questions(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    assert walker.path == "/result/"
    assert len([p for p in walker.visited if p.startswith(("/question", "/tests"))]) <= 28
    text = walker.text
    first = re.search(r"<article class=\"cause\">\s*<h3>([^<(]+)", text)
    assert first
    assert first.group(1).strip() == "Strain of the upper calf muscle"
    for block in ("We could be wrong", "Call 999 or go to A&E if", "Call 111 or an urgent GP today if"):
        assert block in text
    assert "What to expect, and by when" in text
    assert "We will ask you again" in text
    assert text.index('id="card-title"') < text.index('id="causes"')
    assert re.search(r"About \d+ in 100", text)
    assert text.count('class="dot dot-') >= 100


def test_every_cause_opens_to_evidence_and_sources(walker: Walker) -> None:
    text = walker.to_result(TENNIS_LEG).text
    assert "Speaks for it" in text
    assert "Sources" in text
    assert "{" not in re.sub(r"<meta name=\"htmx-config\".*?>", "", text), "a wording parameter was left unfilled"


def test_emergency_answer_leads_to_help_at_once(walker: Walker) -> None:
    walker.to_result(CLOT)
    assert walker.path == "/get-help/"
    assert 'href="tel:999"' in walker.text
    assert "What to say" in walker.text
    assert "Bring with you" in walker.text
    assert sum(p.startswith("/question") for p in walker.visited) <= 2, "the most urgent screen comes first"


def test_after_help_the_runner_may_go_on_and_the_result_still_says_emergency(walker: Walker) -> None:
    walker.to_result(CLOT).post("/get-help/", {"noted": "checked"})
    assert walker.path.startswith("/question")
    walker.go_on(CLOT)
    assert walker.path == "/result/"
    assert "Call 999 now" in walker.text
    assert "First advice for today" not in walker.text


def test_emergency_check_cannot_be_skipped(walker: Walker) -> None:
    walker.begin()
    for path in ("/agreement/", "/about-you/age/", "/where/", "/result/", "/answers/"):
        assert walker.get(path).path == "/emergency-check/"
    walker.post("/emergency-check/", {})
    assert walker.path == "/emergency-check/"
    walker.post("/emergency-check/", {"emergency": "yes"})
    assert walker.path == "/get-help/"


def test_nothing_is_asked_before_the_agreement(walker: Walker) -> None:
    walker.begin().post("/emergency-check/", {"emergency": "no"})
    for path in ("/about-you/age/", "/where/", "/question/onset_type/", "/result/", "/physio/case/"):
        assert walker.get(path).path == "/agreement/"


def test_agreement_needs_both_ticks_and_says_which(walker: Walker) -> None:
    walker.begin().post("/emergency-check/", {"emergency": "no"}).post("/agreement/", {"who": "self"})
    assert walker.response.status_code == 422
    assert walker.title.startswith("Error: ")
    assert 'role="alert"' in walker.text
    assert 'href="#use"' in walker.text
    assert 'href="#adult"' in walker.text


def test_under_18_is_sent_to_people_who_can_help(walker: Walker) -> None:
    walker.agree().post("/about-you/age/", {"age": "16"})
    assert walker.path == "/under-18/"


@pytest.mark.parametrize("age", ["", "forty", "-3", "400", "12e9", "NaN", "inf"])
def test_age_that_cannot_be_is_refused(walker: Walker, age: str) -> None:
    walker.agree().post("/about-you/age/", {"age": age})
    assert walker.response.status_code == 422
    assert walker.title.startswith("Error: ")


def test_age_with_a_decimal_comma_is_read(walker: Walker) -> None:
    assert walker.agree().post("/about-you/age/", {"age": " 46,5 "}).path == "/about-you/sex/"


def test_body_map_zones_and_legs_are_options_of_the_vocabulary() -> None:
    findings = load_knowledge().findings
    options = set(findings["pain_location"].options)
    assert {zone.id for zone in (*ZONES, *OTHER_ZONES)} == options
    assert {side for _, _, side in LEGS} == set(findings["side"].options)
    assert [zone.number for zone in ZONES] == list(range(1, len(ZONES) + 1))


def test_body_map_needs_a_leg_and_a_spot(walker: Walker) -> None:
    walker.agree()
    walker.post("/about-you/age/", {"age": "46"}).post("/about-you/sex/", {"sex": "male"})
    walker.post("/about-you/body/", {"action": "skip"}).post("/where/", {"spot": "moon"})
    assert walker.response.status_code == 422
    assert 'href="#leg"' in walker.text
    assert 'href="#z1"' in walker.text


def test_screen_needs_a_tick_or_none_of_these(walker: Walker) -> None:
    walker.about()
    page, items = walker.path, walker.hidden("item")
    walker.post(page, {"item": items})
    assert walker.response.status_code == 422
    assert "None of these" in walker.text
    walker.post(page, {"item": items, "none": "yes", items[1]: "yes"})
    assert walker.response.status_code == 422
    assert "cannot both be true" in walker.text
    assert f'id="{items[1]}" value="yes" checked' in walker.text, "what was ticked is kept"


def test_not_sure_is_never_taken_as_no(walker: Walker) -> None:
    walker.about()
    items = walker.hidden("item")
    walker.post(walker.path, {"item": items, items[0]: "unsure", "none": "yes"})
    walker.go_on(TENNIS_LEG)
    assert walker.path == "/result/"
    assert "Get seen today" in walker.text
    assert "Not known yet, so we are careful:" in walker.text


def test_yes_and_not_sure_together_count_as_yes(walker: Walker) -> None:
    walker.about()
    items = walker.hidden("item")
    walker.post(walker.path, {"item": items, items[0]: ["yes", "unsure"]})
    assert walker.path == "/get-help/"


def test_unknown_answers_all_the_way_still_give_a_careful_result(walker: Walker) -> None:
    walker.about()
    for _ in range(60):
        if walker.path.startswith("/questions/"):
            items = walker.hidden("item")
            walker.post(walker.path, {"item": items, **dict.fromkeys(items, "unsure")})
        elif walker.path.startswith("/question/"):
            walker.post(walker.path, {"question": walker.hidden("question")[0], "value": "unknown"})
        elif walker.path == "/tests/":
            walker.post(walker.path, {"tests": "no"})
        else:
            break
    assert walker.path == "/result/"
    assert "Look after it yourself" not in walker.text


def test_skip_everything_that_can_be_skipped(walker: Walker) -> None:
    walker.about()
    while walker.path.startswith("/questions/") and "Safety questions" in walker.text:
        walker.answer_page(TENNIS_LEG)
    for _ in range(60):
        if walker.path.startswith("/question"):
            walker.post(walker.path, {"action": "skip", "item": walker.hidden("item")})
        elif walker.path == "/tests/":
            walker.post(walker.path, {"tests": "no"})
        else:
            break
    assert walker.path == "/result/"


def test_answer_to_a_question_that_was_never_offered_is_refused(walker: Walker) -> None:
    walker.about()
    walker.post("/question/active_cancer/", {"question": "active_cancer", "value": "yes"})
    assert walker.response.status_code == 409
    assert "moved on" in walker.text


def test_answer_that_names_another_question_is_refused(walker: Walker) -> None:
    walker.about()
    while not walker.path.startswith("/question/"):
        walker.answer_page(TENNIS_LEG)
    walker.post(walker.path, {"question": "pain_quality", "value": "throbbing"})
    assert walker.response.status_code == 409


def test_page_of_an_earlier_check_is_refused(walker: Walker) -> None:
    walker.about()
    page, items = walker.path, walker.hidden("item")
    walker.post(page, {"check": "an-older-check", "item": items, "none": "yes"})
    assert walker.response.status_code == 409
    assert "earlier check" in walker.text


def test_screen_whose_items_changed_is_refused(walker: Walker) -> None:
    walker.about()
    walker.post(walker.path, {"item": walker.hidden("item")[:-1], "none": "yes"})
    assert walker.response.status_code == 409


def test_back_shows_the_earlier_answer_and_posting_it_again_changes_nothing(walker: Walker) -> None:
    walker.about()
    while walker.path != "/question/onset_type/":
        walker.answer_page(TENNIS_LEG)
    walker.answer_page(TENNIS_LEG)
    ahead = walker.path
    walker.get("/question/onset_type/")
    assert re.search(r'value="sudden_sharp" checked', walker.text)
    assert walker.answer_page(TENNIS_LEG).path == ahead


@pytest.mark.parametrize("value", ["", "nonsense", "<script>alert(1)</script>", "yes"])
def test_answer_that_is_no_option_is_refused(walker: Walker, value: str) -> None:
    walker.about()
    while walker.path != "/question/onset_type/":
        walker.answer_page(TENNIS_LEG)
    walker.post(walker.path, {"question": "onset_type", "value": value})
    assert walker.response.status_code == 422
    assert "<script>alert" not in walker.response.content.decode()


def test_unknown_question_and_page_are_not_found(walker: Walker) -> None:
    walker.about()
    assert walker.get("/question/no_such_question/").response.status_code == 404
    assert walker.get("/no/such/page/").response.status_code == 404
    assert "Call 999 now." in walker.text
    assert walker.get("/question/thompson_positive/").response.status_code == 404, "only for clinicians"


def test_answers_page_lists_everything_and_a_change_comes_back_to_it(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG).get("/answers/")
    assert "46 years" in walker.text
    assert "How did the pain start?" in walker.text
    walker.get("/question/onset_type/?change=1")
    walker.post("/question/onset_type/", {"question": "onset_type", "value": "gradual_days_weeks", "changing": "yes"})
    assert walker.path == "/answers/"
    assert "It crept up over days or weeks" in walker.text


def test_changed_answer_takes_out_what_no_longer_fits_and_says_so(walker: Walker) -> None:
    answers = {**TENNIS_LEG, "sex": "female", "pregnant_postpartum": False}
    walker.to_result(answers).get("/answers/")
    asked = "being pregnant, or a birth" in walker.text or "pregnant" in walker.text
    if not asked:
        pytest.skip("the interview did not ask a question that depends on sex")
    walker.post("/about-you/sex/", {"sex": "male"}).get("/answers/")
    assert "Are you pregnant" not in walker.text


def test_changed_safety_answer_leads_to_help_at_once(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG).get("/questions/chest/?change=1")
    items = walker.hidden("item")
    walker.post("/questions/chest/", {"item": items, "breathless_sudden": "yes", "changing": "yes"})
    assert walker.path == "/get-help/"


def test_stop_here_gives_the_result_only_after_the_safety_questions(walker: Walker) -> None:
    walker.about()
    walker.post("/enough/", {})
    assert walker.path.startswith("/questions/")
    for _ in range(30):
        if "Stop here and show me the result" in walker.text:
            break
        walker.answer_page(TENNIS_LEG)
    assert walker.post("/enough/", {}).path == "/result/"


def test_result_is_not_shown_before_it_is_due(walker: Walker) -> None:
    walker.about()
    assert walker.get("/result/").path.startswith("/questions/")


def test_medicine_questions_unlock_or_explain(walker: Walker) -> None:
    calm = {**TENNIS_LEG, "onset_type": "after_run_1_3d", "walk_ability": "normal", "bruising": False}
    walker.to_result(calm)
    assert walker.path == "/result/"
    walker.get("/result/medicines/")
    if walker.path == "/result/":
        pytest.skip("no medicine question is open in this case")
    walker.post("/result/medicines/", {})
    assert walker.response.status_code == 422
    walker.post("/result/medicines/", {"none": "yes"})
    assert walker.path == "/result/"
    assert "up to date" in walker.text


def test_teach_back_shows_the_right_answer(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    assert "Not that one." in walker.post("/result/teach-back/", {"teach": "ache"}).text
    assert "<strong>Yes.</strong>" in walker.post("/result/teach-back/", {"teach": "swell"}).text
    assert walker.post("/result/teach-back/", {"teach": "<b>x"}).response.status_code == 200


def test_check_again_asks_for_warning_signs_anew_and_keeps_the_rest(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG).post("/check-again/", {})
    assert walker.path == "/emergency-check/"
    walker.post("/emergency-check/", {"emergency": "no"})
    assert walker.path == "/questions/chest/"
    assert " checked" not in walker.text
    walker.go_on(TENNIS_LEG)
    assert walker.path == "/result/"
    assert "How did the pain start?" in walker.get("/answers/").text


def test_country_changes_the_numbers(walker: Walker) -> None:
    walker.post("/emergency-numbers/", {"country": "us"})
    walker.to_result(CLOT)
    assert 'href="tel:911"' in walker.text
    assert "Call 911 now" in walker.text
    assert walker.post("/emergency-numbers/", {"country": "mars"}).response.status_code == 200
    assert (
        walker.post("/emergency-numbers/", {"country": "eu", "next": "https://evil.example/"}).response.status_code
        == 200
    )
    assert all("evil.example" not in url for url, _ in walker.response.redirect_chain)


def test_physio_enters_an_examination_and_sees_rules_and_decibans(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG).get("/physio/case/")
    assert "DVT Wells count" in walker.text
    assert "Decibans" in walker.text
    walker.post("/physio/case/", {"exam-thompson_positive": "yes"})
    assert "Examination saved: 1 finding." in walker.text
    assert "R12_achilles_rupture" in walker.text or "rupture" in walker.text.lower()
    assert walker.post("/physio/case/", {"exam-thompson_positive": ""}).response.status_code == 200


def test_simple_tests_are_offered_before_they_are_asked_and_can_be_declined(walker: Walker) -> None:
    walker.to_tests()
    assert "Stop at once if" in walker.text
    walker.post("/tests/", {"tests": "yes"})
    assert "<svg" in walker.text
    assert 'class="drawing"' in walker.text
    walker.get("/tests/").post("/tests/", {"tests": "no"})
    walker.go_on({})
    assert walker.path == "/result/"
    assert "Answer more questions" in walker.text
    walker.post("/more/", {})
    assert walker.path != "/result/" or "We have asked enough" in walker.text


def test_unsafe_test_is_refused_even_when_its_page_is_still_open(walker: Walker) -> None:
    walker.to_tests()
    walker.post("/tests/", {"tests": "yes"})
    test_page = walker.path
    finding = walker.hidden("question")[0]
    walker.get("/question/walk_ability/?change=1")
    walker.post("/question/walk_ability/", {"question": "walk_ability", "value": "cannot", "changing": "yes"})
    walker.post(test_page, {"question": finding, "value": "no"})
    assert walker.response.status_code == 409
    assert "not safe for you" in walker.text


def test_every_self_test_question_has_its_drawing_and_safe_order() -> None:
    from soleus.web.journey.pictures import picture_of

    tests = [f for f in load_knowledge().findings.values() if f.self_test]
    assert tests
    assert sum(bool(picture_of(f.id)) for f in tests) >= len(tests) // 2
