"""The runner's journey, R0 to R9, and the examination page for a physiotherapist."""
