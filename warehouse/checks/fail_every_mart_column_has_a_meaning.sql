select table_name, column_name
from duckdb_columns()
where schema_name = 'mart' and database_name = current_database() and coalesce(comment, '') = ''
