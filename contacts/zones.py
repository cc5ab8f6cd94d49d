"""Where the clocks of big countries differ: states and well-known cities, folded, by IANA zone.

Zones and the countries they belong to come from tzdata's own zone.tab, and so do the cities that zones are named
after; here stand only the others, and the zone proposed for a country when nothing else is known.
"""

#: Where the first zone of zone.tab is not where most people live.
MAIN = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}

#: States and provinces, by name in Spanish and English and by their usual abbreviation.
STATES = {
    "US": {
        "America/New_York": "connecticut, ct, delaware, de, florida, fl, georgia, ga, maine, me, maryland, md, "
        "massachusetts, ma, new hampshire, nueva hampshire, nuevo hampshire, nh, new jersey, "
        "nueva jersey, nj, new york, nueva york, ny, north carolina, carolina del norte, nc, "
        "ohio, oh, pennsylvania, pensilvania, pa, rhode island, ri, south carolina, carolina del "
        "sur, sc, vermont, vt, virginia, va, west virginia, virginia occidental, wv, kentucky, "
        "ky, district of columbia, distrito de columbia, d c, dc",
        "America/Detroit": "michigan, mi",
        "America/Indiana/Indianapolis": "indiana, in",
        "America/Chicago": "alabama, al, arkansas, ar, illinois, il, iowa, ia, kansas, ks, louisiana, luisiana, la, "
        "minnesota, mn, mississippi, misisipi, ms, missouri, misuri, mo, nebraska, ne, north "
        "dakota, dakota del norte, nd, oklahoma, ok, south dakota, dakota del sur, sd, tennessee, "
        "tn, texas, tejas, tx, wisconsin, wi",
        "America/Denver": "colorado, co, montana, mt, new mexico, nuevo mexico, nm, utah, ut, wyoming, wy",
        "America/Boise": "idaho, id",
        "America/Phoenix": "arizona, az",
        "America/Los_Angeles": "california, ca, nevada, nv, oregon, or, washington state, estado de washington, wa",
        "America/Anchorage": "alaska, ak",
        "Pacific/Honolulu": "hawaii, hawai, hi",
    },
    "CA": {
        "America/Vancouver": "british columbia, columbia britanica, bc",
        "America/Edmonton": "alberta, ab, northwest territories, territorios del noroeste, nt",
        "America/Regina": "saskatchewan, sk",
        "America/Winnipeg": "manitoba, mb",
        "America/Toronto": "ontario, on, quebec, qc",
        "America/Halifax": "nova scotia, nueva escocia, ns, prince edward island, isla del principe eduardo, pe",
        "America/Moncton": "new brunswick, nuevo brunswick, nb",
        "America/St_Johns": "newfoundland, terranova, nl",
        "America/Whitehorse": "yukon, yt",
        "America/Iqaluit": "nunavut, nu",
    },
    "MX": {
        "America/Tijuana": "baja california, bc",
        "America/Mazatlan": "baja california sur, bcs, sinaloa, sin, nayarit, nay",
        "America/Hermosillo": "sonora, son",
        "America/Chihuahua": "chihuahua, chih",
        "America/Cancun": "quintana roo, qroo",
        "America/Merida": "yucatan, yuc, campeche, camp",
        "America/Monterrey": "nuevo leon, nl, coahuila, coah, durango, dgo, tamaulipas, tamps",
    },
    "AU": {
        "Australia/Sydney": "new south wales, nueva gales del sur, nsw",
        "Australia/Melbourne": "victoria, vic",
        "Australia/Brisbane": "queensland, qld",
        "Australia/Perth": "western australia, australia occidental, wa",
        "Australia/Adelaide": "south australia, australia meridional, sa",
        "Australia/Hobart": "tasmania, tas",
        "Australia/Darwin": "northern territory, territorio del norte, nt",
    },
    "ES": {
        "Atlantic/Canary": "canarias, islas canarias, canary islands, ic",
    },
    "PT": {
        "Atlantic/Azores": "azores, acores",
        "Atlantic/Madeira": "madeira",
    },
    "ID": {
        "Asia/Makassar": "bali",
    },
}

#: Cities that keep another hour than the state written behind them.
AGAINST_THEIR_STATE = {
    "US": {
        "America/Denver": "el paso, rapid city, scottsbluff",
        "America/Chicago": "pensacola, panama city, gary, evansville, bowling green",
        "America/New_York": "knoxville, chattanooga",
        "America/Los_Angeles": "coeur d alene",
    },
    "MX": {
        "America/Ciudad_Juarez": "ciudad juarez, juarez, cd juarez",
        "America/Matamoros": "reynosa, nuevo laredo, piedras negras, ciudad acuna, rio bravo",
        "America/Bahia_Banderas": "bahia de banderas, nuevo vallarta, bucerias, sayulita",
    },
}

