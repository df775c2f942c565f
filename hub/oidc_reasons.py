"""Why nobody was signed in by the city's account: a word for each, its refusal code, and what a program reads.

The person's sentence stands in `static/account/index.html` and the files of words.

Fail-closed: whatever is not as expected is one of these, and none of them leaves a session behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from hub.dispatch import Answer, refused
from hub.errors import SignInError


class Reason(Struct, frozen=True):
    """Args:
    code: of `hub.errors.CODES`. says: for whoever reads the answer; `{detail}` is filled in, where it is no internal
    of ours or the provider's: those are in the log alone.
    """

    code: str
    says: str
    retry: bool = False


REASONS: Final[Mapping[str, Reason]] = {
    "off": Reason("not_found", "this city has no sign-in by an account of its own"),
    "page": Reason("bad_data", "page: expected one of {detail}"),
    "elsewhere": Reason("not_allowed", "a sign-in is begun on a page of this city"),
    "busy": Reason("too_many", "too many sign-ins at once; wait a little", True),
    "state": Reason("not_allowed", "not begun in this browser, over 10 minutes ago, or used already: begin anew"),
    "declined": Reason("not_allowed", "the provider said {detail}"),
    "provider": Reason(
        "unavailable", "the provider cannot be asked or does not answer as it must; one-time links still work", True
    ),
    "setup": Reason(
        "unavailable", "the city's sign-in is not set up, the hub's log says why; one-time links still work"
    ),
    "store": Reason("unavailable", "the store cannot be reached", True),
    "code": Reason("not_allowed", "the provider does not know the code: begin anew"),
    "token": Reason("not_allowed", "the provider's ID token is none"),
    "algorithm": Reason("not_allowed", "the ID token is not signed with RS256 or ES256"),
    "key": Reason("not_allowed", "the ID token is signed with a key that the provider does not publish"),
    "signature": Reason("not_allowed", "the ID token's signature is wrong"),
    "issuer": Reason("not_allowed", "the answer is another issuer's"),
    "audience": Reason("not_allowed", "the ID token is for another client"),
    "expired": Reason("not_allowed", "the ID token is too old; is a clock wrong?"),
    "early": Reason("not_allowed", "the ID token is from the future; is a clock wrong?"),
    "nonce": Reason("not_allowed", "the ID token is of another sign-in (nonce)"),
    "claims": Reason("not_allowed", "the ID token has no usable {detail}"),
    "subject": Reason("not_allowed", "the provider's userinfo is about somebody else than the ID token"),
    "name": Reason("not_allowed", "the provider says no name (`name`, `preferred_username`)"),
    "groups": Reason("not_allowed", "no group in the claim {detail} opens a page here"),
    "van": Reason("not_allowed", "this city has no van {detail}"),
    "barred": Reason("not_allowed", "their desk signed this person out; a new link of the desk lets them in again"),
}


def answer_of(error: SignInError) -> Answer:
    """The refusal, its reason in `data`."""
    reason = REASONS[error.reason]
    said = reason.says.format(detail=error.detail)
    return refused(reason.code, said, retry=reason.retry, data={"reason": error.reason})
