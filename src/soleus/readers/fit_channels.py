"""Record columns of a FIT file → canonical channels, the developer fields of foot pods included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from soleus.core.activity import Array, Sport
from soleus.readers.fit_columns import DeveloperField, Records

_DEGREES = 180.0 / 2**31
MOST_EXTRAS = 64


@dataclass(frozen=True, slots=True)
class _Native:
    channel: str
    factor: float = 1.0
    zero_is_absent: bool = False
    """A watch writes 0 where it measured nothing: no ground contact lasts 0 ms, no heart stands still."""


NATIVE: Mapping[str, _Native] = {
    "distance": _Native("distance_m"),
    "enhanced_speed": _Native("speed_mps"),
    "enhanced_altitude": _Native("altitude_m"),
    "position_lat": _Native("latitude_deg", _DEGREES),
    "position_long": _Native("longitude_deg", _DEGREES),
    "heart_rate": _Native("heart_rate_bpm", 1.0, True),
    "power": _Native("power_w"),
    "temperature": _Native("temperature_degc"),
    "stance_time": _Native("contact_time_ms", 1.0, True),
    "stance_time_balance": _Native("contact_time_balance_pct", 1.0, True),
    "vertical_oscillation": _Native("vertical_oscillation_m", 1e-3, True),
    "vertical_ratio": _Native("vertical_ratio_pct", 1.0, True),
    "step_length": _Native("step_length_m", 1e-3, True),
}

APPLICATIONS: Mapping[str, str] = {"660a581e": "Stryd", "18fb2cf0": "Stryd", "a26e5358": "RunPower"}
"""First four bytes of the application id, as seen in files of these apps."""

_BY_NAME: Mapping[str, str] = {
    "power": "power_w", "rppower": "power_w", "cadence": "cadence_spm", "groundtime": "contact_time_ms",
    "contacttime": "contact_time_ms", "verticaloscillation": "vertical_oscillation_m",
    "formpower": "form_power_w", "legspringstiffness": "leg_stiffness_kn_per_m",
    "rscontacttime": "contact_time_ms", "rsfootstrike": "foot_strike_class", "rspronation": "pronation_excursion_deg",
    "rspronationexc": "pronation_excursion_deg", "rsimpactgs": "impact_g", "rsbrakinggs": "braking_g",
    "rspoweravg": "power_w", "heartrate": "heart_rate_bpm", "temperature": "temperature_degc",
}  # fmt: skip
"""Developer field names without signs, case and foot → channel."""
_BY_NATIVE: Mapping[int, str] = {
    3: "heart_rate_bpm", 4: "cadence_spm", 7: "power_w", 39: "vertical_oscillation_m", 41: "contact_time_ms",
    84: "contact_time_balance_pct", 85: "step_length_m",
}  # fmt: skip
_METRES = {"mm": 1e-3, "millimeters": 1e-3, "cm": 1e-2, "centimeters": 1e-2, "m": 1.0, "meters": 1.0}
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "vertical_oscillation_m": _METRES,
    "step_length_m": _METRES,
    "contact_time_ms": {"s": 1e3, "seconds": 1e3},
    "cadence_spm": {"rpm": 2.0, "": 2.0, "strides/min": 2.0},
}
_ABSENT_AT_ZERO = {
    "contact_time_ms", "vertical_oscillation_m", "step_length_m", "leg_stiffness_kn_per_m", "foot_strike_class",
    "heart_rate_bpm", "contact_time_balance_pct", "impact_g", "braking_g",
}  # fmt: skip
_NOT_ON_FOOT = {Sport.CYCLING, Sport.SWIMMING}


def build_channels(
    records: Records, sport: Sport, lay_out: Callable[[Array], Array]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """(canonical channels, unmapped developer fields) on the time axis that `lay_out` puts a column on.

    What the watch itself writes comes before a developer field of the same meaning; the two are never mixed within
    one activity, as two sensors are never quite the same.
    """
    channels: dict[str, Array] = {}
    for name, native in NATIVE.items():
        raw = records.columns.get(name)
        if raw is not None:
            values = lay_out(raw)
            if native.factor != 1.0:
                values = values * native.factor
            _keep(channels, native.channel, values, zero_is_absent=native.zero_is_absent)
    if sport not in _NOT_ON_FOOT and (cadence := _both_feet(records)) is not None:
        _keep(channels, "cadence_spm", lay_out(cadence))
    _drop_impossible_positions(channels)
    return channels, _developer_channels(records, sport, lay_out, channels)


def _keep(channels: dict[str, Array], name: str, values: Array, *, zero_is_absent: bool = False) -> None:
    """Add the channel unless it holds no value at all."""
    if zero_is_absent and not values.all():
        values = np.where(values == 0.0, np.nan, values)
    if not np.isnan(values).all():
        channels[name] = values


def _both_feet(records: Records) -> Array | None:
    """Steps/min of both feet: FIT counts strides (one leg) per minute, the fraction in a field of its own."""
    whole = records.columns.get("cadence")
    if whole is None:
        whole = records.columns.get("cadence256")
        return None if whole is None else whole * 2.0
    fraction = records.columns.get("fractional_cadence")
    if fraction is None:
        return whole * 2.0
    return (whole + np.nan_to_num(fraction)) * 2.0


def _drop_impossible_positions(channels: dict[str, Array]) -> None:
    latitude, longitude = channels.get("latitude_deg"), channels.get("longitude_deg")
    if latitude is None or longitude is None:
        channels.pop("latitude_deg", None)
        channels.pop("longitude_deg", None)
        return
    impossible = (np.abs(latitude) > 90.0) | ((latitude == 0.0) & (longitude == 0.0))
    if impossible.any():
        for name, values in (("latitude_deg", latitude), ("longitude_deg", longitude)):
            del channels[name]
            _keep(channels, name, np.where(impossible, np.nan, values))


def _developer_channels(
    records: Records, sport: Sport, lay_out: Callable[[Array], Array], channels: dict[str, Array]
) -> dict[str, Array]:
    """Fill `channels` from developer fields where the watch has none; gives the fields nobody has mapped."""
    extra: dict[str, Array] = {}
    feet: dict[str, list[Array]] = {}
    for item in records.developer:
        channel, one_foot, scaled = _channel_of(item)
        usable = channel and channel not in channels and not (channel == "cadence_spm" and sport in _NOT_ON_FOOT)
        if usable and (channel not in feet or (one_foot and len(feet[channel]) < 2)):
            feet.setdefault(channel, []).append(scaled)
        elif len(extra) < MOST_EXTRAS:
            _keep(extra, _label(item, extra), lay_out(item.values))
    for channel, sides in feet.items():
        if channel in _ABSENT_AT_ZERO:
            _keep(channels, channel, lay_out(_mean([np.where(side == 0.0, np.nan, side) for side in sides])))
        else:
            _keep(channels, channel, lay_out(_mean(sides)))
    return extra


def _channel_of(item: DeveloperField) -> tuple[str, bool, Array]:
    """(channel or "", whether of one foot only, values in its unit)."""
    plain = "".join(sign for sign in item.name.lower() if sign.isalnum())
    one_foot = plain.startswith("rs") and item.name[-2:].lower() in ("_l", "_r")
    if one_foot:
        plain = plain[:-1]
    channel = _BY_NAME.get(plain) or _BY_NATIVE.get(item.native_field if item.native_field is not None else -1, "")
    factor = _FACTORS.get(channel, {}).get(item.units.lower(), 1.0)
    return channel, one_foot, item.values * factor if factor != 1.0 else item.values


def _label(item: DeveloperField, taken: Mapping[str, Array]) -> str:
    known = item.application.hex()[:8]
    name = f"{APPLICATIONS.get(known, f'app {known}' if known.strip('0') else 'app')} {item.name or item.number}"
    label = f"{name} [{item.units}]" if item.units else name
    return label if label not in taken else f"{label} #{item.developer_index}.{item.number}"


def _mean(sides: list[Array]) -> Array:
    """Mean of the feet that were seen."""
    if len(sides) == 1:
        return sides[0]
    stacked = np.stack(sides)
    seen = (~np.isnan(stacked)).sum(axis=0)
    total = np.nansum(stacked, axis=0)
    return np.where(seen > 0, total / np.maximum(seen, 1), np.nan)
