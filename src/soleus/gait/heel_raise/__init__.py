"""The single-leg heel-raise test from a film or a count: repetitions, heights, faults, both legs side by side.

`engine.analyse_heel_raise` (one film, one leg), `engine.manual_set` (counted by hand), `report.heel_raise_report` (both
legs and what they mean).
"""
