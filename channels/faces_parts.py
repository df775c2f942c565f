"""What all views have, and the parts that several of them share."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from msgspec import Struct, UnsetType

T = TypeVar("T")
Maybe: TypeAlias = T | UnsetType
"""A key that a view may be without."""


class Face(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A view: the whole public face of a thing for one audience. `at` is the time of the view, ms."""

    id: str
    at: int


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A map inside a view."""


class Where(Part, frozen=True):
    lat: float
    lon: float


class Place(Where, frozen=True, kw_only=True):
    """A position with its accuracy and its age."""

    accuracy_m: float
    fix_at: int


class Person(Part, frozen=True):
    person: str
    name: str
