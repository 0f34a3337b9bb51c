"""A runner's whole history: archives imported in parallel, duplicates joined, records and summaries stored."""
