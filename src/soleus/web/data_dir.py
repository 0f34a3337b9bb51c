"""Where the database and the secret key live, and how the key is made."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 64


def data_dir() -> Path:
    """`SOLEUS_DATA_DIR`, else ./var inside a checkout, else the user's XDG data folder; created private."""
    chosen = os.environ.get("SOLEUS_DATA_DIR")
    if chosen:
        path = Path(chosen)
    elif Path("pyproject.toml").is_file() and Path("src/soleus").is_dir():
        path = Path("var")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
        path = Path(base) / "soleus"
    path = path.resolve()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def secret_key(folder: Path) -> str:
    """The key that signs and encrypts sessions: from the environment, else a 0600 file kept in the data folder."""
    given = os.environ.get("SOLEUS_SECRET_KEY")
    if given:
        return given
    path = folder / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii").strip()
        if key:
            return key
        path.unlink()  # a crash between creating and writing left it empty
        return secret_key(folder)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(KEY_BYTES)
        file.write(key)
    return key
