"""One push message: what a device reads, what a push service checks."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from hub.hook_urls import Target, target
from hub.push import public_key
from tests.support.live import on_loop
from tests.support.push import Device
from workers.post import Answer
from workers.push_send import Note, Signer, headers, push, sealed

NOTE = Note("offer", "r1", "35.76")


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_push_service_can_check_the_token() -> None:
    """RFC 8292: ES256 over its own origin, valid for less than a day, by the key that the page subscribed with."""
    secret = os.urandom(32)
    said = Signer(secret, "https://kota.example").authorization("https://push.example")
    token, key = said.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    raw = plain(signature)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(key)).verify(
        encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        f"{head}.{claims}".encode(),
        ec.ECDSA(SHA256()),
    )
    assert plain(key) == public_key(secret)
    assert json.loads(plain(head)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(plain(claims))
    assert (told["aud"], told["sub"]) == ("https://push.example", "https://kota.example")


def test_a_token_is_used_again_at_one_origin_alone() -> None:
    """Signing costs; another service gets another token."""
    signer = Signer(os.urandom(32), "")
    assert signer.authorization("https://a.example") == signer.authorization("https://a.example")
    assert signer.authorization("https://a.example") != signer.authorization("https://b.example")


def test_only_the_device_reads_it() -> None:
    """And no two messages are alike."""
    device = Device()
    one = device.of("d")
    assert device.read(sealed(one, NOTE)) == {"kind": "offer", "id": "r1", "city": "35.76"}
    assert sealed(one, NOTE) != sealed(one, NOTE)
    assert b"offer" not in sealed(one, NOTE)


def test_the_head_says_that_it_is_urgent_and_nothing_else() -> None:
    """The topic is the same for the same offer and tells nothing of it (RFC 8030: 32 base64url characters)."""
    signer, where = Signer(os.urandom(32), ""), target("https://push.example:8443/x")
    said = headers(signer, where, NOTE, 42)
    assert (said["TTL"], said["Urgency"], said["Content-Encoding"]) == ("42", "high", "aes128gcm")
    assert said["Topic"] == headers(signer, where, NOTE, 1)["Topic"]
    assert len(said["Topic"]) == 32
    assert said["Topic"] != headers(signer, where, Note("offer", "r2", "35.76"), 42)["Topic"]
    claims = json.loads(plain(said["Authorization"].split(".")[1]))
    assert claims["aud"] == "https://push.example:8443"


@on_loop
async def test_a_bad_address_is_an_answer() -> None:
    """Kept by an older version, say: it is not called."""

    async def send(where: Target, said: Mapping[str, str], body: bytes, within_s: float) -> Answer:
        raise AssertionError(where)

    answer = await push(send, Signer(os.urandom(32), ""), Device("ftp://x/").of("d"), NOTE, 60)
    assert not answer.ok
