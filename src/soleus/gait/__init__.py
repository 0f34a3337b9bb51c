"""Gait analysis: body points of a film → events, metrics with honest error, or a reason why not. Pure."""
