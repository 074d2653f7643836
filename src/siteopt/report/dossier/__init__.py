"""The hand-over for land review: from a finished run's folder to what the land office imports and signs.

``write_dossier`` writes a workbook, the plots as GeoPackage and Shapefile, the boundary-coordinate text and a
README. It says nothing that the run does not know: what the office decides stays empty, what nobody checked is
called not checked.
"""

from __future__ import annotations

from siteopt.report.dossier.template import DEFAULT, Encoding, TxtTemplate, read_template
from siteopt.report.dossier.write import write_dossier

__all__ = ["DEFAULT", "Encoding", "TxtTemplate", "read_template", "write_dossier"]
