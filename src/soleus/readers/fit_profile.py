"""The FIT messages and fields Soleus reads: number, name, scale, offset. Own table of protocol facts in use here.

A value is raw / scale - offset. Names and units are those of the protocol: m/s, m, ms, mm, bpm, semicircles
(2^31 = 180 degrees), seconds since 1989-12-31T00:00:00Z for dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soleus.core.activity import Sport, Surface

FILE_ID, USER_PROFILE, ZONES_TARGET, HR_ZONE, SPORT = 0, 3, 7, 8, 12
SESSION, LAP, RECORD, EVENT, DEVICE_INFO = 18, 19, 20, 21, 23
WORKOUT, WORKOUT_STEP, ACTIVITY, FILE_CREATOR, HRV, LENGTH = 26, 27, 34, 49, 78, 101
FIELD_DESCRIPTION, DEVELOPER_DATA_ID = 206, 207

TIMESTAMP, MESSAGE_INDEX = 253, 254
COMPRESSED_SPEED_DISTANCE = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    scale: float = 1.0
    offset: float = 0.0
    date: bool = False
    """A FIT date-time; given as Unix seconds."""


def _fields(text: str) -> dict[int, Field]:
    """`number name [scale [offset]]` separated by commas; a name ending in @ is a date-time."""
    found = {TIMESTAMP: Field("timestamp", date=True), MESSAGE_INDEX: Field("message_index")}
    for item in text.split(","):
        number, name, *rest = item.split()
        scale, offset = (*map(float, rest), *(1.0, 0.0)[len(rest) :])
        found[int(number)] = Field(name.rstrip("@"), scale, offset, name.endswith("@"))
    return found


_SUMMARY = (
    "0 event, 1 event_type, 2 start_time@, 3 start_position_lat, 4 start_position_long, 7 total_elapsed_time 1000,"
    "8 total_timer_time 1000, 9 total_distance 100, 10 total_cycles, 11 total_calories,"
)

PROFILE: Mapping[int, Mapping[int, Field]] = {
    FILE_ID: _fields("0 type, 1 manufacturer, 2 product, 3 serial_number, 4 time_created@, 5 number, 8 product_name"),
    USER_PROFILE: _fields(
        "1 gender, 2 age, 3 height 100, 4 weight 10, 8 resting_heart_rate, 10 default_max_biking_heart_rate,"
        "9 default_max_running_heart_rate, 11 default_max_heart_rate"
    ),
    ZONES_TARGET: _fields(
        "1 max_heart_rate, 2 threshold_heart_rate, 3 functional_threshold_power, 5 hr_calc_type, 7 pwr_calc_type"
    ),
    HR_ZONE: _fields("1 high_bpm, 2 name"),
    SPORT: _fields("0 sport, 1 sub_sport, 3 name"),
    SESSION: _fields(
        _SUMMARY + "5 sport, 6 sub_sport, 13 total_fat_calories, 14 avg_speed 1000, 15 max_speed 1000,"
        "16 avg_heart_rate, 17 max_heart_rate, 18 avg_cadence, 19 max_cadence, 20 avg_power, 21 max_power,"
        "22 total_ascent, 23 total_descent, 24 total_training_effect 10, 25 first_lap_index, 26 num_laps,"
        "28 trigger, 34 normalized_power, 49 avg_altitude 5 500, 50 max_altitude 5 500, 57 avg_temperature,"
        "58 max_temperature, 59 total_moving_time 1000, 71 min_altitude 5 500, 89 avg_vertical_oscillation 10,"
        "90 avg_stance_time_percent 100, 91 avg_stance_time 10, 92 avg_fractional_cadence 128,"
        "93 max_fractional_cadence 128, 124 enhanced_avg_speed 1000, 125 enhanced_max_speed 1000,"
        "126 enhanced_avg_altitude 5 500, 127 enhanced_min_altitude 5 500, 128 enhanced_max_altitude 5 500,"
        "132 avg_vertical_ratio 100, 133 avg_stance_time_balance 100, 134 avg_step_length 10,"
        "137 total_anaerobic_training_effect 10, 192 workout_feel, 193 workout_rpe"
    ),
    LAP: _fields(
        _SUMMARY + "13 avg_speed 1000, 14 max_speed 1000, 15 avg_heart_rate, 16 max_heart_rate, 17 avg_cadence,"
        "18 max_cadence, 19 avg_power, 20 max_power, 21 total_ascent, 22 total_descent, 23 intensity,"
        "24 lap_trigger, 25 sport, 39 sub_sport, 52 total_moving_time 1000, 71 wkt_step_index,"
        "80 avg_fractional_cadence 128, 110 enhanced_avg_speed 1000, 111 enhanced_max_speed 1000"
    ),
    RECORD: _fields(
        "0 position_lat, 1 position_long, 2 altitude 5 500, 3 heart_rate, 4 cadence, 5 distance 100, 6 speed 1000,"
        "7 power, 9 grade 100, 13 temperature, 30 left_right_balance, 31 gps_accuracy, 32 vertical_speed 1000,"
        "33 calories, 39 vertical_oscillation 10, 40 stance_time_percent 100, 41 stance_time 10, 42 activity_type,"
        "48 time128 128, 52 cadence256 256, 53 fractional_cadence 128, 73 enhanced_speed 1000,"
        "78 enhanced_altitude 5 500, 83 vertical_ratio 100, 84 stance_time_balance 100, 85 step_length 10,"
        "91 absolute_pressure, 99 respiration_rate, 108 enhanced_respiration_rate 100"
    ),
    EVENT: _fields("0 event, 1 event_type, 2 data16, 3 data, 4 event_group"),
    DEVICE_INFO: _fields(
        "0 device_index, 1 device_type, 2 manufacturer, 3 serial_number, 4 product, 5 software_version 100,"
        "6 hardware_version, 18 sensor_position, 25 source_type, 27 product_name"
    ),
    WORKOUT: _fields("4 sport, 5 capabilities, 6 num_valid_steps, 8 wkt_name, 11 sub_sport"),
    WORKOUT_STEP: _fields(
        "0 wkt_step_name, 1 duration_type, 2 duration_value, 3 target_type, 4 target_value,"
        "5 custom_target_value_low, 6 custom_target_value_high, 7 intensity, 8 notes"
    ),
    ACTIVITY: _fields(
        "0 total_timer_time 1000, 1 num_sessions, 2 type, 3 event, 4 event_type, 5 local_timestamp@, 6 event_group"
    ),
    FILE_CREATOR: _fields("0 software_version, 1 hardware_version"),
    HRV: _fields("0 time 1000"),
    LENGTH: _fields(
        "0 event, 1 event_type, 2 start_time@, 3 total_elapsed_time 1000, 4 total_timer_time 1000,"
        "5 total_strokes, 6 avg_speed 1000, 7 swim_stroke, 9 avg_swimming_cadence, 12 length_type"
    ),
    FIELD_DESCRIPTION: _fields(
        "0 developer_data_index, 1 field_definition_number, 2 fit_base_type_id, 3 field_name, 6 scale, 7 offset,"
        "8 units, 14 native_mesg_num, 15 native_field_num"
    ),
    DEVELOPER_DATA_ID: _fields(
        "0 developer_id, 1 application_id, 2 manufacturer_id, 3 developer_data_index, 4 application_version"
    ),
}

FILE_TYPES: Mapping[int, str] = {
    1: "device", 2: "settings", 3: "sport", 4: "activity", 5: "workout", 6: "course", 7: "schedules", 9: "weight",
    10: "totals", 11: "goals", 14: "blood_pressure", 15: "monitoring", 20: "activity_summary",
    28: "monitoring", 32: "monitoring", 34: "segment", 35: "segment_list",
}  # fmt: skip

SPORTS: Mapping[int, str] = dict(enumerate((
    "generic", "running", "cycling", "transition", "fitness_equipment", "swimming", "basketball", "soccer", "tennis",
    "american_football", "training", "walking", "cross_country_skiing", "alpine_skiing", "snowboarding", "rowing",
    "mountaineering", "hiking", "multisport", "paddling", "flying", "e_biking", "motorcycling", "boating", "driving",
    "golf", "hang_gliding", "horseback_riding", "hunting", "fishing", "inline_skating", "rock_climbing", "sailing",
    "ice_skating", "sky_diving", "snowshoeing", "snowmobiling", "stand_up_paddleboarding", "surfing", "wakeboarding",
    "water_skiing", "kayaking", "rafting", "windsurfing", "kitesurfing", "tactical", "jumpmaster", "boxing",
    "floor_climbing",
)))  # fmt: skip

SUB_SPORTS: Mapping[int, str] = {
    **dict(enumerate((
        "generic", "treadmill", "street", "trail", "track", "spin", "indoor_cycling", "road", "mountain", "downhill",
        "recumbent", "cyclocross", "hand_cycling", "track_cycling", "indoor_rowing", "elliptical", "stair_climbing",
        "lap_swimming", "open_water", "flexibility_training", "strength_training", "warm_up", "match", "exercise",
        "challenge", "indoor_skiing", "cardio_training", "indoor_walking", "e_bike_fitness", "bmx", "casual_walking",
        "speed_walking",
    ))),
    43: "yoga", 44: "pilates", 45: "indoor_running", 46: "gravel_cycling", 48: "commuting", 49: "mixed_surface",
    58: "virtual_activity", 59: "obstacle", 67: "ultra",
}  # fmt: skip

SPORT_OF: Mapping[str, Sport] = {
    "running": Sport.RUNNING, "walking": Sport.WALKING, "hiking": Sport.HIKING, "mountaineering": Sport.HIKING,
    "snowshoeing": Sport.HIKING, "cycling": Sport.CYCLING, "e_biking": Sport.CYCLING, "swimming": Sport.SWIMMING,
    "multisport": Sport.MULTISPORT,
}  # fmt: skip
SURFACE_OF: Mapping[str, Surface] = {
    "treadmill": Surface.TREADMILL, "street": Surface.ROAD, "road": Surface.ROAD, "trail": Surface.TRAIL,
    "track": Surface.TRACK,
}  # fmt: skip

INTENSITIES: Mapping[int, str] = dict(enumerate(("active", "rest", "warmup", "cooldown", "recovery", "interval")))

MANUFACTURERS: Mapping[int, str] = {
    1: "garmin", 13: "dynastream_oem", 15: "dynastream", 23: "suunto", 32: "wahoo_fitness", 70: "sigmasport",
    95: "stryd", 123: "polar", 255: "development", 260: "zwift", 265: "strava", 267: "bryton", 289: "hammerhead",
    294: "coros",
}  # fmt: skip

GARMIN_PRODUCTS: Mapping[int, tuple[str, bool | None]] = {
    1018: ("fr310xt", False), 1124: ("fr110", False), 1328: ("fr910xt", True), 1345: ("fr610", False),
    1436: ("fr70", None), 1765: ("fr920xt", True), 1967: ("fenix2", True), 2050: ("fenix3", True),
    2158: ("fr735xt", False), 2337: ("vivo_active_hr", True), 2604: ("fenix5x", True), 2691: ("fr935", True),
    2697: ("fenix5", True), 3111: ("fenix5x_plus", True), 3113: ("fr945", True), 3291: ("fenix6x", True),
    3992: ("fr255", True), 4315: ("fr965", True),
}  # fmt: skip
"""Product number → name and whether the watch has a barometer (None: not known; others are decided by the file)."""
