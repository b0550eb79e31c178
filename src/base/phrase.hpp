#pragma once
// A sentence that is told in more than one language: a code that never changes, the form field it concerns, and the
// English text with blanks. Whoever refuses something says it with `say`; the API finds code and values again with
// `recognise` and hands them out beside the text, so that a client tells the same in its own language. In between,
// errors and notes stay what they are everywhere: a kind and a text (base/error.hpp).
//
//   fail(Errc::denied, say<phrases::address_taken>(unit, bus, device, line));
//
// The sentences are in base/phrases.hpp and base/phrases_running.hpp. Pure; texts of devices and people may fill
// blanks: a value that imitates a sentence is at worst told as that sentence.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace busbar {

struct Phrase {
    std::string_view code;   // "address_taken": stable, part of the API
    std::string_view field;  // of the request, "unit", "settings.port"; empty: none alone
    std::string_view text;   // "unit {unit} on bus '{bus}' is held by ..."; blanks are names in braces
};

constexpr std::size_t count_blanks(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += c == '{' ? 1 : 0;
    return count;
}

// `values` in the order of the blanks.
std::string filled(const Phrase& phrase, const std::vector<std::string>& values);

// The blanks are counted when it is compiled.
template <const Phrase& phrase, class... Values>
std::string say(const Values&... values) {
    static_assert(count_blanks(phrase.text) == sizeof...(Values), "one value for each blank");
    return filled(phrase, {fmt::format("{}", values)...});
}

// What a text says. A value may be a sentence of its own ("... has no room: <why>").
struct Said {
    struct Value;
    const Phrase* phrase = nullptr;
    std::vector<Value> values;  // in the order of the blanks
    std::string where;  // what errors put in front: "line1: unit 3" of "line1: unit 3: <sentence>"; mostly empty
};
struct Said::Value {
    std::string name, text;
    std::optional<Said> said;
};

// nullopt: none of the sentences. Never longer than a look at each of them.
std::optional<Said> recognise(std::string_view text);

}  // namespace busbar
