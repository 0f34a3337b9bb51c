"""Database sessions whose content is encrypted: a copied database shows no answers without the key file."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from soleus.web.sealing import SealBroken, seal, server_key, unseal


class SessionStore(DatabaseSessionStore):
    """Django's database sessions with sealed content."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(json.dumps(session_dict, separators=(",", ":")), server_key("session"))

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        text = session_data.decode() if isinstance(session_data, bytes) else session_data
        try:
            content = json.loads(unseal(text, server_key("session")))
        except (SealBroken, ValueError):
            return {}
        return content if isinstance(content, dict) else {}
