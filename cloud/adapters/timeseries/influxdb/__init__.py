"""InfluxDB 2 as a projection of the journal."""
