#pragma once
// Numbers as JSON and CSV text, rounded to the step in which a value is known: 230.1 V, not 230.10000610351562.
// Pure; appends to a string; used for every number the API sends.
#include <cstdint>
#include <optional>
#include <string>

namespace busbar::api {

// How many decimals show every multiple of a resolution; made once per column. At most 6.
class Decimals {
public:
    explicit Decimals(double resolution);  // > 0; anything else means 6 decimals
    Decimals finer() const;                // one more, for means

private:
    friend void append_number(std::string& out, double value, Decimals decimals);
    int digits_ = 0;
    double scale_ = 1;
};

// Without trailing zeros and exponent up to 9e15; "null" when not finite.
void append_number(std::string& out, double value, Decimals decimals);
void append_number(std::string& out, std::int64_t value);

}  // namespace busbar::api
