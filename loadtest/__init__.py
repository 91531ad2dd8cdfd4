"""Reports on what the gateway leaks, covers and shows, and how long it takes, on labelled calls."""
