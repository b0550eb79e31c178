// What a change of the site leaves behind when the field cannot do it.
#include "site/site_changes.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/real_loop.hpp"
#include "config/rules.hpp"

using namespace busbar;
using namespace busbar::gateway;
using namespace std::chrono_literals;

namespace {

constexpr const char* one_line =
    "# my own words\n"
    "buses:\n"
    "  - {id: lan, link: tcp, host: 192.168.8.20}\n"
    "devices: []\n";

// A gateway's site without its field: that is what the test says.
struct Bench {
    std::string folder;
    RealLoop loop;
    std::unique_ptr<api::Settings> settings;
    BusBudget budget;
    std::unique_ptr<SiteChanges> changes;
    Status answer = ok();  // of the field
    int acts = 0;
    Status heard = ok();             // what a trial of the line brings
    std::vector<std::string> tried;  // hosts of the line
    std::vector<std::string> told;   // hosts of the line, as the roster would be told

    explicit Bench(const char* site = one_line) {
        char name[] = "/tmp/busbar_changes_XXXXXX";
        folder = ::mkdtemp(name);
        std::ofstream(path()) << site;
        auto store = api::SettingsStore::open(folder + "/settings.db", WallTime{});
        REQUIRE(store.has_value());
        settings = std::make_unique<api::Settings>(loop, std::move(*store));
        SiteFile file = read_site(path(), folder);
        SiteChanges::Hooks hooks;
        hooks.changed = [this](const Field::Site& now, const std::set<std::string>&) {
            told.push_back(host(now->config));
        };
        hooks.act = [this](Field::Site, Field::Profiles, std::set<std::string>) -> Task<Status> {
            ++acts;
            co_return answer;
        };
        hooks.try_line = [this](config::BusConfig bus) -> Task<Status> {
            tried.push_back(std::get<config::TcpEndpoint>(bus.link).host);
            co_return heard;
        };
        changes = std::make_unique<SiteChanges>(
            loop, *settings, budget, SiteChanges::Place{path(), folder, {"profiles"}},
            std::make_shared<config::LoadOutcome>(std::move(file.outcome)), std::move(file.text), std::move(hooks));
    }
    ~Bench() {
        changes.reset();
        settings.reset();
        std::filesystem::remove_all(folder);
    }
    std::string path() const { return folder + "/site.yaml"; }
    std::string text() const {
        std::ifstream file(path());
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static std::string host(const config::SiteConfig& site) {
        const auto* endpoint = std::get_if<config::TcpEndpoint>(&site.buses.front().link);
        return endpoint == nullptr ? "" : endpoint->host;
    }
    // Runs the loop until the task has ended; a minute at most.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        auto keep = [](RealLoop& in, Task<T> work, std::optional<T>& into) -> Task<void> {
            into.emplace(co_await std::move(work));
            in.stop();
        };
        auto give_up = [](RealLoop& in) -> Task<void> {
            co_await in.sleep_for(60s);
            in.stop();
        };
        loop.spawn("test", keep(loop, std::move(task), result));
        loop.spawn("give up", give_up(loop));
        loop.run();
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    std::vector<std::string> audit() {
        const auto rows = run(settings->audit(20, std::nullopt));
        REQUIRE(rows.has_value());
        std::vector<std::string> what;
        for (const auto& row : *rows) what.push_back(row.what);
        return what;
    }
};

config::BusConfig line_at(const char* host) { return {"lan", config::TcpEndpoint{host, 502, false}, {}}; }

}  // namespace

TEST_CASE("a change that the field refuses is told, and file and field agree afterwards") {
    Bench b;
    const std::string before = b.text();
    b.answer = fail(Errc::unavailable, "bus 'lan' keeps its settings, and nothing was changed: the bus was removed");
    const Status changed = b.run(b.changes->change_bus({line_at("192.168.8.21")}, {"anna", "::1", true}));
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().kind == Errc::unavailable);
    CHECK(changed.error().text == b.answer.error().text);
    CHECK(b.acts == 1);
    CHECK(b.text() == before);
    CHECK(read_site(b.path(), b.folder).outcome.config == b.changes->site());
    CHECK(Bench::host(b.changes->site()) == "192.168.8.20");
    CHECK(b.told == std::vector<std::string>{"192.168.8.21", "192.168.8.20"});
    CHECK(b.audit() == std::vector<std::string>{"bus changed: not done", "bus changed"});
    // The next change is not in the way of that one.
    b.answer = ok();
    REQUIRE(b.run(b.changes->change_bus({line_at("192.168.8.22")}, {"anna", "::1", true})).has_value());
    CHECK(Bench::host(b.changes->site()) == "192.168.8.22");
    CHECK(b.text().find("192.168.8.22") != std::string::npos);
    CHECK(b.text().find("# my own words") != std::string::npos);
}

