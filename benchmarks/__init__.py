"""Accuracy and speed against labelled data, and the training of the default model; run from the repository root."""
