"""One reader per format: a landed file becomes chunks of text columns with line numbers, and rejected rows."""
