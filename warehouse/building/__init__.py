"""Build the tables of a release from selects, check them, and load what the selects compare against."""
