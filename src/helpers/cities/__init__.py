"""Cities: a folder with a city.yml becomes validated layers in metres."""

from helpers.cities.card import Card, Criterion, LayerSpec, ZoneField
from helpers.cities.city import LAYERS, City, load_city
from helpers.cities.errors import CityError
from helpers.cities.folders import list_cities
from helpers.cities.reading import read_card

__all__ = [
    "LAYERS",
    "Card",
    "City",
    "CityError",
    "Criterion",
    "LayerSpec",
    "ZoneField",
    "list_cities",
    "load_city",
    "read_card",
]
