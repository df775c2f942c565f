"""Why nobody was signed in by the city's account: a word for each, its refusal code, and the sentence in two languages.

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
    of ours or the provider's: those are in the log alone. words: for the person.
    """

    code: str
    says: str
    words: str
    retry: bool = False


_UNTRUSTED: Final = (
    "Jawaban akun kota tidak bisa dipercaya, jadi tidak dipakai. Coba lagi; kalau tetap begini, beri tahu admin."
)
_LINK: Final = "Tautan masuk sekali pakai tetap berlaku."

REASONS: Final[Mapping[str, Reason]] = {
    "off": Reason(
        "not_found",
        "this city has no sign-in by an account of its own",
        f"Kota ini belum memakai akun kota. {_LINK}",
    ),
    "page": Reason("bad_data", "page: expected one of {detail}", "Halaman ini tidak dibuka dengan akun kota."),
    "elsewhere": Reason(
        "not_allowed",
        "a sign-in is begun on a page of this city",
        "Mulai masuk dari halaman petugas.",
    ),
    "busy": Reason(
        "too_many",
        "too many sign-ins at once; wait a little",
        "Terlalu banyak yang masuk bersamaan. Tunggu sebentar, lalu coba lagi.",
        True,
    ),
    "state": Reason(
        "not_allowed",
        "not begun in this browser, over 10 minutes ago, or used already: begin anew",
        "Proses masuk ini tidak dimulai di sini, terlalu lama, atau sudah dipakai. Coba lagi.",
    ),
    "declined": Reason("not_allowed", "the provider said {detail}", "Akun kota tidak mengizinkan masuk."),
    "provider": Reason(
        "unavailable",
        "the provider cannot be asked or does not answer as it must; one-time links still work",
        f"Akun kota sedang tidak bisa dihubungi. Coba sebentar lagi. {_LINK}",
        True,
    ),
    "setup": Reason(
        "unavailable",
        "the city's sign-in is not set up, the hub's log says why; one-time links still work",
        f"Akun kota belum disiapkan dengan benar; beri tahu admin. {_LINK}",
    ),
    "store": Reason("unavailable", "the store cannot be reached", "Pusat data sedang terganggu. Coba lagi.", True),
    "code": Reason(
        "not_allowed",
        "the provider does not know the code: begin anew",
        "Proses masuk sudah kedaluwarsa. Coba lagi.",
    ),
    "token": Reason("not_allowed", "the provider's ID token is none", _UNTRUSTED),
    "algorithm": Reason("not_allowed", "the ID token is not signed with RS256 or ES256", _UNTRUSTED),
    "key": Reason("not_allowed", "the ID token is signed with a key that the provider does not publish", _UNTRUSTED),
    "signature": Reason("not_allowed", "the ID token's signature is wrong", _UNTRUSTED),
    "issuer": Reason("not_allowed", "the answer is another issuer's", _UNTRUSTED),
    "audience": Reason("not_allowed", "the ID token is for another client", _UNTRUSTED),
    "expired": Reason("not_allowed", "the ID token is too old; is a clock wrong?", _UNTRUSTED),
    "early": Reason("not_allowed", "the ID token is from the future; is a clock wrong?", _UNTRUSTED),
    "nonce": Reason("not_allowed", "the ID token is of another sign-in (nonce)", _UNTRUSTED),
    "claims": Reason("not_allowed", "the ID token has no usable {detail}", _UNTRUSTED),
    "name": Reason(
        "not_allowed",
        "the ID token says no name (`name`, `preferred_username`)",
        "Akun kota tidak menyebut nama Anda; beri tahu admin.",
    ),
    "groups": Reason(
        "not_allowed",
        "no group in the claim {detail} opens a page here",
        f"Akun Anda belum punya peran di sini (klaim {{detail}}). Minta admin memasukkan Anda ke grup yang "
        f"benar. {_LINK}",
    ),
    "van": Reason(
        "not_allowed",
        "this city has no van {detail}",
        "Mobil untuk grup Anda belum terdaftar. Beri tahu meja mobil keliling.",
    ),
    "barred": Reason(
        "not_allowed",
        "their desk signed this person out; a new link of the desk lets them in again",
        "Meja Anda sudah mengeluarkan Anda. Minta tautan baru ke meja Anda.",
    ),
}


def answer_of(error: SignInError) -> Answer:
    """The refusal, its reason in `data`."""
    reason = REASONS[error.reason]
    said = reason.says.format(detail=error.detail)
    return refused(reason.code, said, retry=reason.retry, data={"reason": error.reason})


def words_of(error: SignInError) -> str:
    """The sentence for the person."""
    return REASONS[error.reason].words.format(detail=error.detail)
