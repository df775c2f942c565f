"""The error tree, and the codes that a peer may read.

    HubError
     +- WireError          the peer's bytes are no frame of ours (theirs)
     +- DataError          a field is wrong; `path` names it (theirs)
     +- StoreError
     |   +- StoreUnavailable   certainly not accepted: nothing was sent
     |   +- StoreUnconfirmed   sent, and no proof came: it may take effect
     |   +- StoreForeign       another kind of city, or a newer version (ours)
     |   +- StoreUnsafe        accepted would not mean on disk; names the setting
     +- ArchiveError
     |   +- ArchiveUnavailable the long memory cannot be reached, is full or refuses: tried again
     |   +- ArchiveForeign     no archive, another kind of city, or a newer version (ours)
     +- SealError          a sealed field does not open
     +- LogTrimmed         the log no longer reaches back to a position (ours)
     +- FetchFailed        a server that the city named gave no answer that can be used (theirs)
     +- SignInError        nobody is signed in by the city's account; `reason` says why
     +- SettingError       a setting is wrong; names it (ours)
     +- StartError         cannot start: one sentence, exit code 2 (ours)

A refusal is a value (`contract.Refusal`), never an exception.
"""

from __future__ import annotations

from typing import Final

CODES: Final = {
    "bad_frame": "the frame is not MessagePack or JSON, not a map, too deep, or of an unknown type",
    "bad_data": "a field is wrong; the message begins with its path",
    "unknown_command": "no service has this command",
    "unknown_topic": "no service has this topic",
    "not_signed_in": "no valid session for this role",
    "not_allowed": "this role, desk or person may not",
    "not_found": "the thing named does not exist",
    "illegal_step": "the thing's state does not allow this step",
    "taken": "somebody else won; `data.winner` says who",
    "busy": "the medic already holds another request",
    "too_late": "the act is too old",
    "too_many": "a rate limit; try again after `data.after_ms`",
    "id_reused": "this id already belongs to another command",
    "unavailable": "certainly not accepted; try again",
    "unconfirmed": "may take effect; repeat with the same id",
    "price_changed": "a price differs from the one seen; `data` has the new one",
    "out_of_stock": "not enough left; `data` says how many",
    "wrong_clock": "the position's time lies ahead of the city's clock",
    "internal": "a fault in the hub; it is in the log",
}


class HubError(Exception):
    """Whatever the hub raises on purpose."""


class WireError(HubError):
    """The peer's bytes are no frame."""


class DataError(HubError):
    """A field is wrong.

    Attributes:
        path: the field, from the frame's root: `data.location.lat`.
        expected: what was expected, in words.
    """

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        self.expected = expected
        super().__init__(path, expected)

    def __str__(self) -> str:
        return f"{self.path}: {self.expected}"


class StoreError(HubError):
    """The store could not be asked or could not be trusted."""


class StoreUnavailable(StoreError):
    """Nothing was sent: certainly not accepted."""


class StoreUnconfirmed(StoreError):
    """Sent, but no proof of durability came back."""


class StoreForeign(StoreError):
    """The store holds another kind of city (demo or real) or a newer version."""


class StoreUnsafe(StoreError):
    """The store would lose what it accepts.

    Attributes:
        setting: the store's setting at fault.
        found: its value.
        wanted: the value needed.
    """

    def __init__(self, setting: str, found: str, wanted: str) -> None:
        self.setting, self.found, self.wanted = setting, found, wanted
        super().__init__(setting, found, wanted)

    def __str__(self) -> str:
        return f"the store's {self.setting} is {self.found!r}, expected {self.wanted!r}"


class ArchiveError(HubError):
    """The long memory could not be written or read."""


class ArchiveUnavailable(ArchiveError):
    """Gone, full or refusing: what was under way may or may not have been written."""


class ArchiveForeign(ArchiveError):
    """No archive, another kind of city, or a newer version: nothing was changed in it."""


class SealError(HubError):
    """A sealed field does not open: another key or place, or somebody changed it."""


class LogTrimmed(HubError):
    """The log no longer reaches back to the position asked for."""


class FetchFailed(HubError):
    """A server that the city named gave no answer that can be used; says why."""


class SignInError(HubError):
    """Nobody is signed in by the city's account.

    Attributes:
        reason: a word of `hub.oidc_reasons.REASONS`.
        detail: what it is about, in words that nobody from outside chose; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class SettingError(HubError):
    """A setting is wrong."""


class StartError(HubError):
    """The process cannot start; the message is one clear sentence."""
