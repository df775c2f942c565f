"""Views as the documents describe them."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from channels.faces import FACES
from hub.app import services
from tests.channels.world import ROOT
from tests.support.shapes import fits

PROTOCOL = (ROOT / "hub" / "PROTOCOL.md").read_text("utf-8")
MEDICS = {"type": "medics", "id": "medics", "state": "none", "at": 1, "on_duty": 0}


def test_every_topic_has_its_views() -> None:
    """No service has a topic that the documents know nothing of, and none is described that nobody has."""
    patterns = {rule.pattern for channel in services().channels for rule in channel.topics}
    assert set(FACES) == patterns


@pytest.mark.parametrize("pattern", FACES)
def test_in_a_topic_every_type_is_one_view(pattern: str) -> None:
    """Whoever reads a topic knows a view by its `type` alone."""
    tags = Counter(view.__struct_config__.tag for view in FACES[pattern])
    assert set(tags.values()) == {1}
    assert all(f"`{tag}" in PROTOCOL or f"{tag}:" in PROTOCOL for tag in tags), tags


def test_a_view_fits() -> None:
    """The view that a service makes is taken as it is."""
    fits("city", MEDICS)


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ({**MEDICS, "more": 1}, "more"),
        ({key: value for key, value in MEDICS.items() if key != "on_duty"}, "on_duty"),
        ({**MEDICS, "state": "asleep"}, "state"),
        ({**MEDICS, "on_duty": "0"}, "on_duty"),
        ({**MEDICS, "type": "offer"}, "type"),
    ],
    ids=json.dumps,
)
def test_a_view_that_drifted_is_seen(view: dict[str, object], says: str) -> None:
    """An unknown key, a missing one, another value or type: the message names it."""
    with pytest.raises(AssertionError, match=says):
        fits("city", view)
