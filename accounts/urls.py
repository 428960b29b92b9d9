from accounts import views
from common.api import route

urlpatterns = [
    *route("auth/login", views.Login),
    *route("auth/token/refresh", views.Refresh),
    *route("auth/token/verify", views.Verify),
    *route("auth/token/revoke", views.Revoke),
    *route("auth/user", views.Me),
    *route("auth/user/opt-out", views.OptOut),
    *route("traders", views.Traders),
]
