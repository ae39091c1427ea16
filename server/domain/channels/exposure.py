"""What a channel that does not hear us may sell unseen, so that the others are told less (FLT-03)."""

from server.domain.warehouse.lowstock import Velocity

_DAY = 86_400.0


def unseen_units(shown: int, velocity: Velocity, seconds: float) -> int:
    """Units that it may have sold since ``seconds`` ago, when its first push failed, without our knowing.

    As many as usually leave in that time, and one more: the next buyer is always a surprise. Never more than it shows.
    """
    return max(0, min(shown, velocity.over(max(0.0, seconds) / _DAY) + 1))
