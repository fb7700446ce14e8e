"""Entry points: Prefect flows for machines, the command line for people."""
