"""The watch: every half minute it looks at everything, opens alarms and ends them, and tells."""

from skyll.watch.post import tell
from skyll.watch.turns import turn

__all__ = ["tell", "turn"]
