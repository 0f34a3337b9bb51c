"""Shoes as people name them, made into `Shoe` without anything that names a person."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from soleus.core.activity import Shoe

_EMAIL = re.compile(r"\S*@\S*")
_LONGEST = 60


def shoe_named(name: str, *, first_used_on: date | None = None, retired_on: date | None = None) -> Shoe | None:
    """A shoe by its name; the same name in any case and spacing is the same pair. None for an empty name."""
    clean = " ".join(_EMAIL.sub("", name).split())[:_LONGEST].strip()
    if not clean:
        return None
    digest = hashlib.blake2b(clean.casefold().encode(), digest_size=6).hexdigest()
    return Shoe(id=f"shoe-{digest}", name=clean, first_used_on=first_used_on, retired_on=retired_on)
