"""From landed files to raw and staging tables, by what each source's definition declares."""

from warehouse.loading.load import LoadReport, SourceFailure, load_source
from warehouse.loading.schemas import create_schemas

__all__ = ["LoadReport", "SourceFailure", "create_schemas", "load_source"]
