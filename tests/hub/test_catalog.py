"""Commands and topics as data."""

from __future__ import annotations

from channels.faces import FACES
from hub.app import services
from hub.catalog import Faces, commands, topics
from hub.contract import Actor

KNOWN = {one.key: one for one in commands(services())}
SHOWN = {one.pattern: one for one in topics(services(), Faces(FACES))}


def test_only_what_people_give_is_listed() -> None:
    """Timers' and the hub's own commands are nobody's; a command that three desks have stands there for each."""
    assert KNOWN["medic.call"].roles == ("resident", "dispatcher")
    assert KNOWN["medic.receipt"].roles == ("medic",)
    assert KNOWN["van.position"].fleeting
    assert "medic.wave" not in KNOWN
    assert "shop.register" not in KNOWN
    assert {key for key in KNOWN if key.startswith("alarm.take")} == {
        f"alarm.take.{desk}" for desk in ("medic", "market", "van", "city")
    }


def test_who_may_join_is_what_the_rule_lets_in() -> None:
    """Anyone, a desk, or whose own it is; and whether the store is asked as well."""
    assert SHOWN["city"].anyone
    assert SHOWN["dispatch"].joins == ({"role": "dispatcher", "desk": "medic"},)
    assert SHOWN["shop/<id>"].joins == ({"role": "seller", "own": "shop"},)
    assert SHOWN["queue/<van>"].joins == ({"role": "crew", "own": "van"},)
    assert {"role": "resident", "own": "person"} in SHOWN["help/<person>"].joins
    assert SHOWN["wants/<kelurahan>/<category>"].asks
    assert not SHOWN["vans"].asks


def test_the_list_says_what_the_hub_does() -> None:
    """A seller of another shop may not; the rule and the list agree."""
    topic = services().topic("shop/s01")
    assert topic is not None
    assert topic.allows(Actor("p", "seller", shop="s01"))
    assert not topic.allows(Actor("p", "seller", shop="s02"))
