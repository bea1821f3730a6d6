"""What apps above this one may wait for. Each is sent inside the transaction of its change."""

from django.dispatch import Signal

invitation_accepted = Signal()
"""Somebody has taken the role of an invitation: `invitation`, `user`."""
