"""DuckDB: landing, loading, building, checking, publishing; every path, connection and line of SQL."""
