"""Every page, and every state of it that a person can see: what axe-core reads and what the README's gallery shows.

A state's name is `<page>/<state>`; a story that reaches it says `seen(page, "<page>/<state>")`, exactly one does
(`test_states.py`). Its pictures are `<page>-<state>-360.webp` and `<page>-<state>-1280.webp` in `GALLERY`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
GALLERY: Final = "static/demo/gallery"
WIDTHS: Final = (360, 1280)

PAGES: Final = {
    "resident": "`/`: the first page and a call",
    "market": '`/#cari`: "Cari barang"',
    "vans": '`/#mobil`: "Mobil keliling"',
    "info": '`/#info`: "Info kota"',
    "medic": "`/medic`: the medic",
    "shop": "`/shop`: the seller",
    "van": "`/van`: the crew of a van",
    "dispatch": "`/dispatch`: the desks",
    "demo": "`/demo`: the simulated city",
    "docs": "`/docs`: the documents",
}

STATES: Final = {
    "resident/first": "nothing runs",
    "resident/holding": "the button is held, the circle fills",
    "resident/sheet": "a short press asks",
    "resident/nobody-on-duty": "no medic is on duty",
    "resident/offline": "no connection",
    "resident/no-script": "without JavaScript",
    "resident/english": "in English",
    "resident/javanese": "in Javanese, on trial",
    "resident/simulated": "in the simulated city",
    "resident/strip": "an announcement in the strip",
    "resident/warning": "an urgent announcement as a band",
    "resident/reminder-rings": "a reminder rings",
    "resident/unsent": "a call that is NOT sent yet",
    "resident/unconfirmed": "sent, and not known whether it came",
    "resident/withdrawing": "withdrawn, and not known whether it had come",
    "resident/still-needed": "two minutes unsent: still needed?",
    "resident/refused": "refused",
    "resident/stored": "on disk at the hub",
    "resident/calling": "medics' phones ring",
    "resident/where": "no place: which kelurahan?",
    "resident/asked-same": "perhaps the same as another call",
    "resident/asked-breathing": "breathing?",
    "resident/asked-bleeding": "bleeding?",
    "resident/asked-phone": "a phone number",
    "resident/already-open": "this phone has a call already",
    "resident/nobody": "nobody can be asked: 119 fills the screen",
    "resident/advised": "third wave: 119 is named",
    "resident/waiting-long": "nobody accepted in 80 s: 119 fills the screen",
    "resident/outside": "outside the city",
    "resident/cancel-reasons": "why is it cancelled?",
    "resident/cancelled": "cancelled, and called again in one tap",
    "resident/accepted": "a medic has it",
    "resident/read-aloud": "read aloud",
    "resident/waiting-for-holder": "no news of the medic, others are asked",
    "resident/en-route": "the medic is on the way",
    "resident/on-scene": "the medic is there",
    "resident/at-patient": "the medic is with the patient",
    "resident/cancel-requested": "a cancel is asked for",
    "resident/cleared": "it is over",
    "resident/handed-over": "handed over to 119",
    "resident/duplicate": "one call with another",
    "resident/drill-sheet": "a drill is explained",
    "resident/drill": "a drill",
    "resident/visit": "a visit is asked for",
    "resident/call-english": "a call in English",
    "resident/call-javanese": "a call in Javanese",
    "market/search": "what is open now",
    "market/found": "found",
    "market/nothing": "nothing found",
    "market/down": "the search is down: one kelurahan's list",
    "market/offline": "no connection: the last results with their age",
    "market/basket": "a shop and what is ordered",
    "market/closed-shop": "a closed shop: for later",
    "market/missing": "something is missing in the form",
    "market/price-changed": "the price has changed",
    "market/too-many": "three orders are open",
    "market/unsent": "an order that is not sent yet",
    "market/placed": "it rings at the shop",
    "market/accepted": "accepted, with its time",
    "market/ready": "ready",
    "market/rejected": "rejected: elsewhere, in one tap",
    "market/cancelled": "cancelled",
    "market/gone": "an order that is no more",
    "market/ask": "asking all sellers",
    "market/asked": "asked, no answer yet",
    "market/answers": "answers to pick from",
    "market/picked": "an answer became an order",
    "market/question-closed": "the question is closed",
    "market/reminder-rings": "a van's reminder rings here too",
    "vans/near": "stops near me",
    "vans/here": "the van is there",
    "vans/passed": "passed, and skipped",
    "vans/follow": "a van is followed",
    "vans/placeless": "no place is shared",
    "vans/service": "where my service is",
    "vans/stop": "a stop, its services and papers",
    "vans/reminder-set": "a reminder is set",
    "vans/ticket-go": "a number: set out now",
    "vans/ticket-called": "my turn",
    "vans/ticket-no-show": "called, and not there",
    "vans/quota-used-up": "no numbers left: the next chance",
    "vans/ticket-cancelled": "the number is given back",
    "vans/ask": "asking for a stop",
    "vans/asked": "asked for a stop",
    "vans/offline": "no connection: a number is not claimed",
    "info/none": "nothing is announced",
    "info/alerts": "what is in force, and an exercise",
    "medic/door": "nobody is signed in",
    "medic/link": "a link before it is used",
    "medic/link-spent": "a link that was used",
    "medic/off-duty": "off duty",
    "medic/on-duty": "on duty, nothing to do",
    "medic/ring-test": "the ring test",
    "medic/deaf": "the phone does not hear",
    "medic/offline": "no connection",
    "medic/ring": "an offer rings",
    "medic/taken": "another was first",
    "medic/withdrawn": "the caller cancelled",
    "medic/accepted": "a patient",
    "medic/release": "why is it given back?",
    "medic/en-route": "on the way",
    "medic/on-scene": "there",
    "medic/at-patient": "with the patient",
    "medic/cancel-requested": "the caller asks to cancel",
    "medic/cleared": "back in service",
    "medic/lost": "the desk ended it",
    "medic/signed-out": "signed out by the desk",
    "shop/door": "nobody is signed in",
    "shop/link-spent": "a link that was used",
    "shop/idle": "open, nothing to do",
    "shop/ring": "an order rings",
    "shop/reject": "why is it rejected?",
    "shop/cancel": "an order that is ready, and not fetched",
    "shop/want-price": "a question of a buyer, and its price",
    "shop/want-answered": "answered",
    "shop/want-thanked": "another was picked",
    "shop/goods": "goods, and the forms to change them",
    "shop/place": "hours, contact, address, busy",
    "shop/paused": "paused",
    "shop/closed": "closed, and why",
    "shop/day-empty": "a day without orders",
    "shop/day": "the day's figures",
    "shop/deaf": "the phone does not hear",
    "shop/ring-test": "the ring test",
    "shop/offline": "no connection",
    "shop/class-waits": "on the waiting list of a class",
    "shop/class-rings": "a class begins",
    "van/door": "nobody is signed in",
    "van/unknown": "a van that the city does not have",
    "van/next": "the next stop",
    "van/skip": "why is it skipped?",
    "van/queue": "the queue of a stop",
    "van/called": "a number is called, another was not there",
    "van/sun": "in sunlight",
    "van/offline": "no connection: not certain whether it counts",
    "van/depart": "leaving while people wait",
    "van/summary": "what the trip came to",
    "dispatch/door": "nobody is signed in",
    "dispatch/city-account": "nobody is signed in, and the city has an account for its staff",
    "dispatch/city-account-refused": "the account has no role here",
    "dispatch/city-account-ends": "an hour before a sign-in by the account ends",
    "dispatch/empty": "medic desk: nothing to do",
    "dispatch/alarm": "medic desk: a red request with its alarm taken",
    "dispatch/board": "medic desk: many wait, folded by kelurahan",
    "dispatch/fold-open": "medic desk: a fold is opened",
    "dispatch/hand-over": "medic desk: handing over to a named operator",
    "dispatch/outcome": "medic desk: closing with an outcome",
    "dispatch/changed-hands": "medic desk: another was first",
    "dispatch/way": "medic desk: the whole way of a request",
    "dispatch/times": "medic desk: response times",
    "dispatch/sound-locked": "the sound waits for a tap",
    "dispatch/market": "market desk: an order that no phone received",
    "dispatch/van-day": "van desk: the day beside its timetable",
    "dispatch/van-move": "van desk: a stop is moved",
    "dispatch/van-add": "van desk: a stop is added",
    "dispatch/van-cancelled": "van desk: a trip is cancelled",
    "dispatch/van-edit": "van desk: a day to come, with a mistake",
    "dispatch/van-plan": "van desk: days to come and the week",
    "dispatch/van-tracker": "van desk: a tracker's key",
    "dispatch/van-wishes": "van desk: wishes for stops",
    "dispatch/van-new": "van desk: a new van",
    "dispatch/city-missing": "city desk: something is missing",
    "dispatch/city-preview": "city desk: looked at before it is out",
    "dispatch/city-cancel": "city desk: taking it back",
    "dispatch/plut": "PLUT: a class and who signed up",
    "dispatch/staff-form": "staff: enrolling, something is missing",
    "dispatch/staff-file": "staff: a list was enrolled, with its wrong rows",
    "dispatch/staff-renew": "staff: a new link, and the lost phone",
    "dispatch/drill": "medic desk: a drill",
    "dispatch/staff-link": "staff: the link and its QR code",
    "dispatch/staff-list": "staff: who can be reached",
    "dispatch/staff-revoke": "staff: signing somebody out",
    "dispatch/staff-shop": "staff: a seller of which shop?",
    "dispatch/staff-admin": "staff: an admin enrols everybody",
    "dispatch/offline": "no connection: what was typed stays",
    "demo/curtain": "before the first tap",
    "demo/running": "five pages on one screen",
    "docs/read": "commands, topics, webhooks",
}


def picture(state: str, width: int) -> str:
    """Where a state's picture is, seen from the README."""
    return f"{GALLERY}/{state.replace('/', '-')}-{width}.webp"


def gallery() -> str:
    """The README's gallery: the states of each page behind a line that opens."""
    return "".join(_page(page, words) for page, words in PAGES.items())


def _page(page: str, words: str) -> str:
    rows = [_row(state, said) for state, said in STATES.items() if state.startswith(f"{page}/")]
    address, _, whose = words.partition(": ")
    summary = f"<summary><code>{address.strip('`')}</code>: {whose} ({len(rows)})</summary>"
    table = "\n".join(["| state | phone | desk |", "|---|---|---|", *rows])
    return f"<details>{summary}\n\n{table}\n\n</details>\n"


def _row(state: str, said: str) -> str:
    shown = " | ".join(
        f'<img src="{picture(state, width)}" width="{size}" alt="{state}, {width} pixels wide">'
        for width, size in zip(WIDTHS, (180, 480), strict=True)
    )
    return f"| {said} | {shown} |"
