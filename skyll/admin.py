"""What packages of ours would show in the console, and an operator has no use for."""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django_celery_beat.models import ClockedSchedule, SolarSchedule
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

UNSEEN = (
    # Their deeds stand among the actions of users: written down, and without secrets in sight.
    EmailAddress, EmailConfirmation, Authenticator, OutstandingToken, BlacklistedToken,
    # Nobody logs in here by another site.
    SocialAccount, SocialApp, SocialToken,
    # The schedule has neither single moments nor sunrises.
    ClockedSchedule, SolarSchedule,
)  # fmt: skip

for model in UNSEEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
