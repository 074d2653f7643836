"""Outlet types as data, each figure with its source."""

from siteopt.catalogue.entries import CatalogueEntry, Figure, Reference, entries, references
from siteopt.catalogue.types import outlet_types

__all__ = ["CatalogueEntry", "Figure", "Reference", "entries", "outlet_types", "references"]
