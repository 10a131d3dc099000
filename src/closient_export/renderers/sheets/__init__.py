"""Sheets of labels: the knobs, what is on one label, and what is on a page."""
