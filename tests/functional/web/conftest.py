"""A runner at the web app: Django's test client with a helper that walks the journey like a person would."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soleus.web.settings")
os.environ.setdefault("SOLEUS_SECRET_KEY", "tests only, never a real key")
os.environ.setdefault("SOLEUS_DATA_DIR", tempfile.mkdtemp(prefix="soleus-web-tests-"))

import django

django.setup()

import pytest  # noqa: E402 - after the set-up above
from journey_walker import Walker  # noqa: E402


@pytest.fixture
def walker(db, client) -> Walker:
    return Walker(client)
