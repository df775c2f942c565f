"""What commands take and answer and what topics show, for type checkers.

`python -m tests.support.make_spoken` writes it from the documents; a test fails when that was forgotten.
"""

# Written by a program: long lines; called TypedDicts, for keys such as `from`; Union, for a quoted name has no `|`.
# ruff: noqa: E501, UP007, UP013
# fmt: off
from __future__ import annotations

from typing import Any, Final, Literal, NotRequired, Protocol, TypedDict, Union, cast, overload

from clients.client import ANSWER_S, Client

Accept = TypedDict("Accept", {"order": str, "prep_min": int})
AlarmTaken = TypedDict("AlarmTaken", {"alarm": str, "silent_until": int})
Alert = TypedDict("Alert", {"type": Literal['alert'], "status": Literal['actual', 'exercise', 'test'], "category": Literal['cbrne', 'env', 'fire', 'geo', 'health', 'infra', 'met', 'other', 'rescue', 'safety', 'security', 'transport'], "event": str, "urgency": Literal['expected', 'future', 'immediate', 'past', 'unknown'], "severity": Literal['extreme', 'minor', 'moderate', 'severe', 'unknown'], "certainty": Literal['likely', 'observed', 'possible', 'unknown', 'unlikely'], "expires": int, "texts": "Texts", "id": str, "at": int, "state": Literal['in_force'], "msg_type": Literal['alert', 'update'], "sender": str, "identifier": str, "sent": int, "drill": bool, "published_at": int, "whole_city": bool, "areas": list["Area"], "replaces": NotRequired[str]})
AlertSaid = TypedDict("AlertSaid", {"kelurahan": int, "urgent": bool, "alert": NotRequired[str], "identifier": NotRequired[str], "state": NotRequired[str], "preview": NotRequired[bool], "bytes": NotRequired[int], "status": NotRequired[Literal['actual', 'exercise', 'test']], "severity": NotRequired[str], "expires": NotRequired[int], "whole_city": NotRequired[bool], "areas": NotRequired[list["Area"]], "texts": NotRequired["Texts"]})
Alternative = TypedDict("Alternative", {"shop": str, "name": str, "kelurahan": str, "distance_m": int, "lines": list["Line"], "total": int})
Answer = TypedDict("Answer", {"type": Literal['answer'], "id": str, "at": int, "want": str, "state": Literal['open', 'thanked', 'won'], "words": str, "quantity": int, "kind": Literal['can_order', 'have', 'price'], "price": NotRequired[int], "ended": NotRequired[Literal['closed', 'expired', 'picked']], "order": NotRequired[str]})
AnswerWant = TypedDict("AnswerWant", {"want": str, "kind": Literal['can_order', 'have', 'price'], "price": NotRequired[Union[int, None]]})
Answers = TypedDict("Answers", {"breathing": NotRequired[Literal['no', 'unknown', 'yes']], "awake": NotRequired[Literal['no', 'unknown', 'yes']], "bleeding": NotRequired[Literal['heavy', 'none', 'some', 'unknown']]})
Area = TypedDict("Area", {"id": str, "name": str})
Ask = TypedDict("Ask", {"kelurahan": str, "services": NotRequired[list[str]], "note": NotRequired[str]})
AskedStop = TypedDict("AskedStop", {"type": Literal['asked'], "id": str, "at": int, "state": Literal['proposed'], "kelurahan": str, "month": str, "names": int, "services": dict[str, int]})
AskedWant = TypedDict("AskedWant", {"type": Literal['want'], "id": str, "at": int, "state": Literal['closed', 'expired', 'open', 'picked'], "category": Literal['food', 'goods', 'made_to_order'], "quantity": int, "kelurahan": str, "posted_at": int, "until": int, "wave": int, "words": str, "front": list[str], "rest_at": int, "full": bool, "budget": NotRequired[int]})
Assign = TypedDict("Assign", {"request": str, "medic": str, "holder": NotRequired[Union[str, None]]})
BackupAsked = TypedDict("BackupAsked", {"request": str, "backup": str, "candidates": int})
BriefStop = TypedDict("BriefStop", {"type": Literal['stop'], "id": str, "at": int, "state": Literal['arrived', 'cancelled', 'departed', 'expected', 'skipped', 'unplanned'], "name": str, "kelurahan": str, "location": "Where", "van": NotRequired[str], "van_name": NotRequired[str], "day": NotRequired[str], "scheduled_at": NotRequired[int], "services": list[str]})
Busy = TypedDict("Busy", {"shop": str, "minutes": int, "for_min": NotRequired[int]})
BuyersOrder = TypedDict("BuyersOrder", {"type": Literal['order'], "id": str, "at": int, "state": Literal['accepted', 'cancelled', 'completed', 'expired', 'placed', 'preparing', 'ready', 'rejected'], "shop": str, "shop_name": str, "kelurahan": str, "total": int, "fulfilment": Literal['delivery', 'pickup'], "placed_at": int, "ring_at": int, "expires_at": int, "ring": Literal['loud', 'off', 'ring'], "receipts": dict[str, int], "times": dict[str, int], "accepted_by": NotRequired[str], "reason": NotRequired[str], "cancelled_by": NotRequired[str], "want": NotRequired[str], "later": NotRequired[bool], "opens_at": NotRequired[int], "contacted_at": NotRequired[int], "unheard": NotRequired[bool], "prep_min": NotRequired[int], "ready_at": NotRequired[int], "lines": list["Line"], "name": str, "phone": str, "address": NotRequired[str], "note": NotRequired[str], "alternatives": NotRequired[list["Alternative"]]})
Called = TypedDict("Called", {"request": str, "candidates": int, "existing": NotRequired[bool], "city": NotRequired["OtherCity"]})
CancelTrip = TypedDict("CancelTrip", {"van": str, "day": NotRequired[Union[str, None]], "reason": NotRequired[str]})
ChangedStop = TypedDict("ChangedStop", {"stop": str, "name": str, "kind": Literal['added', 'cancelled', 'moved', 'placed'], "scheduled_at": int})
Close = TypedDict("Close", {"request": str, "outcome": Literal['duplicate', 'handed_over', 'treated', 'unfounded'], "note": NotRequired[str], "holder": NotRequired[Union[str, None]]})
CrewsQueue = TypedDict("CrewsQueue", {"type": Literal['queue'], "id": str, "at": int, "state": Literal['closed', 'full', 'open'], "stop": str, "service": str, "day": str, "quota": Union[int, None], "taken": int, "serving": int, "waiting": int, "next_at": NotRequired[int], "stop_name": str, "tickets": list["QueuedTicket"], "more": int, "served": int, "no_shows": int})
Describe = TypedDict("Describe", {"request": str, "answers": NotRequired[Union["Answers", None]], "note": NotRequired[Union[str, None]], "location": NotRequired[Union["MedicDataLocation", None]], "kelurahan": NotRequired[Union[str, None]], "landmark": NotRequired[Union[str, None]], "phone": NotRequired[Union[str, None]], "for": NotRequired[Union[Literal['family', 'me', 'other'], None]], "patients": NotRequired[Union[int, None]], "same": NotRequired[Union[bool, None]]})
Described = TypedDict("Described", {"request": str, "priority": Literal['green', 'red', 'yellow']})
DeskOffer = TypedDict("DeskOffer", {"person": str, "name": str, "state": Literal['declined', 'open', 'stood_down', 'withdrawn', 'won'], "wave": int, "reason": str, "distance_m": Union[int, None], "receipts": dict[str, int]})
DeskRequest = TypedDict("DeskRequest", {"type": Literal['request'], "id": str, "at": int, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene'], "called_at": int, "grace_until": int, "drill": bool, "urgency": Literal['now', 'visit'], "for": Literal['family', 'me', 'other'], "priority": Literal['green', 'red', 'yellow'], "candidates": int, "receipts": dict[str, int], "times": dict[str, int], "advice": Union[Literal['call_119'], None], "patients": int, "answers": NotRequired["Answers"], "kelurahan": NotRequired[str], "landmark": NotRequired[str], "phone": NotRequired[str], "note": NotRequired[str], "outcome": NotRequired[Literal['duplicate', 'handed_over', 'treated', 'unfounded']], "shortfall": NotRequired[str], "in_grace": NotRequired[bool], "cancel_requested": NotRequired[bool], "outside_city": NotRequired[bool], "unverified": NotRequired[bool], "backup": NotRequired[bool], "linked": NotRequired[list[str]], "location": NotRequired["FacesPartsPlace"], "waiting_for_holder": NotRequired[bool], "caller": str, "source": Union[Literal['app', 'phone_112', 'phone_119', 'sim'], Literal['backup']], "wave": int, "offers": list["DeskOffer"], "offers_more": dict[str, int], "timeline": list["Entry"], "medic": NotRequired["NamedHelper"], "unanswered_since": NotRequired[int], "maybe_same": NotRequired[list[str]], "operator": NotRequired[str], "reference": NotRequired[str], "merged_into": NotRequired[str], "reason": NotRequired[str]})
DeskVan = TypedDict("DeskVan", {"type": Literal['van'], "id": str, "at": int, "state": Literal['at_stop', 'driving', 'off'], "name": str, "cancelled": NotRequired[bool], "stop": NotRequired[str], "stop_name": NotRequired[str], "next": NotRequired[str], "next_name": NotRequired[str], "trip": list["Row"], "services": list[str], "day": str, "trip_state": Literal['at_stop', 'cancelled', 'driving', 'over', 'planned'], "reason": NotRequired[str], "eta_score": NotRequired[dict[str, list[int]]]})
Dismiss = TypedDict("Dismiss", {"stop": str})
Drill = TypedDict("Drill", {"type": Literal['drill'], "id": str, "at": int, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene'], "called_at": int, "times": dict[str, int], "medics": int, "receipts": dict[str, int], "kelurahan": NotRequired[str], "medic": NotRequired["DrillMedic"]})
DrillMedic = TypedDict("DrillMedic", {"person": str, "name": str, "vehicle": str})
Entry = TypedDict("Entry", {"at": int, "what": str, "who": str, "why": NotRequired[str]})
Escalate = TypedDict("Escalate", {"request": str, "reason": NotRequired[str], "holder": NotRequired[Union[str, None]]})
Escalated = TypedDict("Escalated", {"request": str, "wave": int})
Eta = TypedDict("Eta", {"low": int, "high": int, "from": Literal['fix', 'schedule'], "fix_age_s": NotRequired[int]})
HandOver = TypedDict("HandOver", {"request": str, "operator": str, "reference": NotRequired[str], "holder": NotRequired[Union[str, None]]})
Helper = TypedDict("Helper", {"name": str, "vehicle": NotRequired[str], "location": NotRequired["Where"], "fix_at": NotRequired[int], "distance_m": NotRequired[int], "eta_s": NotRequired[list[int]]})
Interval = TypedDict("Interval", {"n": int, "p50_ms": int, "p90_ms": int, "counts": list[int]})
Joined = TypedDict("Joined", {"workshop": str, "state": str, "ahead": NotRequired[int], "existing": NotRequired[bool]})
Line = TypedDict("Line", {"product": str, "name": str, "quantity": int, "price": int})
LineData = TypedDict("LineData", {"product": str, "quantity": int, "price": int})
ListedShop = TypedDict("ListedShop", {"type": Literal['shop'], "id": str, "at": int, "state": Literal['closed', 'open'], "name": str, "category": Literal['food', 'goods', 'made_to_order'], "kelurahan": str, "why": NotRequired[Literal['deaf', 'hours', 'paused']], "opens_at": NotRequired[int], "busy_min": NotRequired[int], "products": list["Offered"]})
LostPhone = TypedDict("LostPhone", {"type": Literal['alarm'], "id": str, "at": int, "state": Literal['ringing'], "since": int, "began": int, "reason": Literal['unwakeable'], "count": int, "person": str, "role": str, "name": str})
MarketAlarm = TypedDict("MarketAlarm", {"type": Literal['alarm'], "id": str, "at": int, "state": Literal['ringing', 'taken'], "since": int, "began": int, "reason": Literal['ignored', 'self_paused', 'unheard', 'unwakeable'], "count": int, "name": str, "shop": NotRequired[str], "order": NotRequired[str], "person": NotRequired[str], "role": NotRequired[str], "taken_by": NotRequired[str], "silent_until": NotRequired[int]})
MarketOrder = TypedDict("MarketOrder", {"type": Literal['market_order'], "id": str, "at": int, "state": Literal['accepted', 'cancelled', 'completed', 'expired', 'placed', 'preparing', 'ready', 'rejected'], "shop": str, "shop_name": str, "kelurahan": str, "total": int, "fulfilment": Literal['delivery', 'pickup'], "placed_at": int, "ring_at": int, "expires_at": int, "ring": Literal['loud', 'off', 'ring'], "receipts": dict[str, int], "times": dict[str, int], "accepted_by": NotRequired[str], "reason": NotRequired[str], "cancelled_by": NotRequired[str], "want": NotRequired[str], "later": NotRequired[bool], "opens_at": NotRequired[int], "contacted_at": NotRequired[int], "unheard": NotRequired[bool], "prep_min": NotRequired[int], "ready_at": NotRequired[int]})
MarketWant = TypedDict("MarketWant", {"type": Literal['market_want'], "id": str, "at": int, "state": Literal['closed', 'expired', 'open', 'picked'], "category": Literal['food', 'goods', 'made_to_order'], "quantity": int, "kelurahan": str, "posted_at": int, "until": int, "wave": int, "asked": int, "answers": int})
MedicAlarm = TypedDict("MedicAlarm", {"type": Literal['alarm'], "id": str, "at": int, "state": Literal['ringing', 'taken'], "since": int, "began": int, "reason": Literal['deaf', 'no_candidates', 'not_under_way', 'outside_city', 'red', 'unanswered', 'unwakeable'], "count": int, "request": NotRequired[str], "medic": NotRequired[str], "person": NotRequired[str], "role": NotRequired[str], "name": NotRequired[str], "taken_by": NotRequired[str], "silent_until": NotRequired[int]})
Merge = TypedDict("Merge", {"request": str, "into": str, "holder": NotRequired[Union[str, None]]})
Merged = TypedDict("Merged", {"request": str, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene'], "into": str})
Missed = TypedDict("Missed", {"person": str, "role": str, "name": str})
NamedHelper = TypedDict("NamedHelper", {"name": str, "vehicle": NotRequired[str], "location": NotRequired["Where"], "fix_at": NotRequired[int], "distance_m": NotRequired[int], "eta_s": NotRequired[list[int]], "person": str})
NewsSeen = TypedDict("NewsSeen", {"van": str, "state": Literal['ringing', 'seen']})
OfRequest = TypedDict("OfRequest", {"request": str, "reason": NotRequired[str]})
Offered = TypedDict("Offered", {"id": str, "name": str, "price": int})
OnDuty = TypedDict("OnDuty", {"type": Literal['medics'], "id": str, "at": int, "state": Literal['available', 'none'], "on_duty": int})
OnOff = TypedDict("OnOff", {"state": Literal['busy', 'off', 'on'], "since": int, "reachable": bool})
OneOrder = TypedDict("OneOrder", {"order": str})
OneTest = TypedDict("OneTest", {"test_ring": Literal['city', 'market', 'medic', 'van']})
OneTicket = TypedDict("OneTicket", {"ticket": str})
OneVan = TypedDict("OneVan", {"van": str})
OneWant = TypedDict("OneWant", {"want": str})
OneWorkshop = TypedDict("OneWorkshop", {"workshop": str, "reason": NotRequired[str]})
OrderHeard = TypedDict("OrderHeard", {"order": NotRequired[str]})
OrderPlaced = TypedDict("OrderPlaced", {"order": str, "state": Literal['accepted', 'cancelled', 'completed', 'expired', 'placed', 'preparing', 'ready', 'rejected'], "later": NotRequired[bool], "opens_at": NotRequired[int]})
OrderRead = TypedDict("OrderRead", {"order": "ShopsOrder"})
OrderStepped = TypedDict("OrderStepped", {"order": str, "state": Literal['accepted', 'cancelled', 'completed', 'expired', 'placed', 'preparing', 'ready', 'rejected'], "shop": NotRequired[str]})
OtherCity = TypedDict("OtherCity", {"code": str, "name": str, "token": str, "person": str, "host": NotRequired[str]})
OwnRequest = TypedDict("OwnRequest", {"type": Literal['request'], "id": str, "at": int, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene'], "called_at": int, "grace_until": int, "drill": bool, "urgency": Literal['now', 'visit'], "for": Literal['family', 'me', 'other'], "priority": Literal['green', 'red', 'yellow'], "candidates": int, "receipts": dict[str, int], "times": dict[str, int], "advice": Union[Literal['call_119'], None], "patients": int, "answers": NotRequired["Answers"], "kelurahan": NotRequired[str], "landmark": NotRequired[str], "phone": NotRequired[str], "note": NotRequired[str], "outcome": NotRequired[Literal['duplicate', 'handed_over', 'treated', 'unfounded']], "shortfall": NotRequired[str], "in_grace": NotRequired[bool], "cancel_requested": NotRequired[bool], "outside_city": NotRequired[bool], "unverified": NotRequired[bool], "backup": NotRequired[bool], "linked": NotRequired[list[str]], "location": NotRequired["FacesPartsPlace"], "waiting_for_holder": NotRequired[bool], "medic": NotRequired["Helper"], "maybe_same": NotRequired[bool]})
OwnShop = TypedDict("OwnShop", {"type": Literal['shop'], "id": str, "at": int, "state": Literal['closed', 'open'], "name": str, "category": Literal['food', 'goods', 'made_to_order'], "kelurahan": str, "why": NotRequired[Literal['deaf', 'hours', 'paused']], "opens_at": NotRequired[int], "busy_min": NotRequired[int], "lat": float, "lon": float, "hours": list[list[list[int]]], "deaf": bool, "expired": int, "sellers": list["Seller"], "address": NotRequired[str], "owner": NotRequired[str], "phone": NotRequired[str], "nib": NotRequired[str], "busy_until": NotRequired[int], "self_paused": NotRequired[bool], "paused_until": NotRequired[int], "contact": NotRequired["FacesMarketContact"]})
OwnWant = TypedDict("OwnWant", {"type": Literal['want'], "id": str, "at": int, "state": Literal['closed', 'expired', 'open', 'picked'], "category": Literal['food', 'goods', 'made_to_order'], "quantity": int, "kelurahan": str, "posted_at": int, "until": int, "wave": int, "words": str, "asked": int, "answers": list["WantAnswer"], "budget": NotRequired[int], "picked": NotRequired[str], "order": NotRequired[str], "origin": NotRequired[str]})
Pause = TypedDict("Pause", {"shop": str, "minutes": NotRequired[Union[int, None]]})
Person = TypedDict("Person", {"person": str, "name": str})
Pick = TypedDict("Pick", {"want": str, "answer": str, "name": NotRequired[str], "phone": NotRequired[str], "fulfilment": NotRequired[Literal['delivery', 'pickup']], "address": NotRequired[str], "note": NotRequired[str]})
Plan = TypedDict("Plan", {"type": Literal['plan'], "id": str, "at": int, "state": Literal['planned'], "van": str, "weekday": int, "stops": list["PlannedStop"]})
Planned = TypedDict("Planned", {"stop": str, "minute": int})
PlannedStop = TypedDict("PlannedStop", {"stop": str, "minute": int})
Post = TypedDict("Post", {"category": Literal['food', 'goods', 'made_to_order'], "words": str, "quantity": NotRequired[int], "budget": NotRequired[Union[int, None]], "kelurahan": str, "until_s": NotRequired[int], "name": NotRequired[str], "phone": NotRequired[str], "order": NotRequired[Union[str, None]]})
Press = TypedDict("Press", {"van": str, "stop": NotRequired[Union[str, None]], "seq": NotRequired[int], "fix_at": NotRequired[int]})
Product = TypedDict("Product", {"type": Literal['product'], "id": str, "at": int, "state": Literal['available', 'sold_out'], "shop": str, "name": str, "price": int, "stock": Union[int, None], "made_here": bool})
ProductNamed = TypedDict("ProductNamed", {"shop": str, "product": str})
Queue = TypedDict("Queue", {"type": Literal['queue'], "id": str, "at": int, "state": Literal['closed', 'full', 'open'], "stop": str, "service": str, "day": str, "quota": Union[int, None], "taken": int, "serving": int, "waiting": int, "next_at": NotRequired[int]})
QueuedTicket = TypedDict("QueuedTicket", {"ticket": str, "number": int, "state": Literal['called', 'cancelled', 'expired', 'go', 'no_show', 'served', 'waiting'], "name": NotRequired[str], "grace_until": NotRequired[int]})
Read = TypedDict("Read", {"request": str, "from": NotRequired[int]})
Receipt = TypedDict("Receipt", {"request": str, "level": Literal['audible', 'received', 'seen', 'sent', 'shown']})
ReceiptData = TypedDict("ReceiptData", {"order": str, "level": Literal['audible', 'received', 'seen', 'sent', 'shown']})
Reject = TypedDict("Reject", {"order": str, "reason": Literal['closed', 'other', 'out_of_stock', 'too_busy']})
Reminder = TypedDict("Reminder", {"type": Literal['reminder'], "id": str, "at": int, "state": Literal['dismissed', 'over', 'ringing', 'set'], "stop": str, "stop_name": str, "minutes": int, "rings": int, "eta": NotRequired[int], "why": NotRequired[Literal['cancelled', 'departed', 'skipped']], "next_at": NotRequired[int]})
ReminderDismissed = TypedDict("ReminderDismissed", {"stop": str, "state": Literal['dismissed']})
ReminderSet = TypedDict("ReminderSet", {"stop": str, "minutes": int, "eta": int})
RequestCancelled = TypedDict("RequestCancelled", {"request": str, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene'], "cancel_requested": NotRequired[bool], "in_grace": NotRequired[bool]})
RequestNamed = TypedDict("RequestNamed", {"request": str})
RequestRead = TypedDict("RequestRead", {"request": NotRequired[dict[str, Any]], "timeline": NotRequired[list["Entry"]], "next": NotRequired[int]})
RequestStepped = TypedDict("RequestStepped", {"request": str, "state": Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene']})
ResponseTimes = TypedDict("ResponseTimes", {"type": Literal['figures'], "id": str, "at": int, "state": Literal['counted'], "requests": int, "intervals": dict[str, "Interval"]})
RingTest = TypedDict("RingTest", {"type": Literal['test_ring'], "id": str, "at": int, "state": Literal['over', 'ringing'], "rung_at": int, "next_at": NotRequired[int], "asked": NotRequired[int], "reached": NotRequired[int], "missed": NotRequired[list["Missed"]], "more": NotRequired[int]})
Ringing = TypedDict("Ringing", {"type": Literal['offer'], "id": str, "at": int, "request": str, "state": Literal['declined', 'open', 'stood_down', 'withdrawn', 'won'], "offered_at": int, "kelurahan": str, "distance_band": Literal['gt2000', 'lt1000', 'lt2000', 'lt500', 'unknown'], "need": Literal['green', 'red', 'visit', 'yellow'], "age_ms": int, "called_at": int, "grace_until": int, "drill": bool, "source": Union[Literal['app', 'phone_112', 'phone_119', 'sim'], Literal['backup']], "backup": bool, "my_receipts": dict[str, int], "wave": int, "winner": NotRequired["Person"], "request_state": NotRequired[Literal['accepted', 'at_patient', 'called', 'cancelled', 'cleared', 'closed', 'en_route', 'handed_over', 'offered', 'on_scene']], "times": NotRequired[dict[str, int]], "patients": NotRequired[int], "assigned": NotRequired[bool], "cancel_requested": NotRequired[bool], "linked": NotRequired[list[str]], "location": NotRequired["FacesPartsPlace"], "for": NotRequired[Literal['family', 'me', 'other']], "answers": NotRequired["Answers"], "landmark": NotRequired[str], "phone": NotRequired[str], "note": NotRequired[str], "asked_until": NotRequired[int]})
RosterMedic = TypedDict("RosterMedic", {"type": Literal['medic'], "id": str, "at": int, "state": Literal['busy', 'on'], "name": str, "vehicle": str, "reachable": bool, "wakeable": NotRequired[bool], "request": NotRequired[str], "location": NotRequired["Where"], "fix_at": NotRequired[int]})
Row = TypedDict("Row", {"stop": str, "name": str, "kelurahan": str, "state": Literal['arrived', 'cancelled', 'departed', 'expected', 'skipped'], "scheduled_at": int, "arrived_at": NotRequired[int], "departed_at": NotRequired[int], "reason": NotRequired[Literal['nobody', 'other', 'road', 'time', 'van']], "eta": NotRequired["Eta"]})
Save = TypedDict("Save", {"shop": str, "name": NotRequired[Union[str, None]], "category": NotRequired[Union[Literal['food', 'goods', 'made_to_order'], None]], "address": NotRequired[Union[str, None]], "phone": NotRequired[Union[str, None]], "hours": NotRequired[Union[list[list[list[int]]], None]], "contact": NotRequired[Union["ShopThingsContact", None]]})
SaveProduct = TypedDict("SaveProduct", {"shop": NotRequired[Union[str, None]], "product": NotRequired[Union[str, None]], "name": NotRequired[Union[str, None]], "price": NotRequired[Union[int, None]], "stock": NotRequired[Union[int, None]], "made_here": NotRequired[Union[bool, None]], "gone": NotRequired[bool]})
SaveStop = TypedDict("SaveStop", {"stop": NotRequired[Union[str, None]], "name": NotRequired[Union[str, None]], "kelurahan": NotRequired[Union[str, None]], "address": NotRequired[Union[str, None]], "lat": NotRequired[Union[float, None]], "lon": NotRequired[Union[float, None]], "services": NotRequired[Union[list["Service"], None]]})
SaveTrip = TypedDict("SaveTrip", {"van": str, "stops": list["Planned"], "day": NotRequired[Union[str, None]], "weekday": NotRequired[Union[int, None]]})
SaveVan = TypedDict("SaveVan", {"van": str, "name": NotRequired[Union[str, None]], "services": NotRequired[Union[list[str], None]]})
Seat = TypedDict("Seat", {"type": Literal['seat'], "id": str, "at": int, "state": Literal['joined', 'waiting'], "workshop": str, "category": Literal['food', 'goods', 'made_to_order'], "title": str, "place": str, "starts_at": int, "until": int, "reason": str, "ring": Literal['', 'reminder', 'seat', 'start'], "ring_at": int, "workshop_state": Literal['cancelled', 'ended', 'open', 'started'], "ahead": NotRequired[int]})
SeenNews = TypedDict("SeenNews", {"van": str, "rung_at": int})
Seller = TypedDict("Seller", {"person": str, "name": str, "reachable": bool, "connected": bool, "at": int})
Service = TypedDict("Service", {"service": str, "papers": NotRequired[list[str]], "quota": NotRequired[Union[int, None]]})
SetReminder = TypedDict("SetReminder", {"stop": str, "minutes": int})
ShopNamed = TypedDict("ShopNamed", {"shop": str})
ShopsOrder = TypedDict("ShopsOrder", {"type": Literal['order'], "id": str, "at": int, "state": Literal['accepted', 'cancelled', 'completed', 'expired', 'placed', 'preparing', 'ready', 'rejected'], "shop": str, "shop_name": str, "kelurahan": str, "total": int, "fulfilment": Literal['delivery', 'pickup'], "placed_at": int, "ring_at": int, "expires_at": int, "ring": Literal['loud', 'off', 'ring'], "receipts": dict[str, int], "times": dict[str, int], "accepted_by": NotRequired[str], "reason": NotRequired[str], "cancelled_by": NotRequired[str], "want": NotRequired[str], "later": NotRequired[bool], "opens_at": NotRequired[int], "contacted_at": NotRequired[int], "unheard": NotRequired[bool], "prep_min": NotRequired[int], "ready_at": NotRequired[int], "lines": list["Line"], "name": str, "phone": str, "address": NotRequired[str], "note": NotRequired[str], "alternatives": NotRequired[list["Alternative"]], "accepted_person": NotRequired[str], "no_shows": NotRequired[int], "contact": NotRequired["FacesMarketContact"], "asleep_at": NotRequired[int]})
SignUp = TypedDict("SignUp", {"type": Literal['sign_up'], "id": str, "at": int, "state": Literal['joined', 'waiting'], "person": str, "workshop": str, "name": str, "shop": str, "shop_name": str})
Skip = TypedDict("Skip", {"van": str, "stop": NotRequired[Union[str, None]], "seq": NotRequired[int], "fix_at": NotRequired[int], "reason": NotRequired[Union[Literal['nobody', 'other', 'road', 'time', 'van'], None]]})
StockProduct = TypedDict("StockProduct", {"product": str, "stock": NotRequired[Union[int, None]], "by": NotRequired[Union[int, None]], "shop": NotRequired[Union[str, None]]})
StopAsked = TypedDict("StopAsked", {"kelurahan": str, "month": str, "names": int, "existing": NotRequired[bool]})
StopNamed = TypedDict("StopNamed", {"stop": str})
TakeAlarm = TypedDict("TakeAlarm", {"alarm": str})
TestRung = TypedDict("TestRung", {"test_ring": str, "rung_at": int})
Text = TypedDict("Text", {"headline": str, "description": NotRequired[str], "instruction": NotRequired[str]})
Texts = TypedDict("Texts", {"id": "Text", "en": NotRequired[Union["Text", None]], "jv": NotRequired[Union["Text", None]]})
Ticket = TypedDict("Ticket", {"type": Literal['ticket'], "id": str, "at": int, "state": Literal['called', 'cancelled', 'expired', 'go', 'no_show', 'served', 'waiting'], "number": int, "ahead": int, "serving": int, "stop": str, "stop_name": str, "service": str, "day": str, "scheduled_at": int, "grace_until": NotRequired[int], "next_at": NotRequired[int]})
TicketStepped = TypedDict("TicketStepped", {"ticket": str, "number": int, "state": Literal['called', 'cancelled', 'expired', 'go', 'no_show', 'served', 'waiting']})
TicketTaken = TypedDict("TicketTaken", {"ticket": str, "number": int, "ahead": int, "state": Literal['called', 'cancelled', 'expired', 'go', 'no_show', 'served', 'waiting'], "existing": NotRequired[bool]})
TrackerMade = TypedDict("TrackerMade", {"van": str, "key": NotRequired[str]})
TripCancelled = TypedDict("TripCancelled", {"van": str, "trip": str})
TripNews = TypedDict("TripNews", {"type": Literal['news'], "id": str, "at": int, "state": Literal['ringing', 'seen'], "day": str, "rung_at": int, "what": Literal['again', 'cancelled', 'changed', 'given'], "stops": list["ChangedStop"], "more": NotRequired[int], "reason": NotRequired[str]})
TripsSaved = TypedDict("TripsSaved", {"van": str, "trips": list[str], "same": NotRequired[bool]})
TroubledShop = TypedDict("TroubledShop", {"type": Literal['shop'], "id": str, "at": int, "state": Literal['closed', 'open'], "name": str, "category": Literal['food', 'goods', 'made_to_order'], "kelurahan": str, "why": NotRequired[Literal['deaf', 'hours', 'paused']], "opens_at": NotRequired[int], "busy_min": NotRequired[int], "self_paused": bool, "expired": int})
Van = TypedDict("Van", {"type": Literal['van'], "id": str, "at": int, "state": Literal['at_stop', 'driving', 'off'], "name": str, "cancelled": NotRequired[bool], "stop": NotRequired[str], "stop_name": NotRequired[str], "next": NotRequired[str], "next_name": NotRequired[str]})
VanNamed = TypedDict("VanNamed", {"van": str})
VanPressed = TypedDict("VanPressed", {"van": str, "stop": str, "state": Literal['arrived', 'cancelled', 'departed', 'expected', 'skipped']})
VanWithTrip = TypedDict("VanWithTrip", {"type": Literal['van'], "id": str, "at": int, "state": Literal['at_stop', 'driving', 'off'], "name": str, "cancelled": NotRequired[bool], "stop": NotRequired[str], "stop_name": NotRequired[str], "next": NotRequired[str], "next_name": NotRequired[str], "trip": list["Row"], "services": list[str], "day": str, "trip_state": Literal['at_stop', 'cancelled', 'driving', 'over', 'planned'], "reason": NotRequired[str]})
Visit = TypedDict("Visit", {"trip": str, "van": str, "van_name": str, "day": str, "scheduled_at": int, "state": Literal['arrived', 'cancelled', 'departed', 'expected', 'skipped'], "arrived_at": NotRequired[int], "departed_at": NotRequired[int], "reason": NotRequired[Literal['nobody', 'other', 'road', 'time', 'van']], "eta": NotRequired["Eta"]})
WantAnswer = TypedDict("WantAnswer", {"id": str, "shop": str, "name": str, "kelurahan": str, "kind": Literal['can_order', 'have', 'price'], "at": int, "distance_m": int, "price": NotRequired[int]})
WantAnswered = TypedDict("WantAnswered", {"want": str, "answers": int})
WantClosed = TypedDict("WantClosed", {"want": str, "state": str})
WantPicked = TypedDict("WantPicked", {"want": str, "order": str})
WantPosted = TypedDict("WantPosted", {"want": str, "asked": int})
WantRead = TypedDict("WantRead", {"want": Union["OwnWant", "Answer"]})
Where = TypedDict("Where", {"lat": float, "lon": float})
WholeStop = TypedDict("WholeStop", {"type": Literal['stop'], "id": str, "at": int, "state": Literal['arrived', 'cancelled', 'departed', 'expected', 'skipped', 'unplanned'], "name": str, "kelurahan": str, "location": "Where", "van": NotRequired[str], "van_name": NotRequired[str], "day": NotRequired[str], "scheduled_at": NotRequired[int], "services": list["Service"], "address": NotRequired[str], "trip": NotRequired[str], "arrived_at": NotRequired[int], "departed_at": NotRequired[int], "reason": NotRequired[Literal['nobody', 'other', 'road', 'time', 'van']], "eta": NotRequired["Eta"], "visits": NotRequired[list["Visit"]]})
WholeTrip = TypedDict("WholeTrip", {"type": Literal['trip'], "id": str, "at": int, "state": Literal['at_stop', 'cancelled', 'driving', 'planned'], "van": str, "name": str, "day": str, "trip": list["Row"], "reason": NotRequired[str]})
Workshop = TypedDict("Workshop", {"type": Literal['workshop'], "id": str, "at": int, "state": Literal['cancelled', 'ended', 'open', 'started'], "title": str, "place": str, "starts_at": int, "until": int, "reason": str, "category": Literal['food', 'goods', 'made_to_order'], "seats": int, "joined": int, "waiting": int})
WorkshopStepped = TypedDict("WorkshopStepped", {"workshop": str, "state": str})
AlertsCancel = TypedDict("AlertsCancel", {"alert": str, "reason": str, "sender": NotRequired[Union[str, None]], "identifier": NotRequired[Union[str, None]], "sent": NotRequired[Union[int, None]]})
AlertsPublish = TypedDict("AlertsPublish", {"status": NotRequired[Literal['actual', 'exercise', 'test']], "category": Literal['cbrne', 'env', 'fire', 'geo', 'health', 'infra', 'met', 'other', 'rescue', 'safety', 'security', 'transport'], "event": str, "urgency": Literal['expected', 'future', 'immediate', 'past', 'unknown'], "severity": Literal['extreme', 'minor', 'moderate', 'severe', 'unknown'], "certainty": Literal['likely', 'observed', 'possible', 'unknown', 'unlikely'], "expires": int, "texts": "Texts", "areas": Union[Literal['city'], list[str]], "preview": NotRequired[bool], "sender": NotRequired[Union[str, None]], "identifier": NotRequired[Union[str, None]], "sent": NotRequired[Union[int, None]]})
AlertsUpdate = TypedDict("AlertsUpdate", {"status": NotRequired[Literal['actual', 'exercise', 'test']], "category": Literal['cbrne', 'env', 'fire', 'geo', 'health', 'infra', 'met', 'other', 'rescue', 'safety', 'security', 'transport'], "event": str, "urgency": Literal['expected', 'future', 'immediate', 'past', 'unknown'], "severity": Literal['extreme', 'minor', 'moderate', 'severe', 'unknown'], "certainty": Literal['likely', 'observed', 'possible', 'unknown', 'unlikely'], "expires": int, "texts": "Texts", "areas": Union[Literal['city'], list[str]], "preview": NotRequired[bool], "sender": NotRequired[Union[str, None]], "identifier": NotRequired[Union[str, None]], "sent": NotRequired[Union[int, None]], "alert": str})
FacesHelpDuty = TypedDict("FacesHelpDuty", {"type": Literal['duty'], "id": str, "at": int, "state": Literal['busy', 'off', 'on'], "name": str, "vehicle": str, "drills": bool, "reachable": bool, "wakeable": NotRequired[bool], "since": int, "request": NotRequired[str]})
FacesMarketContact = TypedDict("FacesMarketContact", {"name": str, "phone": str})
FacesPartsPlace = TypedDict("FacesPartsPlace", {"lat": float, "lon": float, "accuracy_m": float, "fix_at": int})
MedicDataAdvance = TypedDict("MedicDataAdvance", {"request": str, "to": Literal['at_patient', 'cleared', 'en_route', 'on_scene']})
MedicDataCall = TypedDict("MedicDataCall", {"location": NotRequired[Union["MedicDataLocation", None]], "kelurahan": NotRequired[Union[str, None]], "landmark": NotRequired[str], "for": NotRequired[Literal['family', 'me', 'other']], "phone": NotRequired[str], "urgency": NotRequired[Literal['now', 'visit']], "drill": NotRequired[bool], "confirmed": NotRequired[bool], "source": NotRequired[Literal['app', 'phone_112', 'phone_119', 'sim']]})
MedicDataCancel = TypedDict("MedicDataCancel", {"request": str, "reason": NotRequired[Union[Literal['mistake', 'other', 'other_help', 'solved'], None]], "holder": NotRequired[Union[str, None]]})
MedicDataDuty = TypedDict("MedicDataDuty", {"on": bool, "drills": NotRequired[Union[bool, None]]})
MedicDataLocation = TypedDict("MedicDataLocation", {"lat": float, "lon": float, "accuracy_m": NotRequired[float], "fix_at": NotRequired[Union[int, None]], "age_ms": NotRequired[Union[int, None]]})
MedicDataTake = TypedDict("MedicDataTake", {"alarm": str})
OrderThingsAdvance = TypedDict("OrderThingsAdvance", {"order": str, "to": Literal['completed', 'preparing', 'ready']})
OrderThingsCancel = TypedDict("OrderThingsCancel", {"order": str, "reason": NotRequired[Literal['mistake', 'no_show', 'other', 'out_of_stock', 'too_slow']]})
OrderThingsPlace = TypedDict("OrderThingsPlace", {"shop": str, "lines": list["LineData"], "fulfilment": Literal['delivery', 'pickup'], "name": str, "phone": str, "address": NotRequired[str], "note": NotRequired[str]})
PhonesThingsTake = TypedDict("PhonesThingsTake", {"alarm": str})
ShopThingsContact = TypedDict("ShopThingsContact", {"name": str, "phone": str})
ShopThingsOneShop = TypedDict("ShopThingsOneShop", {"shop": str})
TicketThingsCall = TypedDict("TicketThingsCall", {"stop": NotRequired[Union[str, None]], "service": NotRequired[Union[str, None]], "ticket": NotRequired[Union[str, None]]})
TicketThingsTake = TypedDict("TicketThingsTake", {"stop": str, "service": str, "day": NotRequired[Union[str, None]], "name": NotRequired[str]})
WorkshopsPublish = TypedDict("WorkshopsPublish", {"title": str, "place": str, "starts_at": int, "until": int, "category": Literal['food', 'goods', 'made_to_order'], "seats": int})
WorkshopsUpdate = TypedDict("WorkshopsUpdate", {"workshop": str, "title": NotRequired[Union[str, None]], "place": NotRequired[Union[str, None]], "starts_at": NotRequired[Union[int, None]], "until": NotRequired[Union[int, None]], "seats": NotRequired[Union[int, None]]})

VIEWS: Final[dict[str, tuple[Any, ...]]] = {
    "help/{person}": (OwnRequest, Ringing, FacesHelpDuty,),
    "dispatch": (DeskRequest, Drill, MedicAlarm, ResponseTimes, RingTest,),
    "warnings": (Alert,),
    "roster": (RosterMedic,),
    "city": (Alert, OnDuty,),
    "shop/{id}": (OwnShop, Product, ShopsOrder, Answer,),
    "dispatch/market": (TroubledShop, MarketOrder, MarketWant, MarketAlarm, RingTest,),
    "shops/{kelurahan}": (ListedShop,),
    "person/{id}": (BuyersOrder, OwnWant, Ticket, Reminder, Seat,),
    "wants/{kelurahan}/{category}": (AskedWant,),
    "vans": (Van,),
    "van/{id}": (VanWithTrip,),
    "stops": (BriefStop,),
    "stop/{id}": (WholeStop, Queue,),
    "dispatch/van": (DeskVan, WholeTrip, Plan, Queue, AskedStop, LostPhone, RingTest,),
    "plut": (Workshop, SignUp,),
    "workshops/{category}": (Workshop,),
    "queue/{van}": (CrewsQueue,),
    "crew/{van}": (TripNews,),
    "dispatch/city": (LostPhone, RingTest,),
}
"""By the topics' addresses."""


class Spoken(Protocol):
    """A client, by what it may say."""

    @overload
    async def call(self, cmd: Literal["alarm.take"], data: Union[MedicDataTake, TakeAlarm, PhonesThingsTake, PhonesThingsTake], *, id: str | None = None, limit_s: float = ANSWER_S) -> AlarmTaken: ...
    @overload
    async def call(self, cmd: Literal["alert.cancel"], data: Union[AlertsCancel], *, id: str | None = None, limit_s: float = ANSWER_S) -> AlertSaid: ...
    @overload
    async def call(self, cmd: Literal["alert.publish"], data: Union[AlertsPublish], *, id: str | None = None, limit_s: float = ANSWER_S) -> AlertSaid: ...
    @overload
    async def call(self, cmd: Literal["alert.update"], data: Union[AlertsUpdate], *, id: str | None = None, limit_s: float = ANSWER_S) -> AlertSaid: ...
    @overload
    async def call(self, cmd: Literal["medic.accept"], data: Union[OfRequest], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["medic.advance"], data: Union[MedicDataAdvance], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["medic.assign"], data: Union[Assign], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["medic.backup"], data: Union[OfRequest], *, id: str | None = None, limit_s: float = ANSWER_S) -> BackupAsked: ...
    @overload
    async def call(self, cmd: Literal["medic.call"], data: Union[MedicDataCall], *, id: str | None = None, limit_s: float = ANSWER_S) -> Called: ...
    @overload
    async def call(self, cmd: Literal["medic.cancel"], data: Union[MedicDataCancel], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestCancelled: ...
    @overload
    async def call(self, cmd: Literal["medic.close"], data: Union[Close], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["medic.decline"], data: Union[OfRequest], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestNamed: ...
    @overload
    async def call(self, cmd: Literal["medic.describe"], data: Union[Describe], *, id: str | None = None, limit_s: float = ANSWER_S) -> Described: ...
    @overload
    async def call(self, cmd: Literal["medic.duty"], data: Union[MedicDataDuty], *, id: str | None = None, limit_s: float = ANSWER_S) -> OnOff: ...
    @overload
    async def call(self, cmd: Literal["medic.escalate"], data: Union[Escalate], *, id: str | None = None, limit_s: float = ANSWER_S) -> Escalated: ...
    @overload
    async def call(self, cmd: Literal["medic.hand_over"], data: Union[HandOver], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["medic.merge"], data: Union[Merge], *, id: str | None = None, limit_s: float = ANSWER_S) -> Merged: ...
    @overload
    async def call(self, cmd: Literal["medic.read"], data: Union[Read], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestRead: ...
    @overload
    async def call(self, cmd: Literal["medic.receipt"], data: Union[Receipt], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestNamed: ...
    @overload
    async def call(self, cmd: Literal["medic.release"], data: Union[OfRequest], *, id: str | None = None, limit_s: float = ANSWER_S) -> RequestStepped: ...
    @overload
    async def call(self, cmd: Literal["news.seen"], data: Union[SeenNews], *, id: str | None = None, limit_s: float = ANSWER_S) -> NewsSeen: ...
    @overload
    async def call(self, cmd: Literal["order.accept"], data: Union[Accept], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderStepped: ...
    @overload
    async def call(self, cmd: Literal["order.advance"], data: Union[OrderThingsAdvance], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderStepped: ...
    @overload
    async def call(self, cmd: Literal["order.cancel"], data: Union[OrderThingsCancel], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderStepped: ...
    @overload
    async def call(self, cmd: Literal["order.place"], data: Union[OrderThingsPlace], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderPlaced: ...
    @overload
    async def call(self, cmd: Literal["order.read"], data: Union[OneOrder], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderRead: ...
    @overload
    async def call(self, cmd: Literal["order.receipt"], data: Union[ReceiptData], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderHeard: ...
    @overload
    async def call(self, cmd: Literal["order.reject"], data: Union[Reject], *, id: str | None = None, limit_s: float = ANSWER_S) -> OrderStepped: ...
    @overload
    async def call(self, cmd: Literal["phone.test"], data: Union[OneTest], *, id: str | None = None, limit_s: float = ANSWER_S) -> TestRung: ...
    @overload
    async def call(self, cmd: Literal["product.save"], data: Union[SaveProduct], *, id: str | None = None, limit_s: float = ANSWER_S) -> ProductNamed: ...
    @overload
    async def call(self, cmd: Literal["product.stock"], data: Union[StockProduct], *, id: str | None = None, limit_s: float = ANSWER_S) -> ProductNamed: ...
    @overload
    async def call(self, cmd: Literal["reminder.dismiss"], data: Union[Dismiss], *, id: str | None = None, limit_s: float = ANSWER_S) -> ReminderDismissed: ...
    @overload
    async def call(self, cmd: Literal["reminder.set"], data: Union[SetReminder], *, id: str | None = None, limit_s: float = ANSWER_S) -> ReminderSet: ...
    @overload
    async def call(self, cmd: Literal["shop.busy"], data: Union[Busy], *, id: str | None = None, limit_s: float = ANSWER_S) -> ShopNamed: ...
    @overload
    async def call(self, cmd: Literal["shop.pause"], data: Union[Pause], *, id: str | None = None, limit_s: float = ANSWER_S) -> ShopNamed: ...
    @overload
    async def call(self, cmd: Literal["shop.resume"], data: Union[ShopThingsOneShop], *, id: str | None = None, limit_s: float = ANSWER_S) -> ShopNamed: ...
    @overload
    async def call(self, cmd: Literal["shop.save"], data: Union[Save], *, id: str | None = None, limit_s: float = ANSWER_S) -> ShopNamed: ...
    @overload
    async def call(self, cmd: Literal["stop.ask"], data: Union[Ask], *, id: str | None = None, limit_s: float = ANSWER_S) -> StopAsked: ...
    @overload
    async def call(self, cmd: Literal["stop.save"], data: Union[SaveStop], *, id: str | None = None, limit_s: float = ANSWER_S) -> StopNamed: ...
    @overload
    async def call(self, cmd: Literal["ticket.call"], data: Union[TicketThingsCall], *, id: str | None = None, limit_s: float = ANSWER_S) -> TicketStepped: ...
    @overload
    async def call(self, cmd: Literal["ticket.cancel"], data: Union[OneTicket], *, id: str | None = None, limit_s: float = ANSWER_S) -> TicketStepped: ...
    @overload
    async def call(self, cmd: Literal["ticket.no_show"], data: Union[OneTicket], *, id: str | None = None, limit_s: float = ANSWER_S) -> TicketStepped: ...
    @overload
    async def call(self, cmd: Literal["ticket.serve"], data: Union[OneTicket], *, id: str | None = None, limit_s: float = ANSWER_S) -> TicketStepped: ...
    @overload
    async def call(self, cmd: Literal["ticket.take"], data: Union[TicketThingsTake], *, id: str | None = None, limit_s: float = ANSWER_S) -> TicketTaken: ...
    @overload
    async def call(self, cmd: Literal["trip.cancel"], data: Union[CancelTrip], *, id: str | None = None, limit_s: float = ANSWER_S) -> TripCancelled: ...
    @overload
    async def call(self, cmd: Literal["trip.save"], data: Union[SaveTrip], *, id: str | None = None, limit_s: float = ANSWER_S) -> TripsSaved: ...
    @overload
    async def call(self, cmd: Literal["van.arrive"], data: Union[Press], *, id: str | None = None, limit_s: float = ANSWER_S) -> VanPressed: ...
    @overload
    async def call(self, cmd: Literal["van.depart"], data: Union[Press], *, id: str | None = None, limit_s: float = ANSWER_S) -> VanPressed: ...
    @overload
    async def call(self, cmd: Literal["van.save"], data: Union[SaveVan], *, id: str | None = None, limit_s: float = ANSWER_S) -> VanNamed: ...
    @overload
    async def call(self, cmd: Literal["van.skip"], data: Union[Skip], *, id: str | None = None, limit_s: float = ANSWER_S) -> VanPressed: ...
    @overload
    async def call(self, cmd: Literal["van.tracker"], data: Union[OneVan], *, id: str | None = None, limit_s: float = ANSWER_S) -> TrackerMade: ...
    @overload
    async def call(self, cmd: Literal["want.answer"], data: Union[AnswerWant], *, id: str | None = None, limit_s: float = ANSWER_S) -> WantAnswered: ...
    @overload
    async def call(self, cmd: Literal["want.close"], data: Union[OneWant], *, id: str | None = None, limit_s: float = ANSWER_S) -> WantClosed: ...
    @overload
    async def call(self, cmd: Literal["want.pick"], data: Union[Pick], *, id: str | None = None, limit_s: float = ANSWER_S) -> WantPicked: ...
    @overload
    async def call(self, cmd: Literal["want.post"], data: Union[Post], *, id: str | None = None, limit_s: float = ANSWER_S) -> WantPosted: ...
    @overload
    async def call(self, cmd: Literal["want.read"], data: Union[OneWant], *, id: str | None = None, limit_s: float = ANSWER_S) -> WantRead: ...
    @overload
    async def call(self, cmd: Literal["workshop.cancel"], data: Union[OneWorkshop], *, id: str | None = None, limit_s: float = ANSWER_S) -> WorkshopStepped: ...
    @overload
    async def call(self, cmd: Literal["workshop.join"], data: Union[OneWorkshop], *, id: str | None = None, limit_s: float = ANSWER_S) -> Joined: ...
    @overload
    async def call(self, cmd: Literal["workshop.leave"], data: Union[OneWorkshop], *, id: str | None = None, limit_s: float = ANSWER_S) -> WorkshopStepped: ...
    @overload
    async def call(self, cmd: Literal["workshop.publish"], data: Union[WorkshopsPublish], *, id: str | None = None, limit_s: float = ANSWER_S) -> WorkshopStepped: ...
    @overload
    async def call(self, cmd: Literal["workshop.start"], data: Union[OneWorkshop], *, id: str | None = None, limit_s: float = ANSWER_S) -> WorkshopStepped: ...
    @overload
    async def call(self, cmd: Literal["workshop.update"], data: Union[WorkshopsUpdate], *, id: str | None = None, limit_s: float = ANSWER_S) -> WorkshopStepped: ...


def spoken(client: Client) -> Spoken:
    """The same client; to a type checker one that knows every command, its data and its answer."""
    return cast(Spoken, client)
