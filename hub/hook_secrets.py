"""A webhook's secret as the store keeps it: sealed with a key that is derived from the city's own.

AES-256-GCM like personal fields (`hub.seal`), bound to the city and the service account. The key is derived as the
VAPID key is (`hub.push`): the same at every worker and after a restore, and nothing more to keep. So whoever sees the
webhooks signs nothing for anybody; who reads all of the store has the city's key as well. Secrets of before lie open
until a worker seals them (`Hooks.seal`), and are read as they are until then.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from hub.errors import SealError
from hub.seal import aad, seal, unseal

WHAT: Final = "webhook secret"
FIELD: Final = "sealed"
OPEN: Final = "secret"


def sealed(city: str, city_key: bytes, person: str, secret: str) -> dict[str, str]:
    """What the store keeps of a secret; text, for its Lua reads MessagePack without bytes."""
    blob = seal(_key(city_key), aad(city, person, WHAT), secret)
    return {FIELD: base64.b64encode(blob).decode()}


def opened(city: str, city_key: bytes, person: str, fields: Mapping[str, Any]) -> str:
    """The secret; empty when it does not open: another city's key or another account's, or it was changed."""
    if FIELD not in fields:
        return str(fields[OPEN])
    try:
        return str(unseal(_key(city_key), aad(city, person, WHAT), base64.b64decode(fields[FIELD])))
    except (SealError, ValueError):
        return ""


def _key(city_key: bytes) -> bytes:
    return hmac.new(city_key, b"webhook secrets", hashlib.sha256).digest()
