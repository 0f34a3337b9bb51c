"""R0 to R4: start, emergency check, help, agreement, about you."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from soleus.web.journey import adapter
from soleus.web.journey.context import numbers
from soleus.web.journey.flow import agreed, go_on, show, with_check
from soleus.web.journey.forms import FormError, Mistakes, read_number
from soleus.web.journey.help import GENERAL, Help, help_for
from soleus.web.journey.state import Check, load_check, start_check, store_check

ADULT_AGE_YEARS = 18
SHORT_STAY_SECONDS = 12 * 3600


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """R0. Posting begins a new check; a copy saved under a code stays until its date."""
    if request.method == "POST":
        return go_on(request, start_check(request))
    check = load_check(request)
    return render(request, "soleus/start.html", {"answered": len(check.answers) if check else 0, "bare": True})


@require_http_methods(["GET", "POST"])
@with_check
def emergency_check(request: HttpRequest, check: Check) -> HttpResponse:
    """R1. Not skippable."""
    if request.method == "POST":
        choice = request.POST.get("emergency")
        if choice == "yes":
            return redirect(f"{reverse('get_help')}?from=check")
        if choice == "no":
            check.emergency_checked = True
            store_check(request, check)
            return go_on(request, check)
    return render(request, "soleus/emergency_check.html", {"back": reverse("start")})


@require_http_methods(["GET", "POST"])
def get_help(request: HttpRequest) -> HttpResponse:
    """R2. Works without a check; with one it gives the reasons from the answers."""
    check = load_check(request)
    shown = _help_of(request, check)
    if request.method == "POST" and check is not None:
        check.emergency_checked = True
        if shown.disposition is not None:
            check.noted = max(check.noted, int(shown.disposition))
        store_check(request, check)
        return go_on(request, check)
    return render(request, "soleus/get_help.html", {"help": shown, "bare": True})


def _help_of(request: HttpRequest, check: Check | None) -> Help:
    if check is None or not check.agreed or request.GET.get("from") == "check":
        return GENERAL.with_numbers(numbers(request))
    return help_for(check, adapter.triage_now(check), numbers(request))


@require_http_methods(["GET", "POST"])
@with_check
def agreement(request: HttpRequest, check: Check) -> HttpResponse:
    """R3. Nothing about health is kept before this is agreed."""
    if not check.emergency_checked:
        return go_on(request, check)
    form = {"who": "self" if check.agreed and check.for_self else "", "use": check.agreed, "adult": check.agreed}
    form["keep"] = check.keep
    if request.method == "GET":
        return show(request, "soleus/agreement.html", {"form": form, "back": reverse("emergency_check")})
    form = {name: request.POST.get(name, "") for name in ("who", "use", "adult", "keep")}
    errors = []
    if form["who"] not in {"self", "other"}:
        errors.append(FormError("who", "Choose who this check is for"))
    if form["use"] != "yes":
        errors.append(FormError("use", "Tick that we may use the answers, or leave the check"))
    if form["adult"] != "yes":
        errors.append(FormError("adult", "Tick that the person is 18 or older. Soleus is only for adults"))
    if errors:
        context = {"form": form, "back": reverse("emergency_check")}
        return show(request, "soleus/agreement.html", context, Mistakes(*errors))
    check.agreed, check.for_self, check.keep = True, form["who"] == "self", form["keep"] == "yes"
    request.session.cycle_key()
    request.session.set_expiry(None if check.keep else SHORT_STAY_SECONDS)
    store_check(request, check)
    return go_on(request, check)


@require_http_methods(["GET", "POST"])
@agreed
def age(request: HttpRequest, check: Check) -> HttpResponse:
    """R4: age."""
    context = {"back": reverse("agreement"), "form": {"age": check.age_years}}
    if request.method == "GET":
        return show(request, "soleus/age.html", context)
    try:
        value = read_number(request.POST, "age", low=0, high=120, what="the age in years")
        if value is None:
            value = _missing(FormError("age", "Write the age in years, such as 42"))
    except Mistakes as mistakes:
        return show(request, "soleus/age.html", {**context, "form": {"age": request.POST.get("age")}}, mistakes)
    if value < ADULT_AGE_YEARS:
        return redirect("too_young")
    check.age_years, check.age_done = int(value), True
    return _changed(request, check)


@require_http_methods(["GET", "POST"])
@agreed
def sex(request: HttpRequest, check: Check) -> HttpResponse:
    """R4: sex registered at birth."""
    context = {"back": reverse("age"), "form": {"sex": check.sex if check.sex_done else ""}}
    if request.method == "GET":
        return show(request, "soleus/sex.html", context)
    chosen = request.POST.get("sex", "")
    if chosen not in {"female", "male", "prefer_not"}:
        mistakes = Mistakes(FormError("sex", "Choose one, or “Prefer not to say”"))
        return show(request, "soleus/sex.html", context, mistakes)
    check.sex, check.sex_done = chosen, True
    return _changed(request, check)


@require_http_methods(["GET", "POST"])
@agreed
def body(request: HttpRequest, check: Check) -> HttpResponse:
    """R4: height and weight, optional."""
    context = {"back": reverse("sex"), "form": {"height": check.height_cm, "weight": check.weight_kg}}
    if request.method == "GET":
        return show(request, "soleus/body.html", context)
    height = weight = None
    if request.POST.get("action") != "skip":
        try:
            height = read_number(request.POST, "height", low=100, high=250, what="the height in centimetres")
            weight = read_number(request.POST, "weight", low=25, high=300, what="the weight in kilograms")
        except Mistakes as mistakes:
            form = {"height": request.POST.get("height"), "weight": request.POST.get("weight")}
            return show(request, "soleus/body.html", {**context, "form": form}, mistakes)
    check.height_cm, check.weight_kg, check.body_done = height, weight, True
    return _changed(request, check)


def _missing(error: FormError) -> float:
    raise Mistakes(error)


def _changed(request: HttpRequest, check: Check) -> HttpResponse:
    from soleus.web.journey.views.interview import settle

    settle(request, check)
    return go_on(request, check)
