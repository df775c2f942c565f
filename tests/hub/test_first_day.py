"""The first day: one link for an admin, while nobody was ever enrolled."""

from __future__ import annotations

from hub.first_day import first_admin
from hub.identity import Identity, enrol
from tests.support.live import on_loop, opened


@on_loop
async def test_an_empty_city_has_one_link_until_it_is_used(store_url: str) -> None:
    """A restart says a fresh one for the same person, the old one is worth nothing; used, there is none."""
    async with opened(store_url) as (store, _):
        identity = Identity(store)
        first, second = await first_admin(store), await first_admin(store)
        assert first is not None
        assert second is not None
        assert (first.role, first.person) == ("admin", second.person)
        assert await identity.redeem(first.code) is None
        redeemed = await identity.redeem(second.code)
        assert redeemed is not None
        assert redeemed[1].role == "admin"
        assert await first_admin(store) is None
        who = await identity.resolve(redeemed[0].token)
        assert who is not None
        await identity.revoke(who, "current")
        assert await first_admin(store) is None  # signed out is not unused


@on_loop
async def test_a_city_with_people_has_none(store_url: str) -> None:
    """Whoever enrolled somebody at the command line needs no admin."""
    async with opened(store_url) as (store, _):
        await enrol(store, role="medic", name="Sari")
        assert await first_admin(store) is None


@on_loop
async def test_a_link_that_waits_outlives_other_enrolments(store_url: str) -> None:
    """The admin's link is unused, so it is said again, whoever else came meanwhile."""
    async with opened(store_url) as (store, _):
        made = await first_admin(store)
        await enrol(store, role="medic", name="Sari")
        again = await first_admin(store)
        assert made is not None
        assert again is not None
        assert again.person == made.person
