"""The built-in renderers, one module for each export type."""
