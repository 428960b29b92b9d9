"""What the endpoints that need no token have in common."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

NO_STORE = {"Cache-Control": "no-store"}


class Open(APIView):
    """Reached without a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
