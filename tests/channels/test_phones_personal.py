"""What is personal of the staff's phones."""

from __future__ import annotations

from channels import phones_things as things
from channels.alarms import Alarm
from channels.phones_personal import redrawn
from channels.phones_things import Phone, Somebody
from hub.app import services
from tests.channels.world import NOW

DECLARED = services().declared
PHONE = Phone(id="sari", role="medic", name="Sari", desk="medic", alarm=Alarm(NOW))
RING = things.TestRing(
    id="medic", rung_at=NOW, missed=(Somebody("sari", "medic", "Sari"), Somebody("tono", "medic", "Tono"))
)


def test_an_erased_persons_alarm_goes() -> None:
    """The whole thing: it is about them alone."""
    assert DECLARED.blanked("phone", "sari", PHONE, "sari") is None
    decision = redrawn("phone", "sari", PHONE, None, NOW)
    assert [(write.id, write.state) for write in decision.writes] == [("sari", None)]
    assert [change.view for change in decision.changes] == [None]


def test_only_the_erased_persons_name_leaves_a_test() -> None:
    """The count stays, and so do the others."""
    after = DECLARED.blanked("test_ring", "medic", RING, "sari")
    assert isinstance(after, things.TestRing)
    assert [(one.person, one.name) for one in after.missed] == [("sari", ""), ("tono", "Tono")]
    (change,) = redrawn("test_ring", "medic", RING, after, NOW).changes
    assert change.view is not None
    assert [one["name"] for one in change.view["missed"]] == ["", "Tono"]
