#pragma once
// The sentences of base/phrase.hpp: what people read while they set up lines and devices, and that the web interface
// tells in their language (web/src/i18n/phrases_de.ts; its test holds the two lists against each other). A code stays;
// a text may be put better, its blanks keep their names. English names things as site.yaml and the API do: bus, unit,
// id.
#include "base/phrase.hpp"

namespace busbar::phrases {

// ---- devices and lines of the site ----

inline constexpr Phrase no_device{"no_device", "", "there is no device '{device}'"};
inline constexpr Phrase no_device_but{"no_device_but", "", "there is no device '{device}'; did you mean '{near}'?"};
inline constexpr Phrase no_bus{"no_bus", "bus", "there is no bus '{bus}'"};
inline constexpr Phrase no_bus_but{"no_bus_but", "bus", "there is no bus '{bus}'; did you mean '{near}'?"};
inline constexpr Phrase address_taken{
    "address_taken", "unit",
    "unit {unit} on bus '{bus}' is held by device '{device}'{line}; delete that one first or give another unit"};
inline constexpr Phrase address_range{"address_range", "unit",
                                      "unit: {unit} cannot be an address on bus '{bus}'; expected {first} to {last}"};
inline constexpr Phrase address_range_of{
    "address_range_of", "",
    "device '{device}'{line}: unit: {unit} cannot be an address on bus '{bus}'; expected {first} to {last}"};
inline constexpr Phrase device_defined{"device_defined", "id",
                                       "device '{device}'{line} is already defined; choose another id"};
inline constexpr Phrase grid_meter_there{"grid_meter_there", "use",
                                         "device '{device}'{line} is the grid meter already; a site has one"};
inline constexpr Phrase charger_via{"charger_via", "via",
                                    "via: says where a charger hangs; it belongs to 'use: charger'"};
inline constexpr Phrase chargers_two{"chargers_two", "use",
                                     "a site has at most two chargers: device '{device}'{line} and device "
                                     "'{other}'{other_line} are there; delete one first"};
inline constexpr Phrase chargers_router{"chargers_router", "via",
                                        "two chargers must both be on the router, so that each can be reached: connect "
                                        "'{device}' to the router and say 'via: router' for it"};
inline constexpr Phrase site_full{
    "site_full", "",
    "the site has {count} devices, its limit is {limit}; raise 'limits: devices' in site.yaml or delete one first"};
inline constexpr Phrase line_full{"line_full", "bus",
                                  "bus '{bus}' has {count} devices, the limit of a line is {limit}; use another line, "
                                  "or raise 'limits: devices_per_bus' in site.yaml"};
inline constexpr Phrase name_missing{"name_missing", "name", "name: expected a name, as in 'South roof'"};
inline constexpr Phrase name_long{"name_long", "name", "name: {bytes} bytes; a name has at most {limit}, shorten it"};
inline constexpr Phrase name_control{"name_control", "name",
                                     "name: line breaks and control characters are no part of a name"};
inline constexpr Phrase serial_character{"serial_character", "serial",
                                         "serial: character {character} is none of a serial number; expected letters, "
                                         "digits, '-', '_', '/' and '.', as on the label"};
inline constexpr Phrase serial_long{"serial_long", "serial",
                                    "serial: {count} characters; a serial number has at most {limit}"};
inline constexpr Phrase serial_of_maker{
    "serial_of_maker", "serial",
    "serial: '{serial}' is no serial number of this maker: they have exactly 10 letters and digits; see the label"};
inline constexpr Phrase serial_taken{
    "serial_taken", "serial",
    "serial: {serial} is that of device '{device}'{line}; delete that one first, or correct one of the two"};
inline constexpr Phrase rated_power{"rated_power", "rated_power_w",
                                    "rated_power_w: expected a number from 1 to 100000000 W"};
inline constexpr Phrase profile_name{"profile_name", "profile",
                                     "profile: expected the name of a profile, as in chint/dtsu666"};
inline constexpr Phrase use_impossible{
    "use_impossible", "use", "use: '{use}' needs {needs}, and {profile} does not tell that; choose {instead}"};
inline constexpr Phrase profile_unknown{"profile_unknown", "profile",
                                        "profile: {why}; choose one of the list, or add its pack first"};
inline constexpr Phrase not_the_named{"not_the_named", "",
                                      "device '{device}' is {profile} at unit {unit} on bus '{bus}', not what was "
                                      "named; nothing was deleted, check which one is meant"};
inline constexpr Phrase bus_defined{"bus_defined", "id", "bus '{bus}'{line} is already defined; choose another id"};
inline constexpr Phrase bus_in_use{"bus_in_use", "",
                                   "device '{device}'{line} is on bus '{bus}'; delete or move its devices first"};
inline constexpr Phrase bus_keeps{"bus_keeps", "", "bus '{bus}' keeps its settings, and nothing was changed: {why}"};
inline constexpr Phrase bus_unanswered{
    "bus_unanswered", "",
    "tried with these settings, bus '{bus}' is silent, and '{device}' answered before: it keeps the old ones; compare "
    "with the devices, or say 'set_anyway' (busbarctl: --anyway) when they are changed next"};
inline constexpr Phrase port_taken{"port_taken", "settings.port", "{port} already belongs to bus '{bus}'{line}"};
inline constexpr Phrase endpoint_taken{
    "endpoint_taken", "settings.host",
    "{host}:{port} already is bus '{bus}'{line}; many devices share one connection, each with its unit id"};
inline constexpr Phrase port_path{"port_path", "settings.port",
                                  "port: expected the port's path, as in /dev/ttyUSB0 or /dev/serial/by-id/..."};
inline constexpr Phrase port_alias{"port_alias", "settings.port",
                                   "{port} is the same port as {other}, which belongs to bus '{bus}'"};
inline constexpr Phrase no_serial_port{
    "no_serial_port", "settings.port",
    "{port} is no serial port; take one of those this machine has ('busbarctl ports' lists them)"};
inline constexpr Phrase baud_range{"baud_range", "settings.baud", "baud: expected a number from 1200 to 921600"};
inline constexpr Phrase host_name{"host_name", "settings.host",
                                  "host: expected a name or an address, as in 192.168.8.20"};
inline constexpr Phrase own_port{"own_port", "settings.host",
                                 "{host}:{port} is this gateway itself; name the address of the device"};
inline constexpr Phrase link_local{"link_local", "settings.host",
                                   "{host} is a link-local address (169.254..., fe80:...), where no device of a site "
                                   "stays; give the device an address of your network and name that"};
inline constexpr Phrase share_public{"share_public", "",
                                     "clients: {network} is no network at home or at work, and Modbus knows no "
                                     "password; name addresses of your own network, as in 192.168.1.20"};

// ---- room on a line ----

inline constexpr Phrase no_room{"no_room", "bus", "bus '{bus}' has no room for device '{device}': {why}"};
inline constexpr Phrase no_room_family{"no_room_family", "", "bus '{bus}' has no room for devices of {profile}: {why}"};
inline constexpr Phrase no_room_so{"no_room_so", "",
                                   "bus '{bus}' has no room for its devices when it is set so: {why}"};
inline constexpr Phrase line_too_old{"line_too_old", "",
                                     "What control needs of {device} could be {age} s old, and {limit} s is the limit; "
                                     "the largest part is {largest}. What helps: {help}."};
inline constexpr Phrase line_too_much{
    "line_too_much", "", "{percent} % of the line would be used; the largest part is {largest}. What helps: {help}."};
inline constexpr Phrase line_fits_age{
    "line_fits_age", "", "{percent} % of the line is used; what control needs is never older than {age} s."};
inline constexpr Phrase line_fits{"line_fits", "", "{percent} % of the line is used."};
inline constexpr Phrase line_stretched{
    "line_stretched", "",
    "The line is full: everything asked as often as wanted would take {percent} % of it. Telemetry comes {times} times "
    "as rarely, what control needs as planned."};
inline constexpr Phrase line_guess{"line_guess", "",
                                   "What is known fits; {count} of the devices were not measured yet."};
inline constexpr Phrase line_guess_one{"line_guess_one", "",
                                       "What is known fits; {count} of the devices was not measured yet."};
inline constexpr Phrase help_own_line_or{"help_own_line_or", "", "{device} on a line of its own, or {rest}"};
inline constexpr Phrase help_own_line{"help_own_line", "", "{device} on a line of its own"};
inline constexpr Phrase help_baud_or{"help_baud_or", "", "the line at {baud} baud, or {rest}"};
inline constexpr Phrase help_baud{"help_baud", "", "the line at {baud} baud"};
inline constexpr Phrase help_slower{"help_slower", "", "{device} asked every {period} s"};
inline constexpr Phrase help_fewer{"help_fewer", "", "fewer devices on this line"};

// ---- not now ----

inline constexpr Phrase busy_changes{"busy_changes", "", "too many changes wait; try again"};
inline constexpr Phrase busy_requests{"busy_requests", "", "too many requests wait; try again"};
inline constexpr Phrase busy_firmware{
    "busy_firmware", "", "device '{device}' is getting new firmware; wait for its end, or cancel the upgrade"};
inline constexpr Phrase search_runs{"search_runs", "",
                                    "a search for devices is running; wait for its end, or cancel it"};
inline constexpr Phrase out_of_service{"out_of_service", "", "device '{device}' is out of service; its page says why"};
inline constexpr Phrase no_monitor{"no_monitor", "", "bus '{bus}' has no monitor"};
inline constexpr Phrase monitor_empty{"monitor_empty", "",
                                      "the monitor of bus '{bus}' holds nothing; watch it for a while first"};
inline constexpr Phrase site_file_broken{"site_file_broken", "",
                                         "{file}: the gateway does not run on this file (see the alarms); correct it "
                                         "and read it again with 'busbarctl site reload' first"};
inline constexpr Phrase site_file_changed{"site_file_changed", "",
                                          "{file}: {why}; read it again with 'busbarctl site reload' first"};

// ---- the search ----

inline constexpr Phrase search_empty{"search_empty", "", "nothing to search: name a bus, or the network"};
inline constexpr Phrase search_no_network{"search_no_network", "",
                                          "no own network can be searched; name one, such as 192.168.1.0/24"};
inline constexpr Phrase search_networks{"search_networks", "", "at most {count} networks in one search"};
inline constexpr Phrase search_no_lan{"search_no_lan", "", "this gateway cannot search its network"};
inline constexpr Phrase search_units{
    "search_units", "", "{bus}: units {first} to {last} cannot be searched; {least} to {most} can, the lower first"};
inline constexpr Phrase search_broke_off{"search_broke_off", "", "{bus}: not searched to the end: {why}"};
inline constexpr Phrase search_garbled{"search_garbled", "",
                                       "what comes back is garbled at {count} addresses: a second master, "
                                       "somebody who babbles, the wiring, or another baud rate"};
inline constexpr Phrase search_bauds{"search_bauds", "", "other baud rates were not tried: {why}"};
inline constexpr Phrase search_bauds_end{"search_bauds_end", "", "other baud rates were not tried to the end: {why}"};
inline constexpr Phrase search_own_answers{"search_own_answers", "", "somebody answers with the line's own settings"};
inline constexpr Phrase search_no_serial{"search_no_serial", "", "this is no serial line"};
inline constexpr Phrase search_back{"search_back", "", "'{device}' answers again"};
inline constexpr Phrase search_cut_off{"search_cut_off", "", "'{device}' answers, and would be cut off"};
inline constexpr Phrase found_same_serial{"found_same_serial", "",
                                          "the same serial number answers at {place}: one device at two addresses"};
inline constexpr Phrase found_moved{
    "found_moved", "", "has the serial number of '{device}' at {place}: moved, or one device at two addresses"};
inline constexpr Phrase found_same_serials{"found_same_serials", "",
                                           "the same serial number answers at {place} and {count} other addresses"};
inline constexpr Phrase found_two{
    "found_two", "", "the {what} reads '{first}', then '{second}': two devices with one address, or a bad line"};
inline constexpr Phrase found_alike{"found_alike", "", "fits {profile} and {others} alike; choose by the name plate"};
inline constexpr Phrase found_at_baud{"found_at_baud", "", "answers at {line}; set the line to that before adding it"};
inline constexpr Phrase found_garbled_here{
    "found_garbled_here", "",
    "somebody answers, but garbled: two devices with this address, another baud rate or parity, or the wiring"};
inline constexpr Phrase found_garbled{"found_garbled", "", "what comes back is garbled"};
inline constexpr Phrase found_stranger{"found_stranger", "", "somebody answers, but no profile fits"};
inline constexpr Phrase found_points{"found_points", "",
                                     "{why}; {answered} of {points} points answer, {believable} believable"};
inline constexpr Phrase found_nothing_against{"found_nothing_against", "", "nothing speaks against it"};
inline constexpr Phrase found_code{"found_code", "", "the code of its {what} stands for '{value}'"};
inline constexpr Phrase found_sunspec{"found_sunspec", "", "SunSpec models {models}"};
inline constexpr Phrase found_text{"found_text", "", "{what} reads '{value}'"};

// ---- new firmware ----

inline constexpr Phrase image_missing{"image_missing", "image", "image: it is not on this gateway; upload it first"};
inline constexpr Phrase image_size{
    "image_size", "image", "image: the file has {bytes} bytes, the device takes at most {limit}; is it the right one?"};
inline constexpr Phrase image_strange{
    "image_strange", "image", "image: the file is no firmware for this family of devices; get it from the maker again"};
inline constexpr Phrase image_damaged{
    "image_damaged", "image", "image: the file is damaged: its check value does not hold; get it from the maker again"};
inline constexpr Phrase image_nameless{"image_nameless", "image",
                                       "image: the file does not say for which model or which version it is"};
inline constexpr Phrase image_other_model{
    "image_other_model", "image",
    "image: the file is for '{model}', the device is '{device}'; take the file for this model"};
inline constexpr Phrase firmware_no_answer{"firmware_no_answer", "",
                                           "device '{device}' does not answer now; try again"};
inline constexpr Phrase firmware_not_known{
    "firmware_not_known", "",
    "device '{device}': how this family takes firmware is not known; use its maker's own tool"};
inline constexpr Phrase firmware_runs_already{"firmware_runs_already", "image",
                                              "device '{device}' runs {version} already"};
inline constexpr Phrase firmware_none_under_way{"firmware_none_under_way", "",
                                                "device '{device}': no upgrade is under way"};
inline constexpr Phrase firmware_installing{
    "firmware_installing", "", "device '{device}' is installing and cannot be stopped; wait until it has restarted"};
inline constexpr Phrase firmware_stopped{"firmware_stopped", "",
                                         "stopped at {percent} %: {why}; start it again and it goes on there"};
inline constexpr Phrase firmware_cancelled{"firmware_cancelled", "", "cancelled; the device keeps the firmware it has"};
inline constexpr Phrase firmware_refused{"firmware_refused", "",
                                         "the device refuses the file: {why}; it keeps the firmware it has"};
inline constexpr Phrase firmware_damaged{
    "firmware_damaged", "",
    "what the device received is damaged; it keeps the firmware it has. Start the upgrade again"};
inline constexpr Phrase firmware_forgets{"firmware_forgets", "",
                                         "the device forgets what it received, again and again"};
inline constexpr Phrase firmware_not_ready{"firmware_not_ready", "",
                                           "the device did not get ready within {time} s; restart it and try again"};
inline constexpr Phrase firmware_not_installed{"firmware_not_installed", "", "the device refuses to install: {why}"};
inline constexpr Phrase firmware_silent{"firmware_silent", "",
                                        "no answer within {time} min after installing; look at the device"};
inline constexpr Phrase firmware_old_still{
    "firmware_old_still", "", "the device took {to} and still runs {now} after {time} min; its own log may say why"};

inline constexpr Phrase version_fails{"version_fails", "", "Firmware {version} is known to fail."};
inline constexpr Phrase version_old{"version_old", "", "Firmware {version} is too old; update it to {least} or newer."};
inline constexpr Phrase version_unlisted{"version_unlisted", "",
                                         "Firmware {version} is not among those known to work with {model}: {known}."};

// ---- settings in a device ----

inline constexpr Phrase setting_installers{"setting_installers", "", "{setting}: installers only"};
inline constexpr Phrase setting_busy{"setting_busy", "",
                                     "{setting}: another setting of this device is being written; try again"};
inline constexpr Phrase setting_held{"setting_held", "", "wrote {wanted}, the device holds {holds}"};
inline constexpr Phrase setting_not_taken{"setting_not_taken", "",
                                          "{wanted} was not taken over, the device holds {holds} ({why})"};
inline constexpr Phrase setting_unsure{
    "setting_unsure", "", "whether {wanted} or {before} holds now is not known ({why}); read the settings again"};
inline constexpr Phrase setting_refused{"setting_refused", "",
                                        "the device refuses {wanted}: {why}; it may want a password, or its "
                                        "grid code or its size forbids this value"};

// ---- of a device ----

inline constexpr Phrase same_device{"same_device", "",
                                    "this is device '{device}' once more (SN {serial}): it would count twice, so it is "
                                    "left out; delete one of the two"};

inline constexpr Phrase keeps_last{"keeps_last", "", "{role} stays at its last value when the gateway falls silent"};

// A sentence that is part of another stands behind it: the first that fits is taken.
inline constexpr const Phrase* all[] = {&no_device,
                                        &no_device_but,
                                        &no_bus,
                                        &no_bus_but,
                                        &address_taken,
                                        &address_range,
                                        &address_range_of,
                                        &device_defined,
                                        &grid_meter_there,
                                        &charger_via,
                                        &chargers_two,
                                        &chargers_router,
                                        &site_full,
                                        &line_full,
                                        &name_missing,
                                        &name_long,
                                        &name_control,
                                        &serial_character,
                                        &serial_long,
                                        &serial_of_maker,
                                        &serial_taken,
                                        &rated_power,
                                        &profile_name,
                                        &use_impossible,
                                        &profile_unknown,
                                        &not_the_named,
                                        &bus_defined,
                                        &bus_in_use,
                                        &bus_keeps,
                                        &bus_unanswered,
                                        &port_taken,
                                        &endpoint_taken,
                                        &port_path,
                                        &port_alias,
                                        &no_serial_port,
                                        &baud_range,
                                        &host_name,
                                        &own_port,
                                        &link_local,
                                        &share_public,
                                        &no_room,
                                        &no_room_family,
                                        &no_room_so,
                                        &line_too_old,
                                        &line_too_much,
                                        &line_fits_age,
                                        &line_fits,
                                        &line_stretched,
                                        &line_guess,
                                        &line_guess_one,
                                        &help_own_line_or,
                                        &help_own_line,
                                        &help_baud_or,
                                        &help_baud,
                                        &help_slower,
                                        &help_fewer,
                                        &busy_changes,
                                        &busy_requests,
                                        &busy_firmware,
                                        &search_runs,
                                        &out_of_service,
                                        &no_monitor,
                                        &monitor_empty,
                                        &site_file_broken,
                                        &site_file_changed,
                                        &search_empty,
                                        &search_no_network,
                                        &search_networks,
                                        &search_no_lan,
                                        &search_units,
                                        &search_broke_off,
                                        &search_garbled,
                                        &search_bauds,
                                        &search_bauds_end,
                                        &search_own_answers,
                                        &search_no_serial,
                                        &search_back,
                                        &search_cut_off,
                                        &found_same_serial,
                                        &found_moved,
                                        &found_same_serials,
                                        &found_two,
                                        &found_alike,
                                        &found_at_baud,
                                        &found_garbled_here,
                                        &found_garbled,
                                        &found_stranger,
                                        &found_points,
                                        &found_nothing_against,
                                        &found_code,
                                        &found_sunspec,
                                        &found_text,
                                        &image_missing,
                                        &image_size,
                                        &image_strange,
                                        &image_damaged,
                                        &image_nameless,
                                        &image_other_model,
                                        &firmware_no_answer,
                                        &firmware_not_known,
                                        &firmware_runs_already,
                                        &firmware_none_under_way,
                                        &firmware_installing,
                                        &firmware_stopped,
                                        &firmware_cancelled,
                                        &firmware_refused,
                                        &firmware_damaged,
                                        &firmware_forgets,
                                        &firmware_not_ready,
                                        &firmware_not_installed,
                                        &firmware_silent,
                                        &firmware_old_still,
                                        &version_fails,
                                        &version_old,
                                        &version_unlisted,
                                        &setting_installers,
                                        &setting_busy,
                                        &setting_held,
                                        &setting_not_taken,
                                        &setting_unsure,
                                        &setting_refused,
                                        &same_device,
                                        &keeps_last};

}  // namespace busbar::phrases
