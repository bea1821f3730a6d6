"""Addresses for machines, which everybody may ask for a yes or a no."""

MATRIX = """
GET  /healthz  200
POST /healthz  405
GET  /readyz   200
POST /readyz   405
"""
