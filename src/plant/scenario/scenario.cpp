#include "plant/scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

constexpr std::size_t text_max = 64 * 1024, parts_max = 250, events_max = 500, expectations_max = 100, quirks_max = 200;
constexpr int lines_max = 1000;
constexpr double repeat_min_s = 0.1;

// Goes through the text twice: first the site, then everything that names its parts, so that order does not matter.
class ScenarioParser {
public:
    ScenarioParser(std::string_view text, std::string_view file) : text_(text), file_(file) {}

    Result<Scenario> parse() {
        if (text_.size() > text_max) return fail(Errc::malformed, fmt::format("{}: longer than 64 KiB", file_));
        if (auto s = each_line([this](Words& w, int line) { return site_line(w, line); }); !s) return s.error();
        if (auto s = plug_in(); !s) return s.error();
        if (auto s = each_line([this](Words& w, int line) { return event_line(w, line); }); !s) return s.error();
        if (auto s = each_line([this](Words& w, int line) { return expect_line(w, line); }); !s) return s.error();
        if (out_.run_s == 0) {
            for (const auto& e : out_.events)
                out_.run_s = std::max(out_.run_s, e.at_s + (e.for_s < 1e9 ? e.for_s : 0) + e.repeat_s);
            out_.run_s += 60;
        }
        return std::move(out_);
    }

private:
    std::string place(int line) const { return fmt::format("{}:{}", file_, line); }

    Status each_line(auto handle) {
        auto rest = text_;
        for (int line = 1; !rest.empty(); ++line) {
            if (line > lines_max) return fail(Errc::malformed, fmt::format("{}: more than 1000 lines", place(line)));
            const auto end = std::min(rest.find('\n'), rest.size());
            auto words = split_words(rest.substr(0, end));
            if (!words) return because(place(line), words.error());
            rest.remove_prefix(std::min(rest.size(), end + 1));
            if (words->empty()) continue;
            Words line_words(std::move(*words), place(line));
            if (auto s = handle(line_words, line); !s) return s;
        }
        return ok();
    }

    Status site_line(Words& words, int line) {
        const auto verb = words.take();
        if (verb == "site") return items(words, line);
        if (verb == "run") {
            BUSBAR_TRY(out_.run_s, words.measure(Measure::time, 1, 1e8));
            return words.end();
        }
        if (verb == "strategy" || verb == "quirk" || verb == "at" || verb == "every" || verb == "expect") return ok();
        return words.error(
            fmt::format("a line begins with site, quirk, strategy, run, at, every or expect, not '{}'", clipped(verb)));
    }

    // Items of a site line stand between '|'.
    Status items(Words& words, int line) {
        std::vector<std::string> item;
        do {
            item.clear();
            while (!words.done() && words.peek() != "|") item.emplace_back(words.take());
            if (item.empty()) return words.error("nothing stands between '|' and '|'");
            Words inner(item, place(line));
            if (auto s = parse_site_item(inner, out_, line); !s) return s;
            if (out_.sources.size() + out_.loads.size() + out_.watchers.size() + out_.lines.size() +
                    out_.traces.size() >
                parts_max)
                return words.error("more than 250 parts in one site");
        } while (words.accept("|"));
        return ok();
    }

    Status event_line(Words& words, int line) {
        const auto verb = words.take();
        if (verb == "strategy") return parse_strategy(words, out_);
        if (verb == "quirk") {
            if (out_.quirks.size() >= quirks_max) return words.error("more than 200 quirks");
            return parse_quirks(words, out_);
        }
        if (verb != "at" && verb != "every") return ok();
        double repeat_s = 0, at_s = 0;
        if (verb == "every") {
            BUSBAR_TRY(repeat_s, words.measure(Measure::time, repeat_min_s, 1e7));
            at_s = repeat_s;
            if (words.accept("from")) {
                BUSBAR_TRY(at_s, words.time_s());
            }
        } else {
            BUSBAR_TRY(at_s, words.time_s());
        }
        if (out_.events.size() >= events_max) return words.error("more than 500 events");
        return parse_event(words, out_, line, at_s, repeat_s);
    }

    Status expect_line(Words& words, int line) {
        if (!words.accept("expect")) return ok();
        if (out_.expectations.size() >= expectations_max) return words.error("more than 100 expectations");
        return parse_expectation(words, out_, line);
    }

    // Ids and lines that the text left to us; then what must be unique is checked.
    Status plug_in() {
        name("meter", out_.grid.meter);
        for (auto& s : out_.sources) name(s.spec.battery ? "battery" : "pv", s.plug);
        for (auto& l : out_.loads) name("load", l.meter);
        for (auto& w : out_.watchers) name("device", w.plug);
        if (auto s = plug(out_.grid.meter); !s) return s;
        for (auto& source : out_.sources)
            if (auto s = plug(source.plug); !s) return s;
        for (auto& load : out_.loads)
            if (auto s = plug(load.meter); !s) return s;
        for (auto& watcher : out_.watchers)
            if (auto s = watch(watcher); !s) return s;
        return traces_exist();
    }

