"""Measures what gets through: labelled recordings and texts against what came out, the gateway's or another's."""
