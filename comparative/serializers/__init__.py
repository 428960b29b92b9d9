"""Shapes of the group's readings."""

from comparative.serializers.figures import FigureOut
from comparative.serializers.performance import GroupDayOut, GroupProductOut

__all__ = ["FigureOut", "GroupDayOut", "GroupProductOut"]
