"""Estates and duty matrices as people write them, in YAML."""

from cloud.adapters.estate_file.reading import default_duties, read_estate

__all__ = ["default_duties", "read_estate"]
