"""A city made from the files that a portal or a police force publishes."""
