"""Tests of what this library asks of its hosts, for their own test suites."""
