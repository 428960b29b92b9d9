from common.api import route
from futures import views

urlpatterns = [*route("products", views.Products)]
