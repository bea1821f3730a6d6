"""Addresses for machines: everybody may ask for a yes or a no, and nobody for numbers without the token."""

MATRIX = """
GET  /healthz  200
POST /healthz  405
GET  /readyz   200
POST /readyz   405
GET  /metrics  404
POST /metrics  405
"""
