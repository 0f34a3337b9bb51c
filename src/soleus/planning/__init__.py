"""What to do about it: first advice for today, with contraindications always last."""
