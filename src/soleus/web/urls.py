"""All addresses. No address carries an answer."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("soleus.web.journey.urls"))]

handler400 = "soleus.web.errors.bad_request"
handler404 = "soleus.web.errors.not_found"
handler500 = "soleus.web.errors.server_error"
