// busbarctl: reads the words of the command line and hands them to verbs.cpp.
#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "commands.hpp"

namespace {

using busbar::ctl::Arguments;

busbar::Result<Arguments> parse(int argc, char** argv) {
    Arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.starts_with("--")) {
            a.words.emplace_back(word);
            continue;
        }
        const std::string_view name = word.substr(2);
        if (name == "json")
            a.json = true;
        else if (name == "help")
            a.words = {"help"};
        else if (busbar::ctl::takes_value(name) == false)
            a.options.emplace(name, "");
        else if (busbar::ctl::takes_value(name) == true && i + 1 < argc)
            a.options[std::string(name)] = argv[++i];
        else
            return busbar::fail(busbar::Errc::malformed, fmt::format("option {} is unknown or lacks its value", word));
    }
    return a;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse(argc, argv);
    if (!arguments) {
        fmt::print(stderr, "busbarctl: {}\n", arguments.error().text);
        return 2;
    }
    if (arguments->words.empty() || arguments->words[0] == "help") {
        fmt::print("{}", busbar::ctl::usage());
        return arguments->words.empty() ? 2 : 0;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const busbar::Status done = busbar::ctl::run(*arguments);
    curl_global_cleanup();
    if (done) return 0;
    fmt::print(stderr, "busbarctl: {}\n", done.error().text);
    return done.error().kind == busbar::Errc::malformed ? 2 : 1;
}
