"""From what a provider says, believed, to a member of the staff: who it is here, what they may do, and the sign-in.

One human is one person: their id is derived from issuer and subject with the city's key (HMAC-SHA256), so the same
account is the same person for ever, and nobody finds the account from the id. They have one post: the first group of
the city's file that they are in. When that is another than before, every sign-in of the old one ends in the same step.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from hub.commit import pack
from hub.contract import Actor
from hub.errors import SignInError
from hub.identity import VIA_ACCOUNT, Identity, Issued, digest_of, enrol
from hub.keys import AUDIT_MOST
from hub.link import Args
from hub.members import member_of
from hub.oidc_table import Oidc, Post
from hub.revoking import EVERY, end_all
from hub.store import Store

if TYPE_CHECKING:
    from hub.oidc_token import Claims

AUDITED: Final = "staff.oidc"
HOUR_MS: Final = 3_600_000


def person_of(secret: bytes, issuer: str, subject: str) -> str:
    """The id of whoever a provider calls so; always the same."""
    text = f"oidc person\0{issuer}\0{subject}".encode()
    raw = bytearray(hmac.new(secret, text, hashlib.sha256).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80  # RFC 9562 section 5.8: a custom UUID
    return str(uuid.UUID(bytes=bytes(raw)))


def granted(roles: Mapping[str, Post], groups: Iterable[str]) -> Post | None:
    """The first post of the file whose group somebody is in."""
    mine = set(groups)
    return next((post for group, post in roles.items() if group in mine), None)


async def come_in(store: Store, identity: Identity, oidc: Oidc, claims: Claims) -> tuple[Issued, Actor]:
    """Sign somebody in, enrolled into the roster and with a trace in the audit log; what they may do is the provider's.

    Raises:
        SignInError: no group of theirs opens a page, their van is not there, or their desk signed them out.
        StoreError: the store could not be asked.
    """
    person = person_of(store.secret, oidc.issuer, claims.subject)
    post = granted(oidc.roles, claims.groups)
    if post is None:
        await end_all(store, person)  # the city has just said that they have no post any more
        raise SignInError("groups", oidc.groups_claim)
    await _check_van(store, post)
    await _check_barred(store, person)
    await _audit(store, person, post)  # first: nobody comes in without a trace
    member = await member_of(store, person)
    made = await enrol(
        store, role=post.role, name=claims.name, person=person, van=post.van, desk=post.desk,
        vehicle=member.vehicle if member is not None and post.role == "medic" else "",
        replace=EVERY if await _was_another(store, person, post) else None, via=VIA_ACCOUNT,
    )  # fmt: skip
    try:
        await _check_barred(store, person)  # again: who is signed out from here on has this code taken back as well
    except SignInError:
        await store.many("normal", [["DEL", store.keys.enrol(digest_of(made.code))]])
        raise
    redeemed = await identity.redeem(made.code, oidc.max_session_h * HOUR_MS)
    if redeemed is None:
        raise SignInError("barred")
    return redeemed


async def _check_van(store: Store, post: Post) -> None:
    if post.van is None:
        return
    (there,) = await store.many("normal", [["EXISTS", store.keys.thing("van", post.van)]])
    if not there:
        raise SignInError("van", post.van)


async def _check_barred(store: Store, person: str) -> None:
    (barred,) = await store.many("normal", [["SISMEMBER", store.keys.barred, person]])
    if barred:
        raise SignInError("barred")


async def _was_another(store: Store, person: str, post: Post) -> bool:
    """Whether a sign-in of theirs stands that may do something else than this post."""
    (digests,) = await store.many("normal", [["SMEMBERS", store.keys.sessions(person)]])
    fields = ("revoked", "role", "desk", "van")
    rows = await store.many("normal", [["HMGET", store.keys.session(one.decode()), *fields] for one in digests])
    own = [value.encode() if value is not None else None for value in (post.role, post.desk, post.van)]
    return any(role is not None and revoked is None and [role, *more] != own for revoked, role, *more in rows)


async def _audit(store: Store, person: str, post: Post) -> None:
    done = {"cmd": AUDITED, "id": "", "by": person, "role": post.role, "things": [f"person/{person}"]}
    kept: Args = ["XADD", store.keys.audit, "MAXLEN", "~", AUDIT_MOST, "*"]
    await store.many("normal", [[*kept, "commit", 0, "at", store.now(), "e", pack(done)]])
