"""Soleus: calf pain when running, assessed safely and explained."""
