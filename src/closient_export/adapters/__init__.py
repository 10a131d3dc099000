"""Ways to connect the library to what a host has: files first."""
