"""A stand-in for IceTray's Python: see the README of the directory above."""
