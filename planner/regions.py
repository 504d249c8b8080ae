"""Places as people name them: a region, a country or a continent of an offer."""

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


def is_in_region(region: str, country: str, continent: str, place: str) -> bool:
    """Return whether an offer's region, country and continent lie in `place`: one of them, or the start of the region.

    The name of a region may end in a number that a start leaves out: us-east-1 and us-east4 both lie in us-east.
    """
    word = place.strip().casefold()
    if word in (country.casefold(), continent.casefold()) and word:
        return True
    if _COUNTRIES.get(word, "-") == country or _CONTINENTS.get(word, "-") == continent:
        return True
    region = region.casefold()
    if not region.startswith(word):
        return False
    after = region[len(word) : len(word) + 1]
    return not after.isalnum() or (after.isdigit() and word[-1:].isalpha())
