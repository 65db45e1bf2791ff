"""Open311 GeoReport v2: residents' reports as other civic systems know them. A jurisdiction is an estate."""
