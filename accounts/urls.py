from accounts import views
from common.api import route

urlpatterns = [
    *route("auth/registration", views.Registration),
    *route("auth/registration/verify-email", views.VerifyEmail),
    *route("auth/registration/resend-email", views.ResendEmail),
    *route("auth/login", views.Login),
    *route("auth/token/refresh", views.Refresh),
    *route("auth/token/verify", views.Verify),
    *route("auth/token/revoke", views.Revoke),
    *route("auth/password/reset", views.ResetPassword),
    *route("auth/password/reset/confirm", views.ConfirmReset),
    *route("auth/password/change", views.ChangePassword),
    *route("auth/user", views.Me),
    *route("auth/user/opt-out", views.OptOut),
    *route("traders", views.Traders),
]
