"""QGIS styles (QML) of the layers of plan.gpkg, made as XML so that no name can break out of its attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as Xml

from siteopt.report.safe import clean

Shape = Literal["marker", "fill"]
HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


@dataclass(frozen=True)
class Look:
    """One class of a categorised layer: its value, its name in the legend and how it is drawn.

    ``opacity`` is of the fill, ``size_mm`` of a marker, ``edge`` the outline's colour.
    """

    value: str
    label: str
    colour: str
    opacity: float = 1.0
    size_mm: float = 3.0
    edge: str = "#ffffff"
    mark: str = "circle"
    edge_mm: float = 0.3


def categorised(attribute: str, looks: Sequence[Look], shape: Shape) -> str:
    """A QML document that draws each value of an attribute its own way."""
    qgis = Xml.Element("qgis", {"version": "3.28.0", "styleCategories": "Symbology"})
    renderer = Xml.SubElement(
        qgis,
        "renderer-v2",
        {
            "type": "categorizedSymbol",
            "attr": clean(attribute),
            "symbollevels": "0",
            "enableorderby": "0",
            "forceraster": "0",
        },
    )
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    for number, look in enumerate(looks):
        Xml.SubElement(
            categories,
            "category",
            {"value": clean(look.value), "symbol": str(number), "label": clean(look.label), "render": "true"},
        )
        _symbol(symbols, str(number), look, shape)
    Xml.SubElement(qgis, "blendMode").text = "0"
    Xml.SubElement(qgis, "layerGeometryType").text = "0" if shape == "marker" else "2"
    Xml.indent(qgis)
    return HEAD + Xml.tostring(qgis, encoding="unicode") + "\n"


def _symbol(parent: Xml.Element, name: str, look: Look, shape: Shape) -> None:
    symbol = Xml.SubElement(
        parent,
        "symbol",
        {"type": shape, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"},
    )
    layer = Xml.SubElement(
        symbol,
        "layer",
        {"class": "SimpleMarker" if shape == "marker" else "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"},
    )
    settings = {
        "color": _rgba(look.colour, look.opacity),
        "outline_color": _rgba(look.edge, 1.0),
        "outline_style": "solid",
        "outline_width": f"{look.edge_mm:g}",
        "outline_width_unit": "MM",
    }
    if shape == "marker":
        settings |= {"name": look.mark, "size": f"{look.size_mm:g}", "size_unit": "MM", "joinstyle": "bevel"}
    else:
        settings |= {"style": "solid", "joinstyle": "bevel"}
    options = Xml.SubElement(layer, "Option", {"type": "Map"})
    for key, value in settings.items():
        Xml.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
    for key, value in settings.items():  # QGIS before 3.22 reads these
        Xml.SubElement(layer, "prop", {"k": key, "v": value})


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"
