"""R10 and R11: running files in, what changed out. Files are deleted after reading; the summary is kept sealed."""