#: Well-known cities, for rows that name no state.
CITIES = {
    "US": {
        "America/New_York": "nueva york, nyc, brooklyn, queens, bronx, manhattan, staten island, yonkers, newark, "
        "jersey city, paterson, passaic, trenton, philadelphia, filadelfia, pittsburgh, boston, providence, hartford, "
        "new haven, baltimore, washington, washington dc, richmond, norfolk, raleigh, charlotte, durham, atlanta, "
        "savannah, miami, miami beach, fort lauderdale, orlando, tampa, jacksonville, west palm beach, naples, "
        "columbus, cleveland, cincinnati, buffalo, albany, charleston, columbia",
        "America/Detroit": "grand rapids, ann arbor, lansing, dearborn",
        "America/Chicago": "houston, dallas, fort worth, san antonio, austin, mcallen, brownsville, laredo, "
        "corpus christi, arlington, plano, irving, galveston, edinburg, cicero, joliet, elgin, waukegan, milwaukee, "
        "madison, minneapolis, saint paul, st paul, kansas city, saint louis, st louis, san luis misuri, new orleans, "
        "nueva orleans, memphis, nashville, omaha, oklahoma city, tulsa, birmingham, des moines, little rock, wichita",
        "America/Denver": "aurora, colorado springs, albuquerque, santa fe, las cruces, salt lake city, provo, "
        "fort collins, cheyenne, billings",
        "America/Phoenix": "tucson, mesa, tempe, scottsdale, glendale, chandler, yuma, flagstaff",
        "America/Los_Angeles": "long beach, santa ana, anaheim, riverside, san bernardino, ontario, "
        "la, l a, pomona, pasadena, east los angeles, oxnard, santa barbara, bakersfield, fresno, "
        "stockton, modesto, san jose, "
        "san francisco, oakland, berkeley, sacramento, san diego, chula vista, calexico, salinas, santa rosa, irvine, "
        "fullerton, las vegas, reno, henderson, portland, salem, eugene, seattle, tacoma, yakima, spokane",
    },
    "CA": {
        "America/Vancouver": "victoria, surrey, burnaby, richmond, kelowna, whistler",
        "America/Edmonton": "calgary, banff, red deer",
        "America/Regina": "saskatoon",
        "America/Toronto": "montreal, ottawa, laval, gatineau, mississauga, brampton, hamilton, london, leamington, "
        "kitchener, waterloo, windsor, sherbrooke",
        "America/Moncton": "fredericton, saint john",
        "America/Halifax": "charlottetown",
    },
    "MX": {
        "America/Tijuana": "ensenada, mexicali, tecate, rosarito",
        "America/Mazatlan": "la paz, los cabos, cabo san lucas, san jose del cabo, culiacan, los mochis, tepic",
        "America/Hermosillo": "ciudad obregon, nogales, guaymas, san luis rio colorado",
        "America/Cancun": "playa del carmen, cozumel, chetumal, tulum",
        "America/Monterrey": "saltillo, torreon, ciudad victoria, tampico",
    },
    "AU": {"Australia/Sydney": "canberra, newcastle", "Australia/Brisbane": "gold coast, cairns"},
    "BR": {"America/Bahia": "salvador", "America/Sao_Paulo": "rio de janeiro, brasilia, curitiba, porto alegre"},
    "ES": {"Atlantic/Canary": "las palmas, las palmas de gran canaria, santa cruz de tenerife, tenerife, la laguna"},
    "ID": {"Asia/Makassar": "denpasar"},
    "PT": {"Atlantic/Azores": "ponta delgada", "Atlantic/Madeira": "funchal"},
    "RU": {"Europe/Moscow": "moscu, san petersburgo, saint petersburg"},
}

#: What countries are called besides their names in Spanish and English.
CALLED = {
    "AE": "eau, uae, emiratos arabes",
    "BR": "bra",
    "CA": "can",
    "CH": "schweiz, suisse, svizzera",
    "CN": "china popular, republica popular china",
    "CZ": "republica checa, czech republic",
    "DE": "deutschland, deu, ger, republica federal de alemania",
    "ES": "esp, reino de espana",
    "FR": "fra",
    "GB": "uk, gbr, u k, gran bretana, great britain, inglaterra, england, escocia, scotland, gales, wales, "
    "irlanda del norte, northern ireland, reino unido de gran bretana",
    "HK": "hong kong, hongkong",
    "IE": "republica de irlanda, eire",
    "IT": "ita",
    "JP": "jpn, nihon",
    "KR": "corea, korea",
    "MX": "mex, mejico, estados unidos mexicanos, republica mexicana, cdmx, ciudad de mexico, mexico df, mexico d f",
    "MM": "birmania, burma",
    "MO": "macao, macau",
    "NL": "holanda, holland, nederland",
    "NZ": "nueva zelandia",
    "PS": "palestina, palestine",
    "TR": "turkey",
    "US": "usa, eua, eu, ee uu, eeuu, e u a, e u, u s a, u s, estados unidos de america, "
    "estados unidos de norteamerica, estados unidos americanos, united states of america, norteamerica",
}

#: Zones by what people call them, besides their own names and cities.
ZONES_CALLED = {
    "America/Mexico_City": "ciudad de mexico, cdmx, mexico, mexico df, centro de mexico",
    "America/New_York": "nueva york",
    "Europe/London": "londres",
    "UTC": "utc, gmt",
}
