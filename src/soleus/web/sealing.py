"""Encryption at rest: Fernet (AES-128-CBC with HMAC-SHA256) under keys derived from the secret key or a resume code."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

SCRYPT_COST = 2**14  # about 50 ms a look-up: too slow to try codes in bulk, on top of the rate limit


class SealBroken(Exception):
    """The text was not sealed with this key, or was changed."""


def seal(text: str, key: str) -> str:
    return Fernet(key).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, key: str) -> str:
    try:
        return Fernet(key).decrypt(sealed.encode("ascii", "replace")).decode()
    except InvalidToken as error:
        raise SealBroken from error


@lru_cache(maxsize=8)
def _derived(secret: str, purpose: str) -> str:
    digest = hmac.new(secret.encode(), f"soleus.web/{purpose}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def server_key(purpose: str) -> str:
    """A key of the server's own for one purpose."""
    return _derived(settings.SECRET_KEY, purpose)


def code_key(code: str) -> str:
    """The key that only the holder of a resume code can make."""
    salt = server_key("resume-salt").encode()
    digest = hashlib.scrypt(code.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(digest).decode("ascii")


def fingerprint(text: str, purpose: str) -> str:
    """A keyed hash, for looking up what must not be stored in the clear."""
    return hmac.new(server_key(purpose).encode(), text.encode(), hashlib.sha256).hexdigest()


def seal_bytes(content: bytes, key: str) -> bytes:
    return Fernet(key).encrypt(content)


def unseal_bytes(sealed: bytes, key: str) -> bytes:
    try:
        return Fernet(key).decrypt(bytes(sealed))
    except InvalidToken as error:
        raise SealBroken from error


def key_for(text: str, purpose: str) -> str:
    """A key that needs both the server's secret and this text: without either, nothing opens."""
    return base64.urlsafe_b64encode(bytes.fromhex(fingerprint(text, purpose))).decode("ascii")
