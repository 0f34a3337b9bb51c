"""Addresses of the journey."""

from __future__ import annotations

from django.urls import path

from soleus.web.journey.views import before, files, interview, pages, physio, result, training

urlpatterns = [
    path("", before.start, name="start"),
    path("emergency-check/", before.emergency_check, name="emergency_check"),
    path("get-help/", before.get_help, name="get_help"),
    path("agreement/", before.agreement, name="agreement"),
    path("under-18/", pages.too_young, name="too_young"),
    path("about-you/age/", before.age, name="age"),
    path("about-you/sex/", before.sex, name="sex"),
    path("about-you/body/", before.body, name="body"),
    path("where/", interview.where, name="where"),
    path("questions/<slug:screen_id>/", interview.screen, name="screen"),
    path("question/<slug:finding>/", interview.question, name="question"),
    path("tests/", interview.tests, name="tests"),
    path("enough/", interview.enough, name="enough"),
    path("more/", interview.more, name="more"),
    path("continue/", interview.go_on_view, name="continue"),
    path("answers/", interview.answers, name="answers"),
    path("result/", result.result, name="result"),
    path("result/teach-back/", result.teach_back, name="teach_back"),
    path("result/medicines/", result.medicines, name="medicines"),
    path("result/soleus-result.pdf", files.runner_pdf, name="runner_pdf"),
    path("result/soleus-letter.pdf", files.letter_pdf, name="letter_pdf"),
    path("case-file/soleus-case.yaml", files.case_file, name="case_file"),
    path("case-file/open/", files.open_case, name="open_case"),
    path("check-again/", result.check_again, name="check_again"),
    path("save/", files.save, name="save"),
    path("code/", files.resume, name="resume"),
    path("delete/", files.finish, name="finish"),
    path("running/", training.add, name="running"),
    path("running/day/", training.onset, name="running_onset"),
    path("running/upload/", training.upload, name="running_upload"),
    path("running/reading/", training.job, name="running_job"),
    path("running/soleus-files.csv", training.files_csv, name="running_files"),
    path("running/table/", training.table, name="running_table"),
    path("running/changes/", training.changes, name="running_changes"),
    path("running/soleus-running.json", training.download, name="running_download"),
    path("running/delete/", training.forget, name="running_forget"),
    path("physio/case/", physio.case, name="physio_case"),
    path("your-data/", pages.privacy, name="privacy"),
    path("about/", pages.about, name="about"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("emergency-numbers/", pages.country, name="country"),
    path("offline/", pages.offline, name="offline"),
    path("sw.js", pages.service_worker, name="service_worker"),
]
