from django.apps import AppConfig


class JourneyConfig(AppConfig):
    """The only app: saved checks and the pages."""

    name = "soleus.web.journey"
    label = "journey"
