"""Estates and duty matrices as people write them, in YAML."""

from cloud.adapters.estate_file.credit import credit_table_of, default_credit_table
from cloud.adapters.estate_file.reading import default_duties, read_estate
from cloud.adapters.estate_file.regulated import regulated_work

__all__ = ["credit_table_of", "default_credit_table", "default_duties", "read_estate", "regulated_work"]
