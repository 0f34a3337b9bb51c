"""Pure composition of the engines: interview, assessment, summary, referral."""

from soleus.clinic.assess import assess

__all__ = ["assess"]
