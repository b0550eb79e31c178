#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "api/access/password.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {
namespace {
constexpr std::size_t shortest = 10, longest = 256;

// What common passwords are made of, after taking digits and signs off both ends and undoing letter tricks (pa55w0rd).
// A password that is nothing but one to three of these is refused.
constexpr std::array common_words{
    "password",
    "passwort",
    "passwords",
    "passw",
    "pass",
    "word",
    "wort",
    "kennwort",
    "motdepasse",
    "contrasena",
    "parola",
    "haslo",
    "wachtwoord",
    "senha",
    "losenord",
    "letmein",
    "welcome",
    "willkommen",
    "bienvenue",
    "bienvenido",
    "iloveyou",
    "ichliebedich",
    "jetaime",
    "teamo",
    "trustno",
    "admin",
    "administrator",
    "administrador",
    "installer",
    "installateur",
    "owner",
    "viewer",
    "user",
    "username",
    "benutzer",
    "guest",
    "gast",
    "root",
    "toor",
    "master",
    "default",
    "changeme",
    "change",
    "aendern",
    "geheim",
    "secret",
    "topsecret",
    "login",
    "logon",
    "access",
    "system",
    "service",
    "support",
    "test",
    "tester",
    "testing",
    "temp",
    "demo",
    "sample",
    "example",
    "computer",
    "internet",
    "server",
    "network",
    "router",
    "gateway",
    "inverter",
    "wechselrichter",
    "solar",
    "photovoltaik",
    "battery",
    "batterie",
    "speicher",
    "energy",
    "energie",
    "power",
    "strom",
    "sunshine",
    "sonne",
    "sonnenschein",
    "busbar",
    "house",
    "haus",
    "home",
    "zuhause",
    "family",
    "familie",
    "football",
    "fussball",
    "baseball",
    "basketball",
    "soccer",
    "hockey",
    "superman",
    "batman",
    "spiderman",
    "pokemon",
    "starwars",
    "dragon",
    "monkey",
    "shadow",
    "princess",
    "prinzessin",
    "chocolate",
    "schokolade",
    "summer",
    "sommer",
    "winter",
    "spring",
    "fruehling",
    "autumn",
    "herbst",
    "monday",
    "friday",
    "january",
    "michael",
    "jennifer",
    "jessica",
    "charlie",
    "daniel",
    "thomas",
    "andreas",
    "stefan",
    "alexander",
    "christian",
    "hallo",
    "hello",
    "schatz",
    "liebe",
    "love",
    "lovely",
    "loveyou",
    "my",
    "mein",
    "the",
    "is",
    "a",
    "i",
    "you",
    "new",
    "old",
    "super",
    "mega",
    "best",
    "big",
    "one",
    "two",
    "three",
    "qwerty",
    "qwertz",
    "azerty",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "yxcvbnm",
    "zxcvbnm",
    "zxcvbn",
    "qazwsx",
    "edc",
    "rfv",
    "qaz",
    "wsx",
    "abc",
    "abcd",
    "abcdef",
    "xyz",
    "xxx",
    "aaa",
};

constexpr std::array runs{"0123456789012345678901234567890",
                          "9876543210987654321098765432109",
                          "abcdefghijklmnopqrstuvwxyz",
                          "zyxwvutsrqponmlkjihgfedcba",
                          "qwertyuiopasdfghjklzxcvbnm",
                          "qwertzuiopasdfghjklyxcvbnm",
                          "1q2w3e4r5t6z7u8i9o0p",
                          "1q2w3e4r5t6y7u8i9o0p",
                          "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                          "1122334455667788990011",
                          "112233445566"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// Letter tricks undone, everything that is no letter then dropped: "P4ssw0rd_2024!" -> "password".
std::string bare(std::string_view text) {
    std::string trimmed(text);
    while (!trimmed.empty() && !is_letter(trimmed.back())) trimmed.pop_back();
    while (!trimmed.empty() && !is_letter(trimmed.front())) trimmed.erase(0, 1);
    std::string out;
    for (const char c : trimmed) {
        constexpr std::string_view tricks = "0134578@$!", letters = "oieastbasi";
        const auto at = tricks.find(c);
        const char letter = at == std::string_view::npos ? c : letters[at];
        if (is_letter(letter)) out += letter;
    }
    return out;
}

// Whether the text is a chain of at most three common words; four make a passphrase. For each position the fewest words
// that lead there are kept, so the work is bounded.
bool is_made_of_common_words(std::string_view text, std::string_view username) {
    constexpr int most_words = 3, never = 99;
    std::vector<int> words(text.size() + 1, never);
    words[0] = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto step = [&](std::string_view word) {
            if (word.empty() || !text.substr(at).starts_with(word)) return;
            auto& there = words[at + word.size()];
            there = std::min(there, words[at] + 1);
        };
        if (words[at] >= most_words) continue;
        step(username);
        for (const std::string_view word : common_words) step(word);
    }
    return words[text.size()] <= most_words;
}

bool is_run(std::string_view text) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](std::string_view run) { return run.find(text) != std::string_view::npos; });
}

// One piece of up to 4 characters, over and over: "aaaaaaaaaa", "abababababab", "123412341234".
bool is_repetition(std::string_view text) {
    for (std::size_t period = 1; period <= 4; ++period) {
        bool repeats = true;
        for (std::size_t i = period; i < text.size(); ++i) repeats = repeats && text[i] == text[i - period];
        if (repeats) return true;
    }
    return false;
}
}  // namespace

std::string password_flaw(std::string_view password, std::string_view username) {
    const auto characters = static_cast<std::size_t>(std::count_if(
        password.begin(), password.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    if (characters < shortest) return say<phrases::password_short>();
    if (characters > longest) return say<phrases::field_long>(longest);
    const std::string text = lower(password), letters = bare(text), name = lower(username);
    if (is_run(text) || is_repetition(text)) return say<phrases::password_sequence>();
    // With letters enough left the digits around them do not save it; with few letters it is a number, judged as it is.
    if (letters.size() >= 4 && is_made_of_common_words(letters, bare(name))) return say<phrases::password_common>();
    if (letters.size() < 4 && text.size() - letters.size() < 12 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return say<phrases::password_number>();
    if (name.size() >= 3 && text.find(name) != std::string::npos && text.size() < name.size() + 8)
        return say<phrases::password_like_name>();
    return {};
}

}  // namespace busbar::api
