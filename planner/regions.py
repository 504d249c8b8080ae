"""Places as people name them: a region, a country or a continent of an offer."""

from planner.offer import Offer

_CONTINENTS = {
    "europe": "EU",
    "north america": "NA",
    "south america": "SA",
    "asia": "AS",
    "oceania": "OC",
    "africa": "AF",
}
_COUNTRIES = {
    "usa": "US",
    "united states": "US",
    "america": "US",
    "uk": "GB",
    "united kingdom": "GB",
    "canada": "CA",
    "germany": "DE",
    "france": "FR",
    "sweden": "SE",
    "finland": "FI",
    "norway": "NO",
    "netherlands": "NL",
    "italy": "IT",
    "spain": "ES",
    "india": "IN",
    "japan": "JP",
    "korea": "KR",
    "singapore": "SG",
    "china": "CN",
    "australia": "AU",
}


def is_in_region(offer: Offer, place: str) -> bool:
    """Return whether `offer` lies in `place`: its region (or the start of its name), its country or its continent."""
    word = place.strip().casefold()
    if word in (offer.country.casefold(), offer.continent.casefold()) and word:
        return True
    if _COUNTRIES.get(word, "-") == offer.country or _CONTINENTS.get(word, "-") == offer.continent:
        return True
    region = offer.region.casefold()
    return region == word or (region.startswith(word) and not region[len(word)].isalnum())
