#pragma once
// Writes JSON by appending to one string: no tree, no allocation per value. Commas are its business, balance of the
// braces the caller's (asserted by done()). Strings from devices and people are escaped and repaired to valid UTF-8.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/json/number.hpp"
#include "base/clock.hpp"

namespace busbar::api {

class JsonWriter {
public:
    explicit JsonWriter(std::size_t expected_size = 1024) { out_.reserve(expected_size); }

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);  // a literal of ours: not escaped

    JsonWriter& text(std::string_view value);
    JsonWriter& number(double value, Decimals decimals = Decimals(0.001));  // null when not finite
    JsonWriter& number(std::optional<double> value, Decimals decimals = Decimals(0.001));
    JsonWriter& integer(std::int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    JsonWriter& time(WallTime value) { return integer(to_ms(value)); }
    JsonWriter& time(std::optional<WallTime> value) { return value ? time(*value) : null(); }
    JsonWriter& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
    // Which sentence a text is, for those who tell it in another language (base/phrase.hpp): the members `code` and
    // `values` of the object that is open, or nothing; null or an object of the two.
    JsonWriter& code_of(std::string_view text);
    JsonWriter& said_or_null(std::string_view text);
    // JSON made elsewhere (a part shared by many messages).
    JsonWriter& raw(std::string_view json);

    // For hand-written columns: the output so far, to append one value's bytes.
    std::string& value_bytes() {
        separate();
        return out_;
    }
    std::string done();

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate() {
        if (needs_comma_) out_ += ',';
        needs_comma_ = true;
    }

    std::string out_;
    int depth_ = 0;
    bool needs_comma_ = false;
};

void append_json_text(std::string& out, std::string_view text);

}  // namespace busbar::api
