select schema_name, table_name, column_name, data_type, meaning, grain
from meta.data_dictionary
