"""A made-up runner of whom everything is known: anatomy, gait, camera and the errors of a pose network."""
