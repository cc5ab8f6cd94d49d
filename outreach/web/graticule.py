"""How the map of the world is laid out: where a point of the earth lies on it. `tools/vendor.py` draws the land so."""

#: Degrees are laid out two units each, from the far north to where nobody lives further south.
SCALE = 2.0
NORTH, SOUTH = 84.0, -57.0
WIDTH, HEIGHT = 360 * SCALE, (NORTH - SOUTH) * SCALE


def at(latitude: float, longitude: float) -> tuple[float, float]:
    """Return where a point of the earth lies on the map, to a tenth of a unit."""
    return round((longitude + 180) * SCALE, 1), round((NORTH - latitude) * SCALE, 1)
