#include "api/json/commissioning_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/json/serialise.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::api {
namespace {
std::int64_t to_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

void write(JsonWriter& json, const FoundView& f) {
    const auto number_or_null = [&](int value) { value > 0 ? json.integer(value) : json.null(); };
    json.begin_object().key("place").text(f.place).key("bus").text_or_null(f.bus).key("host").text_or_null(f.host);
    json.key("port");
    number_or_null(f.port);
    json.key("unit").integer(f.unit).key("baud");
    number_or_null(f.baud);
    json.key("maker").text(f.maker).key("model").text(f.model).key("serial").text(f.serial);
    json.key("firmware").text(f.firmware).key("profile").text_or_null(f.profile).key("candidates").begin_array();
    for (const auto& candidate : f.candidates) json.text(candidate);
    json.end_array().key("use").text_or_null(f.profile.empty() ? "" : std::string_view(to_string(f.use)));
    json.key("device").text_or_null(f.device).key("note").text_or_null(fmt::format("{}", fmt::join(f.notes, "; ")));
    json.key("reason").text_or_null(f.reason).key("reason_said").said_or_null(f.reason);
    json.key("is_double").boolean(f.is_double).key("notes").begin_array();
    for (const std::string& note : f.notes) json.begin_object().key("text").text(note).code_of(note).end_object();
    json.end_array().end_object();
}

// What an exception means to somebody at the device.
std::string_view explained(std::uint8_t exception) {
    using enum wire::ExceptionCode;
    switch (static_cast<wire::ExceptionCode>(exception)) {
        case illegal_function:
            return "the device does not know this function";
        case illegal_data_address:
            return "not all of these addresses exist, or they cannot be asked for together";
        case illegal_data_value:
            return "the device does not take this value or count";
        case device_failure:
            return "the device failed while doing it";
        case acknowledge:
            return "the device has taken it and needs time; read the result later";
        case device_busy:
            return "the device is busy; try again in a moment";
        case gateway_path_unavailable:
            return "the converter in between has no way to that unit";
        case gateway_target_failed:
            return "the converter in between got no answer from that unit; check its address and wiring";
    }
    return "its meaning is in the maker's document";
}

void write_values(JsonWriter& json, const RawRequest& request, const RawAnswer& answer) {
    const auto asked = wire::decode_request(request.pdu);
    json.key("values");
    if (!asked || !asked->is_read() || wire::check_answer(answer.pdu, *asked).kind != wire::AnswerCheck::Kind::good) {
        json.null();
        return;
    }
    json.begin_array();
    const bool is_bits = asked->function <= wire::Function::read_discretes;
    for (std::size_t i = 0; i < asked->count; ++i)
        json.integer(is_bits ? wire::answer_bit(answer.pdu, i) : answer.pdu[2 + 2 * i] << 8 | answer.pdu[3 + 2 * i]);
    json.end_array();
}
}  // namespace

std::string_view to_string(ScanState state) {
    constexpr std::string_view names[] = {"idle", "running", "cancelled", "done"};
    return names[static_cast<std::size_t>(state)];
}
std::string_view to_string(UpgradeState state) {
    constexpr std::string_view names[] = {"idle", "transferring", "verifying", "installing",
                                          "done", "failed",       "cancelled", "interrupted"};
    return names[static_cast<std::size_t>(state)];
}

