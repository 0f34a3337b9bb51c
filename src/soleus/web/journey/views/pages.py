"""Pages that need no check."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from soleus.web.journey.context import COUNTRIES, country_id


@require_GET
def too_young(request: HttpRequest) -> HttpResponse:
    return render(request, "soleus/too_young.html", {"back": reverse("start")})


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "soleus/privacy.html")


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "soleus/about.html")


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "soleus/accessibility.html")


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "soleus/offline.html", {"bare": True})


@require_http_methods(["GET", "POST"])
def country(request: HttpRequest) -> HttpResponse:
    """Choose whose emergency numbers are shown."""
    if request.method == "POST":
        chosen = request.POST.get("country", "")
        if chosen in COUNTRIES:
            request.session["country"] = chosen
        after = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}):
            after = reverse("continue")
        return redirect(after)
    countries = [{"id": key, "label": value["label"]} for key, value in COUNTRIES.items()]
    return render(
        request, "soleus/country.html", {"countries": countries, "country_id": country_id(request), "next": ""}
    )


SERVICE_WORKER = """// Keeps one page for when there is no connection: what to do in an emergency. Never any answers.
const KEPT = "soleus-offline-1";
const FILES = [%s];
self.addEventListener("install", (e) => {
  e.waitUntil(caches.open(KEPT).then((c) => c.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (e) => {
  e.waitUntil(caches.keys().then((ks) => Promise.all(ks.filter((k) => k !== KEPT).map((k) => caches.delete(k)))));
});
self.addEventListener("fetch", (e) => {
  if (e.request.mode === "navigate") {
    e.respondWith(fetch(e.request).catch(() => caches.match("/offline/", { ignoreVary: true })));
  } else if (FILES.includes(new URL(e.request.url).pathname)) {
    e.respondWith(fetch(e.request).catch(() => caches.match(e.request, { ignoreVary: true })));
  }
});
"""


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The script that shows the emergency page when there is no connection."""
    files = [reverse("offline"), static("soleus/site.css"), static("soleus/mark.svg")]
    script = SERVICE_WORKER % ", ".join(f'"{name}"' for name in files)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