    void name(std::string_view noun, Plug& plug) {
        if (!plug.id.empty()) return;
        int& n = given_[std::string(noun)];
        plug.id = ++n == 1 ? std::string(noun) : fmt::format("{}{}", noun, n);
    }

    Status plug(Plug& plug) {
        const auto error = [&](std::string text) {
            return fail(Errc::malformed, fmt::format("{}: {}", place(plug.at_line), text));
        };
        if (!ids_.insert(plug.id).second)
            return error(fmt::format("id '{}' stands twice; give one of them id=", plug.id));
        if (plug.profile.empty())
            return plug.line.empty() ? ok()
                                     : Status(error(fmt::format(
                                           "'{}' has on= but no profile; name one with meter= or inverter=", plug.id)));
        if (plug.line.empty()) {  // its own TCP connection
            plug.line = plug.id;
            if (out_.line(plug.line)) return error(fmt::format("a line is called '{}' too; write on=", plug.id));
            LineSpec line;
            line.id = plug.line;
            out_.lines.push_back(line);
        }
        if (!out_.line(plug.line))
            return error(fmt::format("on={}: no such line; add: site line {} serial 9600", plug.line, plug.line));
        if (!units_.emplace(plug.line, plug.unit).second)
            return error(fmt::format("unit {} on line {} is taken; choose another unit=", plug.unit, plug.line));
        return ok();
    }

    Status watch(WatcherItem& watcher) {
        const auto is_source =
            std::ranges::any_of(out_.sources, [&](const SourceItem& source) { return source.plug.id == watcher.of; });
        const auto is_load =
            std::ranges::any_of(out_.loads, [&](const LoadItem& load) { return load.meter.id == watcher.of; });
        if (!watcher.of.empty() && !is_source && !is_load)
            return fail(Errc::malformed, fmt::format("{}: of={}: no pv, battery or load has this id",
                                                     place(watcher.plug.at_line), clipped(watcher.of)));
        return plug(watcher.plug);
    }

    Status traces_exist() const {
        const auto check = [&](const std::string& trace, const Plug& plug) -> Status {
            const auto name = trace.substr(0, trace.find(':'));
            if (trace.empty() || std::ranges::find(out_.traces, name, &TraceItem::name) != out_.traces.end())
                return ok();
            return fail(Errc::malformed, fmt::format("{}: no trace '{}'; add: site trace {} file=NAME.csv",
                                                     place(plug.at_line), clipped(name), clipped(name)));
        };
        if (auto status = check(out_.price_trace, {}); !status) return status;
        for (const auto& s : out_.sources)
            if (auto status = check(s.trace, s.plug); !status) return status;
        for (const auto& l : out_.loads)
            if (auto status = check(l.spec.trace, l.meter); !status) return status;
        return ok();
    }

    std::string_view text_, file_;
    Scenario out_;
    std::map<std::string, int> given_;
    std::set<std::string> ids_;
    std::set<std::pair<std::string, int>> units_;
};

}  // namespace

double Scenario::pv_peak_w() const {
    double peak_w = 0;
    for (const auto& s : sources) peak_w += s.spec.array ? s.spec.array->peak_w : 0;
    return peak_w;
}

double Scenario::feed_in_limit_w(const ControlWish& w) const {
    switch (w.feed_in) {
        case ControlWish::FeedIn::none:
            break;
        case ControlWish::FeedIn::zero:
            return 0;
        case ControlWish::FeedIn::watts:
            return w.feed_in_value;
        case ControlWish::FeedIn::percent:
            return w.feed_in_value / 100 * pv_peak_w();
    }
    return std::numeric_limits<double>::infinity();
}

const LineSpec* Scenario::line(std::string_view id) const {
    const auto at = std::ranges::find(lines, id, &LineSpec::id);
    return at == lines.end() ? nullptr : &*at;
}

std::string Scenario::device_named(std::string_view word) const {
    const auto is = [&](const Plug& p) { return !p.profile.empty() && p.id == word; };
    for (const auto& s : sources)
        if (is(s.plug)) return s.plug.id;
    for (const auto& l : loads)
        if (is(l.meter)) return l.meter.id;
    for (const auto& w : watchers)
        if (is(w.plug)) return w.plug.id;
    if ((word == "meter" || is(grid.meter)) && !grid.meter.profile.empty()) return grid.meter.id;
    for (const auto& s : sources) {
        if (s.plug.profile.empty()) continue;
        if (word == "battery" ? s.spec.battery.has_value() : word == "inverter" && s.spec.array) return s.plug.id;
    }
    return {};
}

Result<Scenario> parse(std::string_view text, std::string_view file_name) {
    return ScenarioParser(text, file_name).parse();
}

}  // namespace busbar::plant
