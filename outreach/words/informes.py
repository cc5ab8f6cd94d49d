"""The words for the codes of the area `informes`."""

from outreach.words import N_  # noqa: F401

FAULTS: dict[str, str] = {}