TEST_CASE("settings of a line with which nobody answers are not written down, unless somebody insists") {
    Bench b;
    const std::string before = b.text();
    b.heard = fail(Errc::denied, "nobody answers");
    const api::By anna{"anna", "::1", true};
    const Status refused = b.run(b.changes->change_bus({line_at("192.168.8.21")}, anna));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Errc::denied);
    CHECK(b.text() == before);
    CHECK(b.acts == 0);
    CHECK(b.audit().empty());
    CHECK(Bench::host(b.changes->site()) == "192.168.8.20");
    REQUIRE(b.run(b.changes->change_bus({line_at("192.168.8.21"), true}, anna)).has_value());
    CHECK(b.tried == std::vector<std::string>{"192.168.8.21"});
    CHECK(b.acts == 1);
    CHECK(Bench::host(b.changes->site()) == "192.168.8.21");
    b.heard = ok();
    REQUIRE(b.run(b.changes->change_bus({line_at("192.168.8.22")}, anna)).has_value());
    CHECK(b.tried.size() == 2);
    CHECK(b.text().find("192.168.8.22") != std::string::npos);
}

TEST_CASE("a file that cannot be put back is told, and is not written over by the next change") {
    Bench b;
    b.answer = fail(Errc::unavailable, "not now");
    auto spoil = [](Bench& bench) -> Task<Status> {
        std::ofstream(bench.path(), std::ios::app) << "# by hand, meanwhile\n";
        co_return bench.answer;
    };
    SiteChanges::Hooks hooks;
    hooks.act = [&](Field::Site, Field::Profiles, std::set<std::string>) { return spoil(b); };
    SiteFile file = read_site(b.path(), b.folder);
    SiteChanges changes(b.loop, *b.settings, b.budget, SiteChanges::Place{b.path(), b.folder, {"profiles"}},
                        std::make_shared<config::LoadOutcome>(std::move(file.outcome)), std::move(file.text),
                        std::move(hooks));
    const Status changed = b.run(changes.change_bus({line_at("192.168.8.21")}, {"anna", "::1", true}));
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().text.starts_with("not now; and "));
    CHECK(changed.error().text.find("it still holds the change") != std::string::npos);
    CHECK(b.text().find("# by hand, meanwhile") != std::string::npos);
    const Status next = b.run(changes.change_bus({line_at("192.168.8.22")}, {"anna", "::1", true}));
    REQUIRE_FALSE(next.has_value());
    CHECK(next.error().kind == Errc::denied);
    CHECK(next.error().text.find("busbarctl site reload") != std::string::npos);
    CHECK(b.text().find("192.168.8.22") == std::string::npos);
}

TEST_CASE("a file that asks too much of a line is refused with the reason, and so it is when it is only looked at") {
    constexpr const char* head = "buses:\n  - {id: slow, link: serial, port: /dev/a, baud: 2400}\ndevices:\n";
    const auto file_of = [&](int meters) {
        std::string text = head;
        for (int i = 1; i <= meters; ++i)
            text +=
                fmt::format("  - {{id: m{}, profile: eastron/sdm630, bus: slow, unit: {}, use: sub_meter}}\n", i, i);
        return text;
    };
    const std::string few = file_of(2), many = file_of(30);
    Bench b(few.c_str());
    REQUIRE(b.changes->site().devices.size() == 2);
    std::ofstream(b.path(), std::ios::trunc) << many;
    std::string reason;
    for (const bool is_applied : {false, true}) {
        const auto refused = b.run(b.changes->reload(is_applied, {"anna", "::1", true}));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().kind == Errc::denied);
        CHECK(refused.error().text.find("'slow'") != std::string::npos);
        CHECK_MESSAGE(refused.error().text.find("What helps: ") != std::string::npos, refused.error().text);
        CHECK(b.acts == 0);
        CHECK(b.text() == many);
        CHECK(b.changes->site().devices.size() == 2);
    }
    // One device too many is named, in the words of an addition. One more that fits does.
    std::ofstream(b.path(), std::ios::trunc) << file_of(3);
    const auto looked = b.run(b.changes->reload(false, {"anna", "::1", true}));
    REQUIRE_MESSAGE(looked.has_value(), looked.error().text);
    CHECK(b.acts == 0);
    REQUIRE(b.run(b.changes->reload(true, {"anna", "::1", true})).has_value());
    CHECK(b.changes->site().devices.size() == 3);
    int most = 3;
    Status last = ok();
    while (last && most < 30) {
        std::ofstream(b.path(), std::ios::trunc) << file_of(++most);
        const auto next = b.run(b.changes->reload(true, {"anna", "::1", true}));
        if (!next) last = next.error();
    }
    REQUIRE_FALSE(last.has_value());
    CHECK(last.error().text.starts_with(fmt::format("bus 'slow' has no room for device 'm{}': ", most)));
}

TEST_CASE("a file that was read again and cannot be done stays as its person wrote it") {
    Bench b;
    std::string by_hand = b.text();
    by_hand.replace(by_hand.find("8.20"), 4, "8.30");
    std::ofstream(b.path(), std::ios::trunc) << by_hand;
    b.answer = fail(Errc::unavailable, "not now");
    const auto refused = b.run(b.changes->reload(true, {"anna", "::1", true}));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text == "not now");
    CHECK(b.text() == by_hand);
    CHECK(Bench::host(b.changes->site()) == "192.168.8.20");
    b.answer = ok();
    const auto done = b.run(b.changes->reload(true, {"anna", "::1", true}));
    REQUIRE(done.has_value());
    CHECK(done->size() == 1);
    CHECK(Bench::host(b.changes->site()) == "192.168.8.30");
}
