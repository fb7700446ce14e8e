"""Names to candidate pairs to match probabilities to clusters: tables in, tables out."""
