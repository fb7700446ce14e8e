"""Learning from judged pairs: curves for the comparisons, calibration, and what to ask next."""
