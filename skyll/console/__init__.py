"""The console: the Django admin as operators see it, behind log-in pages of its own.

apps        makes our site the one that `admin.site` names
site        the site: who gets in, what stands where on its index, what a search box suggests
pages       log-in, second factor and recovery codes: allauth's views, in the admin's clothes
urls        where those pages are
"""
