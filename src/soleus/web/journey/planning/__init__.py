"""R14 to R16: goals and limits, the plan, and getting it out."""
