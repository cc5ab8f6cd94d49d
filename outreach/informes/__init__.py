"""Informes: the tables of a quarter, made from the log by a definition, in every format an institution asks for."""

from outreach.informes.building import build
from outreach.informes.report import Report

__all__ = ["Report", "build"]
