"""Spatial police planning: the shared computation behind the numbered notebooks.

Flow, one way: a city's files -> `cities` -> the method folders (`patterns`, `forecasting`,
`location`, `districting`, `hot_spots`, `priorities`, all standing on `space`) -> the notebooks
-> `compendium`, which keeps results and judges claims -> `report`.  Import what you need from the folder's own name,
for example ``from helpers.patterns import ripley_k``.
"""
