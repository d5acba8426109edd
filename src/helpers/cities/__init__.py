"""Cities: a folder with a city.yml becomes validated layers in metres; nothing is ever written."""

from .card import LAYERS, Card, Criterion
from .city import City, ListedFile, load_city
from .errors import CityError
from .folders import CARD
from .layer_spec import LayerSpec
from .reading import read_card_in
from .rows import Rows
from .zones_spec import ZoneField

__all__ = [
    "CARD",
    "LAYERS",
    "Card",
    "City",
    "CityError",
    "Criterion",
    "LayerSpec",
    "ListedFile",
    "Rows",
    "ZoneField",
    "load_city",
    "read_card_in",
]
