#include "api/json/json_writer.hpp"

#include "base/assert.hpp"
#include "base/phrase.hpp"
#include "net/web_socket_frame.hpp"

namespace busbar::api {
namespace {
constexpr char digits[] = "0123456789abcdef";

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20) {
        out += c;
        return;
    }
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}
}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    const bool is_valid = net::is_utf8(text);
    out += '"';
    // What is no UTF-8 keeps its ASCII and shows '?' elsewhere: one wrong byte of a device must not spoil the answer.
    for (const char c : text) append_escaped(out, !is_valid && static_cast<unsigned char>(c) >= 0x80 ? '?' : c);
    out += '"';
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    --depth_;
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    append_json_text(out_, value);
    return *this;
}

JsonWriter& JsonWriter::number(double value, Decimals decimals) {
    separate();
    append_number(out_, value, decimals);
    return *this;
}

JsonWriter& JsonWriter::number(std::optional<double> value, Decimals decimals) {
    return value ? number(*value, decimals) : null();
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

std::string JsonWriter::done() {
    BUSBAR_ASSERT(depth_ == 0);
    return std::move(out_);
}

namespace {

void write_said(JsonWriter& json, const Said& said) {
    json.key("code").text(said.phrase->code).key("values").begin_object();
    for (const Said::Value& value : said.values) {
        json.key(value.name);
        if (!value.said) {
            json.text(value.text);
            continue;
        }
        json.begin_object().key("text").text(value.text);
        write_said(json, *value.said);
        json.end_object();
    }
    if (!said.where.empty()) json.key("where").text(said.where);
    json.end_object();
}

}  // namespace

JsonWriter& JsonWriter::code_of(std::string_view text) {
    if (const auto said = recognise(text)) write_said(*this, *said);
    return *this;
}

JsonWriter& JsonWriter::said_or_null(std::string_view text) {
    const auto said = recognise(text);
    if (!said) return null();
    begin_object();
    write_said(*this, *said);
    return end_object();
}

}  // namespace busbar::api
