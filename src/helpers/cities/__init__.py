"""Cities: a folder with a city.yml becomes validated layers in metres; nothing is ever written."""

from helpers.cities.card import LAYERS, Card, Criterion, LayerSpec, ZoneField
from helpers.cities.city import City, ListedFile, load_city
from helpers.cities.errors import CityError
from helpers.cities.folders import CARD
from helpers.cities.reading import read_card_in

__all__ = [
    "CARD",
    "LAYERS",
    "Card",
    "City",
    "CityError",
    "Criterion",
    "LayerSpec",
    "ListedFile",
    "ZoneField",
    "load_city",
    "read_card_in",
]
