"""Debian package descriptions as a retrieval set: see ../debian-pairs."""