std::string hex_of(const std::vector<std::uint8_t>& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

void write(JsonWriter& json, const BudgetView& b) {
    const Decimals whole(1);
    json.begin_object().key("utilisation").number(std::max(b.utilisation, 0.0)).key("verdict").text(b.verdict);
    json.key("text").text(b.text).code_of(b.text).key("refresh").begin_array();
    for (const auto& r : b.refresh)
        json.begin_object()
            .key("device")
            .text(r.device)
            .key("guaranteed_ms")
            .number(r.guaranteed_ms, whole)
            .key("measured_ms")
            .number(r.measured_ms, whole)
            .key("upgrading_ms")
            .number(r.upgrading_ms, whole)
            .end_object();
    json.end_array().key("estimated").boolean(b.is_estimated).key("spread").begin_array();
    for (const auto& s : b.spread) {
        json.begin_object().key("device").text(s.device).key("every_s").number(s.every_s);
        json.key("wanted_s").number(s.wanted_s).end_object();
    }
    json.end_array().end_object();
}

void write(JsonWriter& json, const PortView& p) {
    json.begin_object().key("path").text(p.path).key("text").text(p.text).key("bus").text_or_null(p.bus).end_object();
}

void write(JsonWriter& json, const ProfileView& p) {
    json.begin_object().key("name").text(p.name).key("products").begin_array();
    for (const auto& product : p.products) json.text(product);
    json.end_array().key("use").text(to_string(p.use)).key("verified").text(to_string(p.verified));
    json.key("unit").integer(p.unit).key("baud").integer(p.baud).key("identifies").boolean(p.is_identifying);
    json.key("uses").begin_array();
    for (const config::Use use : p.uses) json.text(to_string(use));
    json.end_array()
        .key("pack")
        .boolean(p.is_pack)
        .key("over_shipped")
        .boolean(p.is_over_shipped)
        .key("problem")
        .text_or_null(p.problem)
        .end_object();
}

void write(JsonWriter& json, const config::ModbusClient& client) {
    json.begin_object().key("address").text(client.from.text());
    json.key("rights").text(client.writable.empty() ? "read" : "write").key("devices").begin_array();
    for (const auto& device : client.devices) json.text(device);
    json.end_array().key("writable").begin_array();
    for (const auto& of : client.writable) {
        json.begin_object().key("device").text(of.device).key("registers").begin_array();
        for (const auto& span : of.holding)
            json.text(span.first == span.last ? fmt::format("{}", span.first)
                                              : fmt::format("{}-{}", span.first, span.last));
        json.end_array().end_object();
    }
    json.end_array().end_object();
}

void write(JsonWriter& json, const SharingView& s) {
    json.begin_object().key("enabled").boolean(s.settings.is_enabled).key("address").text(s.settings.address);
    json.key("port").integer(s.settings.port).key("max_clients").integer(to_integer(s.settings.max_clients));
    json.key("cache_ms").integer(s.settings.cache.count()).key("devices").begin_array();
    for (const auto& device : s.settings.devices)
        json.begin_object().key("id").text(device.id).key("unit").integer(device.unit).end_object();
    json.end_array().key("clients").begin_array();
    for (const auto& client : s.settings.clients) write(json, client);
    json.end_array().key("listening").boolean(s.is_listening).key("problem").text_or_null(s.problem);
    json.key("connections").integer(to_integer(s.connections)).key("turned_away").integer(to_integer(s.turned_away));
    json.key("requests").integer(to_integer(s.requests)).key("from_cache").integer(to_integer(s.from_cache));
    json.key("refused").integer(to_integer(s.refused)).key("writes").integer(to_integer(s.writes));
    json.key("seen").begin_array();
    for (const auto& c : s.seen)
        json.begin_object()
            .key("address")
            .text(c.address)
            .key("requests")
            .integer(to_integer(c.requests))
            .key("from_cache")
            .integer(to_integer(c.from_cache))
            .key("refused")
            .integer(to_integer(c.refused))
            .key("writes")
            .integer(to_integer(c.writes))
            .key("last_seen")
            .time(c.last_seen)
            .key("age_ms")
            .number(c.age_ms, Decimals(1))
            .key("age_max_ms")
            .number(c.age_max_ms, Decimals(1))
            .end_object();
    json.end_array().end_object();
}

void write(JsonWriter& json, const SiteDifference& d) {
    json.begin_object().key("part").text(d.part).key("id").text_or_null(d.id).key("change").text(d.change);
    json.key("text").text(d.text).key("needs_restart").boolean(d.needs_restart).end_object();
}

void write(JsonWriter& json, const ScanView& s) {
    json.begin_object().key("state").text(to_string(s.state)).key("asked").integer(s.asked);
    json.key("total").integer(s.total).key("now").text_or_null(s.now).key("remaining_s");
    s.remaining_s ? json.integer(*s.remaining_s) : json.null();
    json.key("messages_said").begin_array();
    for (const auto& message : s.messages) json.said_or_null(message);
    json.end_array().key("messages").begin_array();
    for (const auto& message : s.messages) json.text(message);
    json.end_array().key("found").begin_array();
    for (const auto& found : s.found) write(json, found);
    json.end_array().end_object();
}

void write(JsonWriter& json, const SettingView& s) {
    json.begin_object().key("key").text(s.key).key("text").text(s.text).key("unit").text(s.unit);
    json.key("value").number(s.value).key("min").number(s.min).key("max").number(s.max).key("step").number(s.step);
    json.key("choices").begin_array();
    for (const auto& [value, text] : s.choices)
        json.begin_object().key("value").integer(value).key("text").text(text).end_object();
    json.end_array()
        .key("owners")
        .boolean(s.is_owners)
        .key("writable")
        .boolean(s.is_writable)
        .key("warning")
        .text_or_null(s.warning);
    json.key("problem").text_or_null(s.problem).key("problem_said").said_or_null(s.problem).end_object();
}

void write(JsonWriter& json, const FramesView& f, Framing framing) {
    json.begin_object().key("frames").begin_array();
    for (const auto& frame : f.frames)
        json.begin_object()
            .key("number")
            .integer(to_integer(frame.number))
            .key("at")
            .time(frame.at)
            .key("direction")
            .text(frame.is_request ? "sent" : "heard")
            .key("hex")
            .text(hex_of(frame.bytes))
            .key("text")
            .text(frame_text(frame.bytes, framing, frame.is_request))
            .key("note")
            .text(frame.note)
            .end_object();
    json.end_array().key("next").integer(to_integer(f.next)).key("dropped").integer(to_integer(f.dropped));
    json.end_object();
}

void write(JsonWriter& json, const UpgradeView& u) {
    json.begin_object().key("state").text(to_string(u.state)).key("percent").integer(std::clamp(u.percent, 0, 100));
    json.key("text").text(u.text).code_of(u.text).key("from").text_or_null(u.from).key("to").text_or_null(u.to);
    json.key("image").text_or_null(u.image).key("bytes_per_s").number(u.bytes_per_s, Decimals(1)).key("remaining_s");
    u.remaining_s ? json.integer(*u.remaining_s) : json.null();
    json.end_object();
}

std::string raw_answer_json(const RawRequest& request, const RawAnswer& answer) {
    JsonWriter json;
    json.begin_object().key("pdu").text(hex_of(answer.pdu)).key("exception");
    const bool is_exception = answer.pdu.size() == 2 && (answer.pdu[0] & wire::exception_bit) != 0;
    if (is_exception) {
        const auto code = answer.pdu[1];
        json.begin_object().key("code").integer(code).key("text");
        json.text(fmt::format("{}: {}", wire::exception_name(code), explained(code))).end_object();
    } else {
        json.null();
    }
    write_values(json, request, answer);
    return json.key("took_ms").number(answer.took_ms, Decimals(0.1)).end_object().done();
}

}  // namespace busbar::api
