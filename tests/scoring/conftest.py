"""The fixtures of `tests.scoring.fixtures`, for every test below."""

from tests.scoring.fixtures import inspect, pool, score

__all__ = ["inspect", "pool", "score"]
