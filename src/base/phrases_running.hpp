#pragma once
// The sentences of base/phrase.hpp about what goes on: why control decided so, what alarms and devices say, what is
// wrong with a field. Those of setting up are in base/phrases.hpp; the same rules hold. The values of numbers come with
// as many places as people read.
#include "base/phrase.hpp"

namespace busbar::phrases {

// ---- why control decided so ----

inline constexpr Phrase wish_feed_in_charges{"wish_feed_in_charges", "",
                                             "grid {grid} W feed-in, aim {aim} W: battery charges {power} W"};
inline constexpr Phrase wish_feed_in_discharges{"wish_feed_in_discharges", "",
                                                "grid {grid} W feed-in, aim {aim} W: battery discharges {power} W"};
inline constexpr Phrase wish_import_charges{"wish_import_charges", "",
                                            "grid {grid} W import, aim {aim} W: battery charges {power} W"};
inline constexpr Phrase wish_import_discharges{"wish_import_discharges", "",
                                               "grid {grid} W import, aim {aim} W: battery discharges {power} W"};
inline constexpr Phrase cap_with_room{
    "cap_with_room", "",
    "feed-in {feed_in} W, allowed {allowed} W, battery room {room} W: inverters together {total} W"};
inline constexpr Phrase cap_together{"cap_together", "",
                                     "feed-in {feed_in} W, allowed {allowed} W: inverters together {total} W"};
inline constexpr Phrase cap_safe{"cap_safe", "", "{why}: inverters together {total} W, safe without it"};
inline constexpr Phrase cap_rising{"cap_rising", "", "{why}: inverters together {total} W, rising"};
inline constexpr Phrase battery_rests{"battery_rests", "", "{why}: the battery rests"};
inline constexpr Phrase grid_lost{"grid_lost", "", "grid meter lost"};
inline constexpr Phrase grid_not_yet{"grid_not_yet", "", "no grid reading yet"};
inline constexpr Phrase grid_back{"grid_back", "", "grid meter back"};
inline constexpr Phrase all_the_sun{"all_the_sun", "", "all the sun gives"};
inline constexpr Phrase device_accepts{"device_accepts", "", "what the device accepts"};
inline constexpr Phrase battery_range{"battery_range", "",
                                      "charges at most {charge} W, discharges at most {discharge} W now"};
inline constexpr Phrase stray_cap_safe{"stray_cap_safe", "", "out of control: safe whatever the house takes"};
inline constexpr Phrase stray_cap_stays{"stray_cap_stays", "", "silent: the last cap stays"};
inline constexpr Phrase stray_charges_on{"stray_charges_on", "", "silent: goes on charging when it is back"};
inline constexpr Phrase stray_rests{"stray_rests", "", "out of control: to rest"};
inline constexpr Phrase refused_given_up{"refused_given_up", "",
                                         "refused: {why}; control goes on without it, asked again in {time} s"};
inline constexpr Phrase refused_asked_again{"refused_asked_again", "", "refused: {why}; asked again in {time} s"};

// ---- what alarms say ----

inline constexpr Phrase meter_not_set_up{"meter_not_set_up", "", "no meter is set up as the one at the grid"};
inline constexpr Phrase meter_silent_since{"meter_silent_since", "", "no value since {time} s"};
inline constexpr Phrase meter_never_spoke{"meter_never_spoke", "", "no value since the start"};
inline constexpr Phrase meter_too_much{"meter_too_much", "", "it shows more than the grid connection can carry"};
inline constexpr Phrase meter_frozen{"meter_frozen", "", "it shows one value while the devices behind it change"};
inline constexpr Phrase meter_reversed{"meter_reversed", "",
                                       "it moves the wrong way round: more production shows as more import"};
inline constexpr Phrase feed_in_over{"feed_in_over", "", "{power} W fed in, {limit} W allowed"};
inline constexpr Phrase power_missing{"power_missing", "", "no power reading for {time} s"};
inline constexpr Phrase role_disobeyed{"role_disobeyed", "", "{role} {wanted} W, measured {measured} W"};
inline constexpr Phrase setpoint_held{"setpoint_held", "",
                                      "wrote {written} for a setpoint of {wanted}, device holds {holds}"};
inline constexpr Phrase write_held{"write_held", "", "wrote {wanted}, device holds {holds}"};
inline constexpr Phrase not_released{"not_released", "", "not released: {why}"};

// ---- a device that does not answer, or is another ----

inline constexpr Phrase upgrade_set_aside_and{"upgrade_set_aside_and", "",
                                              "firmware upgrade: control keeps off this device; {why}"};
inline constexpr Phrase upgrade_set_aside{"upgrade_set_aside", "", "firmware upgrade: control keeps off this device"};
inline constexpr Phrase silent_now{"silent_now", "", "does not answer; next try in {time} ms"};
inline constexpr Phrase no_answer{"no_answer", "", "no answer within {time} ms"};
inline constexpr Phrase exception_said{"exception_said", "", "exception {number}: {name}"};
inline constexpr Phrase exception_function{"exception_function", "", "illegal function"};
inline constexpr Phrase exception_address{"exception_address", "", "illegal data address"};
inline constexpr Phrase exception_value{"exception_value", "", "illegal data value"};
inline constexpr Phrase exception_failure{"exception_failure", "", "device failure"};
inline constexpr Phrase exception_working{"exception_working", "", "accepted, still working"};
inline constexpr Phrase exception_busy{"exception_busy", "", "device busy"};
inline constexpr Phrase exception_path{"exception_path", "", "gateway path unavailable"};
inline constexpr Phrase exception_target{"exception_target", "", "device behind the gateway does not answer"};
inline constexpr Phrase answer_damaged{
    "answer_damaged", "", "the answer is incomplete or its checksum is wrong; check wiring, termination and baud rate"};
inline constexpr Phrase answer_foreign{"answer_foreign", "", "the answer belongs to another request"};
inline constexpr Phrase bus_was_removed{"bus_was_removed", "", "the bus was removed"};
inline constexpr Phrase registers_missing{
    "registers_missing", "", "the device has none of the registers in its profile; another profile may fit"};
inline constexpr Phrase models_missing{
    "models_missing", "", "none of the models this profile knows are in the device; another profile may fit"};
inline constexpr Phrase serial_other{
    "serial_other", "",
    "expected SN {expected}, found {found}; if it was exchanged, replace it under its name, else correct the address"};
inline constexpr Phrase serial_untold{
    "serial_untold", "",
    "expected SN {expected}, and it tells none: it is read, and nothing is written to it until it tells; if it never "
    "does, take the number out of its configuration"};
inline constexpr Phrase serial_awaited{"serial_awaited", "", "it has not said yet who it is"};
inline constexpr Phrase another_device{
    "another_device", "",
    "{what} reads '{found}', expected {expected}...: another device answers here; correct profile, unit or bus"};
inline constexpr Phrase check_refused{"check_refused", "",
                                      "{what} is refused ({why}), expected {min} to {max}: still starting up, or "
                                      "another device or another register layout; correct profile, unit or bus"};
inline constexpr Phrase check_empty{"check_empty", "",
                                    "{what} reads nothing, expected {min} to {max}: another device or another register "
                                    "layout; correct profile, unit or bus"};
inline constexpr Phrase check_failed{"check_failed", "",
                                     "{what} reads {value}, expected {min} to {max}: another device or another "
                                     "register layout; correct profile, unit or bus"};
inline constexpr Phrase role_refused{"role_refused", "", "{role} is refused"};
inline constexpr Phrase not_open_yet{"not_open_yet", "", "not open yet"};
inline constexpr Phrase setting_absent{"setting_absent", "", "this device does not have it"};
inline constexpr Phrase setting_empty{"setting_empty", "", "the device says that it has no value"};
inline constexpr Phrase profile_missing{"profile_missing", "", "no profile '{profile}' in {folders}"};
inline constexpr Phrase bus_unknown{"bus_unknown", "", "bus '{bus}' is not configured"};

// ---- a line or connection that does not work ----

inline constexpr Phrase link_no_modbus{"link_no_modbus", "", "{why}; is Modbus switched on there?"};
inline constexpr Phrase link_unplugged{"link_unplugged", "", "{why}; is the adapter plugged in?"};
inline constexpr Phrase link_forbidden{"link_forbidden", "",
                                       "{why}; the service's user must be in the group of the port (dialout)"};
inline constexpr Phrase link_used{"link_used", "", "{why}; another program uses it"};
inline constexpr Phrase link_no_name{"link_no_name", "",
                                     "no address for this name; check the host and the name server"};
inline constexpr Phrase link_no_answer{"link_no_answer", "", "no answer; is the device on and the address right?"};
inline constexpr Phrase link_hung_up{"link_hung_up", "", "hung up; is the adapter still plugged in?"};
inline constexpr Phrase link_closed_there{"link_closed_there", "", "closed by the other end"};
inline constexpr Phrase link_closed{"link_closed", "", "closed"};
inline constexpr Phrase link_nothing{"link_nothing", "", "nothing arrived in time"};
inline constexpr Phrase link_takes_nothing{"link_takes_nothing", "", "the other end takes no bytes"};
inline constexpr Phrase link_anew_silent{"link_anew_silent", "", "opened anew, because nothing answers any more"};
inline constexpr Phrase link_anew_foreign{"link_anew_foreign", "",
                                          "opened anew, because an answer belonged to another request"};
inline constexpr Phrase system_refused{"system_refused", "", "Connection refused"};
inline constexpr Phrase system_reset{"system_reset", "", "Connection reset by peer"};
inline constexpr Phrase system_timeout{"system_timeout", "", "Connection timed out"};
inline constexpr Phrase system_no_route{"system_no_route", "", "No route to host"};
inline constexpr Phrase system_no_network{"system_no_network", "", "Network is unreachable"};
inline constexpr Phrase system_pipe{"system_pipe", "", "Broken pipe"};
inline constexpr Phrase system_no_file{"system_no_file", "", "No such file or directory"};
inline constexpr Phrase system_no_device{"system_no_device", "", "No such device"};
inline constexpr Phrase system_no_device_or_address{"system_no_device_or_address", "", "No such device or address"};
inline constexpr Phrase system_denied{"system_denied", "", "Permission denied"};
inline constexpr Phrase system_busy{"system_busy", "", "Device or resource busy"};
inline constexpr Phrase system_again{"system_again", "", "Resource temporarily unavailable"};
inline constexpr Phrase system_io{"system_io", "", "Input/output error"};

// ---- what is wrong with a field of a form ----

inline constexpr Phrase field_missing{"field_missing", "", "missing"};
inline constexpr Phrase field_empty{"field_empty", "", "empty"};
inline constexpr Phrase field_long{"field_long", "", "longer than {limit} characters"};
inline constexpr Phrase field_no_number{"field_no_number", "", "not a number"};
inline constexpr Phrase field_no_whole_number{"field_no_whole_number", "", "not a whole number"};
inline constexpr Phrase field_unknown_word{"field_unknown_word", "", "unknown word '{word}'"};
inline constexpr Phrase field_too_many{"field_too_many", "", "{count} items are more than {limit}"};
inline constexpr Phrase field_control{"field_control", "", "a line break or control character"};
inline constexpr Phrase field_twice{"field_twice", "", "twice in the list"};
inline constexpr Phrase field_serial{"field_serial", "",
                                     "a serial number has letters, digits, '-', '_', '.' and '/' only"};
inline constexpr Phrase field_username{"field_username", "", "not usable"};
inline constexpr Phrase field_last_first{"field_last_first", "", "before the first"};
inline constexpr Phrase field_hex{"field_hex", "", "not bytes in hex"};
inline constexpr Phrase field_pack_long{"field_pack_long", "", "longer than 64 KiB"};
inline constexpr Phrase share_unit_taken{"share_unit_taken", "", "{unit} belongs to '{device}' already"};
inline constexpr Phrase share_no_network{"share_no_network", "", "no address and no network"};
inline constexpr Phrase share_foreign_network{"share_foreign_network", "",
                                              "no network at home or at work, and Modbus knows no password"};
inline constexpr Phrase share_not_theirs{"share_not_theirs", "", "not among the devices of this client"};
inline constexpr Phrase share_no_register{"share_no_register", "", "no register"};
inline constexpr Phrase share_not_shared{"share_not_shared", "", "not among the shared devices"};
inline constexpr Phrase share_unwritten{"share_unwritten", "", "missing: which registers it may write"};
inline constexpr Phrase share_listen{"share_listen", "", "no address to listen on"};
inline constexpr Phrase share_no_device{"share_no_device", "", "no device is shared"};
inline constexpr Phrase field_unbounded{"field_unbounded", "", "larger than any number can be"};
inline constexpr Phrase field_below{"field_below", "", "{value} is below {least}"};
inline constexpr Phrase field_above{"field_above", "", "{value} is above {most}"};
inline constexpr Phrase password_short{"password_short", "", "shorter than 10 characters"};
inline constexpr Phrase password_sequence{"password_sequence", "", "a sequence or repetition is guessed at once"};
inline constexpr Phrase password_common{"password_common", "", "made of words that are guessed first"};
inline constexpr Phrase password_number{"password_number", "", "a short number is guessed quickly"};
inline constexpr Phrase password_like_name{"password_like_name", "", "too close to the user name"};
inline constexpr Phrase accounts_full{"accounts_full", "", "there are 64 accounts already"};

// A sentence that is part of another stands behind it: the first that fits is taken.
inline constexpr const Phrase* running[] = {&wish_feed_in_charges,
                                            &wish_feed_in_discharges,
                                            &wish_import_charges,
                                            &wish_import_discharges,
                                            &cap_with_room,
                                            &cap_together,
                                            &cap_safe,
                                            &cap_rising,
                                            &battery_rests,
                                            &grid_lost,
                                            &grid_not_yet,
                                            &grid_back,
                                            &all_the_sun,
                                            &device_accepts,
                                            &battery_range,
                                            &stray_cap_safe,
                                            &stray_cap_stays,
                                            &stray_charges_on,
                                            &stray_rests,
                                            &refused_given_up,
                                            &refused_asked_again,
                                            &meter_not_set_up,
                                            &meter_silent_since,
                                            &meter_never_spoke,
                                            &meter_too_much,
                                            &meter_frozen,
                                            &meter_reversed,
                                            &feed_in_over,
                                            &power_missing,
                                            &role_disobeyed,
                                            &setpoint_held,
                                            &write_held,
                                            &not_released,
                                            &upgrade_set_aside_and,
                                            &upgrade_set_aside,
                                            &silent_now,
                                            &no_answer,
                                            &exception_said,
                                            &exception_function,
                                            &exception_address,
                                            &exception_value,
                                            &exception_failure,
                                            &exception_working,
                                            &exception_busy,
                                            &exception_path,
                                            &exception_target,
                                            &answer_damaged,
                                            &answer_foreign,
                                            &bus_was_removed,
                                            &registers_missing,
                                            &models_missing,
                                            &serial_other,
                                            &serial_untold,
                                            &serial_awaited,
                                            &another_device,
                                            &check_refused,
                                            &check_empty,
                                            &check_failed,
                                            &role_refused,
                                            &not_open_yet,
                                            &setting_absent,
                                            &setting_empty,
                                            &profile_missing,
                                            &bus_unknown,
                                            &link_no_modbus,
                                            &link_unplugged,
                                            &link_forbidden,
                                            &link_used,
                                            &link_no_name,
                                            &link_no_answer,
                                            &link_hung_up,
                                            &link_closed_there,
                                            &link_closed,
                                            &link_nothing,
                                            &link_takes_nothing,
                                            &link_anew_silent,
                                            &link_anew_foreign,
                                            &system_refused,
                                            &system_reset,
                                            &system_timeout,
                                            &system_no_route,
                                            &system_no_network,
                                            &system_pipe,
                                            &system_no_file,
                                            &system_no_device,
                                            &system_no_device_or_address,
                                            &system_denied,
                                            &system_busy,
                                            &system_again,
                                            &system_io,
                                            &field_missing,
                                            &field_empty,
                                            &field_long,
                                            &field_no_number,
                                            &field_no_whole_number,
                                            &field_unknown_word,
                                            &field_too_many,
                                            &field_control,
                                            &field_twice,
                                            &field_serial,
                                            &field_username,
                                            &field_last_first,
                                            &field_hex,
                                            &field_pack_long,
                                            &share_unit_taken,
                                            &share_no_network,
                                            &share_foreign_network,
                                            &share_not_theirs,
                                            &share_no_register,
                                            &share_not_shared,
                                            &share_unwritten,
                                            &share_listen,
                                            &share_no_device,
                                            &field_unbounded,
                                            &field_below,
                                            &field_above,
                                            &password_short,
                                            &password_sequence,
                                            &password_common,
                                            &password_number,
                                            &password_like_name,
                                            &accounts_full};

}  // namespace busbar::phrases
