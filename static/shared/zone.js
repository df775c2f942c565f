// The city's clock: how far it is ahead of UTC, and the letters by which people know it.
//
// These are Kota Mojokerto's; of a city in another zone the hub says that one's on the way out (`hub/told.py`), so a
// page has the right clock before it has asked anybody, and without a connection too.

export const ZONE_MS = 7 * 3600000;
export const ZONE = "WIB";
