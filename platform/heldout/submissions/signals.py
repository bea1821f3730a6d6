"""What apps above this one may wait for. Each is sent inside the transaction of its change."""

from django.dispatch import Signal

scored = Signal()
"""A submission or a rehearsal has its scores: `submission`."""
