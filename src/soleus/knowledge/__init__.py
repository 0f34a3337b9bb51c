"""What Soleus knows, and where it has it from: files in `data/`, checked, compiled, frozen."""

from soleus.knowledge.compile import load_knowledge
from soleus.knowledge.loader import load_yaml_strict

__all__ = ["load_knowledge", "load_yaml_strict"]
