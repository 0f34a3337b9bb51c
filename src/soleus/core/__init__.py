"""The nouns of Soleus: frozen, validated, knowing nothing of web, database, clock, file or locale."""
