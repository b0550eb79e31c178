#include "gateway.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/disk_space.hpp"
#include "base/log.hpp"
#include "gateway_parts.hpp"

namespace busbar::gateway {
namespace {

Status make_folder(const std::string& path) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed == std::errc::no_space_on_device) return disk_full(path);
    if (failed)
        return fail(
            Errc::unavailable,
            fmt::format("data folder {} cannot be made: {}; make it and give it to this user", path, failed.message()));
    ::chmod(path.c_str(), 0700);  // keys and history are nobody else's
    return ok();
}

bool has_content(const std::string& path) {
    std::error_code failed;
    const bool is_there = std::filesystem::exists(path, failed) || failed;
    return is_there && (std::filesystem::file_size(path, failed) > 0 || failed);
}

}  // namespace

Gateway::Gateway(Options options) : parts_(std::make_unique<Parts>()) { parts_->options = std::move(options); }

Gateway::~Gateway() = default;

Status Gateway::start() {
    // One allocation arena per loop is enough, and every further one costs memory that a small box lacks.
    mallopt(M_ARENA_MAX, 2);
    sigset_t handled;
    sigemptyset(&handled);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, s);
    pthread_sigmask(SIG_BLOCK, &handled, nullptr);  // inherited by every thread; the signal thread waits for them
    signal(SIGPIPE, SIG_IGN);
    Parts& p = *parts_;
    if (const Status made = make_folder(p.options.data); !made) return made;
    auto lock = history::FolderLock::take(p.options.data);
    if (!lock) return lock.error();
    p.lock = std::move(*lock);
    SiteFile read = read_site(p.options.site, p.options.data);
    p.site = std::make_shared<config::LoadOutcome>(std::move(read.outcome));
    p.site_text = std::move(read.text);
    for (const auto& problem : p.site->site) log(Level::warning, "site", problem);
    // Reading or making it takes as long as all else: the processor's other core does it meanwhile.
    p.coming_certificate = std::async(std::launch::async, [&p] { return p.own_certificate(); });
    p.configured = {p.site->config.control.self_consumption, p.site->config.control.feed_in_limit};
    const bool has_settings = has_content(p.options.data + "/settings.db");
    // When that fails serve() tries again, and says why.
    if (!p.open_settings()) p.control_without_settings(has_settings);
    p.start_field();
    p.open_history();
    p.make_views();
    p.serve();
    p.signal_thread = std::thread([&p, handled] {
        int received = 0;
        do sigwait(&handled, &received);
        while (received == SIGHUP);
        p.service_loop.post([&p] { p.service_loop.spawn("shut down", p.shut_down()); });
    });
    p.service_loop.spawn("web server", p.keep_serving());
    p.service_loop.spawn("history watch", p.history->watch(std::chrono::seconds(5)));
    return ok();
}

Task<void> Gateway::Parts::shut_down() {
    log(Level::info, "gateway", "stopping: handing setpoints back");
    co_await sharing->stop();  // nobody else sets what is being handed back
    Event field_done;
    field_loop.post([this, &field_done] {
        auto stopping = [](Parts& p, Event& done) -> Task<void> {
            co_await p.field->stop();
            p.service_loop.post([&done] { done.set(); });
        };
        field_loop.spawn("stop", stopping(*this, field_done));
    });
    const Instant deadline = service_loop.now() + std::chrono::seconds(8);
    co_await service_loop.wait(field_done, deadline);
    if (server) co_await server->stop();
    field_loop.stop();
    service_loop.stop();
}

void Gateway::run() {
    Parts& p = *parts_;
    p.service_loop.run();
    p.field_thread.join();
    p.signal_thread.join();
    p.server.reset();
    p.history.reset();  // commits what is queued
    log(Level::info, "gateway", "stopped");
}

}  // namespace busbar::gateway
