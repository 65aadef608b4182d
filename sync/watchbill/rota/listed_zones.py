"""Time zones that layer-based schedules and support hours take: the IANA names behind Rails' list, which PagerDuty's
documents publish.  `UTC` is taken too and comes back as `Etc/UTC`; `America/Toronto` or `Asia/Ho_Chi_Minh` are
refused.
"""

from __future__ import annotations

_AREAS = {
    "Africa": "Algiers Cairo Casablanca Harare Johannesburg Monrovia Nairobi",
    "America": (
        "Bogota Caracas Chicago Chihuahua Denver Godthab Guatemala Guyana Halifax Juneau La_Paz Lima "
        "Los_Angeles Mazatlan Mexico_City Monterrey Montevideo New_York Nuuk Phoenix Puerto_Rico Regina Santiago "
        "Sao_Paulo St_Johns Tijuana Asuncion Anchorage"
    ),
    "America/Argentina": "Buenos_Aires",
    "America/Indiana": "Indianapolis",
    "Asia": (
        "Almaty Baghdad Baku Bangkok Chongqing Colombo Dhaka Hong_Kong Irkutsk Jakarta Jerusalem Kabul "
        "Kamchatka Karachi Kathmandu Katmandu Kolkata Krasnoyarsk Kuala_Lumpur Kuwait Magadan Manila Muscat "
        "Novosibirsk Rangoon Riyadh Seoul Shanghai Singapore Srednekolymsk Taipei Tashkent Tbilisi Tehran Tokyo "
        "Ulaanbaatar Urumqi Vladivostok Yakutsk Yekaterinburg Yerevan Dubai"
    ),
    "Atlantic": "Azores Cape_Verde South_Georgia",
    "Australia": "Adelaide Brisbane Canberra Darwin Hobart Melbourne Perth Sydney",
    "Etc": "GMT+12 GMT+11 GMT+2 UTC",
    "Europe": (
        "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki "
        "Istanbul Kaliningrad Kiev Kyiv Lisbon Ljubljana London Madrid Minsk Moscow Oslo Paris Prague Riga Rome "
        "Samara Sarajevo Skopje Sofia Stockholm Tallinn Vienna Vilnius Volgograd Warsaw Zagreb Zurich"
    ),
    "Pacific": (
        "Apia Auckland Chatham Fakaofo Fiji Guadalcanal Guam Honolulu Majuro Midway Noumea Pago_Pago "
        "Port_Moresby Tongatapu"
    ),
}

LISTED = frozenset(f"{area}/{city}" for area, cities in _AREAS.items() for city in cities.split())
