"""A runner's whole history: archives imported in parallel, duplicates joined, records and summaries stored."""

from soleus.history.importer import import_history
from soleus.history.report import FileOutcome, FileState, History, ImportReport, Progress
from soleus.history.store import RunnerStore

__all__ = ["FileOutcome", "FileState", "History", "ImportReport", "Progress", "RunnerStore", "import_history"]
