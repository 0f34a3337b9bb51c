"""Training analysis: clean, measure, weigh the calf load, and say what changed before the pain. Pure."""
