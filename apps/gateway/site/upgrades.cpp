#include "site/upgrades.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "base/whole_file.hpp"
#include "field/at_work.hpp"
#include "field/on_loop.hpp"
#include "profile/upgrade_image.hpp"

namespace busbar::gateway {

// What the field knows of the device, as an upgrade needs it.
struct Upgrades::Subject {
    std::shared_ptr<const profile::Profile> profile;
    std::string model, firmware;
};

namespace {

using namespace std::chrono_literals;
using device::UpgradePhase;
using device::UpgradeState;

constexpr std::uint64_t largest_image = 16u << 20;
constexpr Duration pace_over = 60s, write_down_every = 10s, wait_for_device = 10min;
// No profile may ask for more; the upgrade itself gives up after its own profile's time.
constexpr Duration longest_restart = 31min;

Result<Bytes> read_image(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = file ? static_cast<std::int64_t>(file.tellg()) : -1;
    if (size <= 0 || static_cast<std::uint64_t>(size) > largest_image)
        return fail(Errc::malformed, say<phrases::image_missing>());
    Bytes bytes(static_cast<std::size_t>(size));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(bytes.data()), size);
    if (!file) return fail(Errc::unavailable, path + ": cannot be read; upload the image again");
    return bytes;
}

// A file for another model is as wrong as a damaged one.
Error about_image(const Error& error) { return fail(Errc::malformed, "image: " + error.text); }

// ---- on the field loop ----

// A device that the gateway itself finds again after a restart may take a while to answer.
Task<bool> comes_online(Field& field, Loop& loop, std::string id, std::shared_ptr<device::UpgradeOrder> order) {
    const Instant until = loop.now() + wait_for_device;
    while (!field.is_online(id) && !order->is_cancelled && loop.now() < until) co_await loop.sleep_for(200ms);
    co_return field.is_online(id);
}

UpgradeState ended(UpgradeState state, UpgradePhase phase, std::string text) {
    state.phase = phase;
    state.text = std::move(text);
    return state;
}

Task<UpgradeState> bring(Field& field, Loop& loop, std::string id, std::shared_ptr<device::UpgradeOrder> order) {
    const UpgradeState before = order->resume;
    const bool is_resumed = field.is_set_aside(id);
    if (is_resumed && before.phase != UpgradePhase::installing && !co_await comes_online(field, loop, id, order)) {
        field.take_back(id);
        if (order->is_cancelled)
            co_return ended(before, UpgradePhase::cancelled, "cancelled; the device keeps the firmware it has");
        co_return ended(before, UpgradePhase::interrupted,
                        "the device does not answer; start it again and it goes on where it stopped");
    }
    const std::shared_ptr<device::Device> device = field.device(id);
    if (!device) {
        field.take_back(id);
        co_return ended(before, UpgradePhase::failed, "the device is out of service; its page says why");
    }
    UpgradeState end = co_await device->upgrade(order);
    // Polling looks for an absent device ever more seldom: until it has found it, its silence is still the announced
    // one.
    if (end.phase == UpgradePhase::done) co_await comes_online(field, loop, id, order);
    field.take_back(id);
    co_return end;
}

Task<Status> let_go(Field& field, std::string id) { co_return co_await field.set_aside(std::move(id)); }

}  // namespace

Upgrades::Upgrades(Loop& service, Loop& field_loop, Field& field, std::string data)
    : service_(service), field_loop_(field_loop), field_(field), data_(std::move(data)) {
    records_ = read_upgrade_records(records_path());
}

void Upgrades::take_up() {
    for (auto& [id, record] : records_) {
        const auto facts = field_.facts(id);
        if (!record.is_under_way && facts != nullptr) tell(id);
        if (!record.is_under_way) continue;
        if (facts == nullptr) {
            record.is_under_way = false;
            record.state = ended(record.state, UpgradePhase::failed, "the device was taken out of the site meanwhile");
            continue;
        }
        auto run = std::make_shared<Run>();
        run->bus = facts->config.bus;
        run->by = {record.username, record.address, true};
        run->order->resume = record.state;
        wire(id, *run);
        runs_.emplace(id, run);
        field_loop_.post([this, id = id] {
            field_loop_.spawn("set aside", [](Field& field, std::string device) -> Task<void> {
                const Status aside = co_await field.set_aside(device);
                if (!aside) log(Level::error, "device " + device, aside.error().text);
            }(field_, id));
        });
        service_.spawn("firmware of " + id, resume(id, std::move(run)));
    }
}

Task<void> Upgrades::resume(std::string id, std::shared_ptr<Run> run) {
    const UpgradeRecord record = records_[id];
    log(Level::info, "device " + id, "firmware upgrade goes on after a restart");
    auto work = [path = image_path(record.image)] { return read_image(path); };
    auto image = co_await api::run_on(worker_, service_, std::move(work));
    const bool is_there = image && image->has_value();
    if (is_there) run->order->image = std::move(**image);
    if (is_there || record.state.phase == UpgradePhase::installing) {
        co_await drive(std::move(id), std::move(run));
        co_return;
    }
    field_loop_.post([this, id] { field_.take_back(id); });
    co_await conclude(std::move(id), std::move(run),
                      ended(record.state, UpgradePhase::interrupted,
                            "the gateway restarted and the image is gone; send it once more and it goes on"));
}

// ---- orders ----

std::optional<Error> Upgrades::objection(std::string_view id) const {
    return runs_.find(id) == runs_.end() ? std::nullopt : std::optional(busy_with_firmware(std::string(id)));
}

std::optional<Error> Upgrades::objection_on(std::string_view bus) const {
    for (const auto& [id, run] : runs_)
        if (run->bus == bus) return busy_with_firmware(id);
    return std::nullopt;
}

std::set<std::string> Upgrades::at_work() const {
    std::set<std::string> ids;
    for (const auto& [id, run] : runs_) ids.insert(id);
    return ids;
}

Task<Result<std::string>> Upgrades::start(config::DeviceConfig device, api::UpgradeOrder order, api::By by) {
    if (const auto other = objection_on(device.bus)) co_return *other;
    auto run = std::make_shared<Run>();
    run->bus = device.bus;
    run->by = std::move(by);
    const std::string id = device.id;
    runs_.emplace(id, run);  // from here on nobody else begins
    auto prepared = co_await prepare(std::move(device), std::move(order), run);
    if (!prepared || !prepared->empty()) {
        runs_.erase(id);
        co_return prepared;
    }
    const UpgradeState& state = records_[id].state;
    const Status noted = co_await note(fmt::format("firmware upgrade of device {} started", id),
                                       fmt::format("{} to {}", state.from, state.to), run->by);
    if (!noted) {
        UpgradeRecord& record = records_[id];
        record.is_under_way = false;
        record.state = ended(record.state, UpgradePhase::failed, "nothing was sent: " + noted.error().text);
        runs_.erase(id);
        co_return noted.error();
    }
    tell(id);
    service_.spawn("firmware of " + id, drive(id, std::move(run)));
    co_return std::string();
}

Task<Result<std::string>> Upgrades::prepare(config::DeviceConfig device, api::UpgradeOrder order,
                                            std::shared_ptr<Run> run) {
    using Answer = Result<Subject>;
    std::function<Task<Answer>()> ask = [this, id = device.id]() -> Task<Answer> {
        return [](Field& field, std::string name) -> Task<Answer> {
            if (const auto no = field.objection_to_work()) co_return *no;
            const auto found = field.device(name);
            const auto placed = found ? found->placed() : nullptr;
            if (!placed || !field.is_online(name))
                co_return fail(Errc::unavailable, say<phrases::firmware_no_answer>(name));
            if (!placed->upgrade) co_return fail(Errc::unsupported, say<phrases::firmware_not_known>(name));
            co_return Subject{placed, found->info().model, found->info().firmware};
        }(field_, id);
    };
    auto subject = co_await on_loop<Answer>(service_, field_loop_, "what takes firmware", std::move(ask));
    if (!subject) co_return subject.error();
    co_return co_await look_at(std::move(*subject), std::move(order), std::move(device.id), std::move(run));
}

Task<Result<std::string>> Upgrades::look_at(Subject subject, api::UpgradeOrder order, std::string id,
                                            std::shared_ptr<Run> run) {
    struct Looked {
        Bytes image;
        profile::ImageInfo info;
    };
    auto work = [path = image_path(order.image), profile = subject.profile, model = subject.model]() -> Result<Looked> {
        auto image = read_image(path);
        if (!image) return image.error();
        auto info = profile::check_image(*profile->upgrade, *image, model);
        if (!info) return about_image(info.error());
        return Looked{std::move(*image), std::move(*info)};
    };
    auto looked = co_await api::run_on(worker_, service_, std::move(work));
    if (!looked) co_return fail(Errc::unavailable, say<phrases::busy_requests>());
    if (!*looked) co_return looked->error();
    const std::string& version = (**looked).info.version;
    if (version == subject.firmware) co_return fail(Errc::denied, say<phrases::firmware_runs_already>(id, version));
    const auto support = profile::firmware_support(subject.profile->firmware, subject.model, version);
    if (support.verdict == profile::FirmwareVerdict::unsupported && !order.is_unsupported_taken) co_return support.text;
    const auto before = records_.find(id);
    const bool is_same = before != records_.end() && before->second.image == order.image;
    if (is_same && before->second.state.phase != UpgradePhase::installing) run->order->resume = before->second.state;
    UpgradeRecord record;
    record.state.model = subject.model;
    record.state.from = subject.firmware;
    record.state.to = version;
    record.state.text = "control lets go of the device";
    record.image = order.image;
    record.size = (**looked).image.size();
    record.username = run->by.username;
    record.address = run->by.address;
    record.is_under_way = true;
    records_[id] = std::move(record);
    run->order->image = std::move((**looked).image);
    wire(id, *run);
    co_return std::string();
}

Task<Status> Upgrades::cancel(std::string id, api::By by) {
    const auto found = runs_.find(id);
    if (found == runs_.end() && has_failed(id)) co_return co_await dismiss(std::move(id), std::move(by));
    if (found == runs_.end()) co_return fail(Errc::denied, say<phrases::firmware_none_under_way>(id));
    if (records_[id].state.phase == UpgradePhase::installing)
        co_return fail(Errc::denied, say<phrases::firmware_installing>(id));
    field_loop_.post([order = found->second->order] { order->is_cancelled = true; });
    co_return co_await note(fmt::format("firmware upgrade of device {}: cancel", id), "", std::move(by));
}

// It stays written down, as one that somebody gave up.
Task<Status> Upgrades::dismiss(std::string id, api::By by) {
    records_[id].state.phase = UpgradePhase::cancelled;
    tell(id);
    if (const Status written = co_await write_records(); !written) co_return written;
    co_return co_await note(fmt::format("firmware upgrade of device {}: given up", id), "", std::move(by));
}

bool Upgrades::has_failed(const std::string& id) const {
    const auto known = records_.find(id);
    if (known == records_.end() || known->second.is_under_way) return false;
    return known->second.state.phase == UpgradePhase::failed || known->second.state.phase == UpgradePhase::interrupted;
}

// An upgrade may take hours, and nobody sits before it.
void Upgrades::tell(const std::string& id) {
    const std::string text = has_failed(id) ? records_[id].state.text : "";
    field_loop_.post([this, id, is_there = has_failed(id), text] {
        if (!is_there || field_.facts(id) != nullptr)
            field_.faults().set(is_there, model::FaultKind::upgrade_failed, id, text);
    });
}

// ---- what happens ----

// The hooks are called on the field loop.
void Upgrades::wire(const std::string& id, Run& run) {
    run.order->release = [this, id] { return let_go(field_, id); };
    run.order->keep = [this, id](UpgradeState state) {
        if (state.phase == UpgradePhase::installing) field_.expect_absence(id, longest_restart);
        std::function<Task<Status>()> work = [this, id, state] { return keep(id, state); };
        return on_loop<Status>(field_loop_, service_, "upgrade record", std::move(work));
    };
    run.order->changed = [this, id](const UpgradeState& state) {
        service_.post([this, id, state] { told(id, state); });
    };
}

Task<void> Upgrades::drive(std::string id, std::shared_ptr<Run> run) {
    std::function<Task<UpgradeState>()> work = [this, id, order = run->order] {
        if (order->resume.phase == UpgradePhase::installing) field_.expect_absence(id, longest_restart);
        return bring(field_, field_loop_, id, order);
    };
    UpgradeState end = co_await on_loop<UpgradeState>(service_, field_loop_, "firmware of " + id, std::move(work));
    co_await conclude(std::move(id), std::move(run), std::move(end));
}

Task<void> Upgrades::conclude(std::string id, std::shared_ptr<Run> run, UpgradeState end) {
    UpgradeRecord& record = records_[id];
    // What was refused before the device was asked knows less than the order.
    if (end.to.empty()) end.to = record.state.to;
    if (end.from.empty()) end.from = record.state.from;
    record.state = std::move(end);
    record.is_under_way = false;
    const std::string word(to_string(record.state.phase)), text = record.state.text;
    log(word == "done" ? Level::info : Level::warning, "device " + id,
        fmt::format("firmware upgrade {}: {}", word, text));
    runs_.erase(id);
    tell(id);
    if (const Status written = co_await write_records(); !written) log(Level::error, "upgrades", written.error().text);
    const Status noted = co_await note(fmt::format("firmware upgrade of device {} {}", id, word), text, run->by);
    if (!noted) log(Level::error, "upgrades", noted.error().text);
}

Task<Status> Upgrades::keep(std::string id, UpgradeState state) {
    UpgradeRecord& record = records_[id];
    if (state.text.empty()) state.text = record.state.text;
    record.state = std::move(state);
    co_return co_await write_records();
}

void Upgrades::told(const std::string& id, const UpgradeState& state) {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return;
    Run& run = *found->second;
    UpgradeRecord& record = records_[id];
    if (state.phase != record.state.phase || run.pace.empty())
        log(Level::info, "device " + id, "firmware upgrade " + state.text);
    record.state = state;
    const Instant now = service_.now();
    if (!run.pace.empty() && run.pace.back().second > state.sent) run.pace.clear();
    run.pace.emplace_back(now, state.sent);
    while (run.pace.size() > 2 && now - run.pace[1].first > pace_over) run.pace.pop_front();
    if (now - run.written < write_down_every) return;
    run.written = now;
    service_.spawn("upgrade record", [](Upgrades& upgrades) -> Task<void> {
        if (const Status written = co_await upgrades.write_records(); !written)
            log(Level::warning, "upgrades", written.error().text);
    }(*this));
}

api::UpgradeView Upgrades::view(const std::string& id) const {
    const auto known = records_.find(id);
    if (known == records_.end()) return {};
    api::UpgradeView view = view_of(known->second);
    const auto found = runs_.find(id);
    if (found == runs_.end() || view.state != api::UpgradeState::transferring || found->second->pace.size() < 2)
        return view;
    const auto& pace = found->second->pace;
    const double over_s = to_seconds(service_.now() - pace.front().first);
    const double records = pace.back().second - pace.front().second;
    const auto& record = known->second;
    if (over_s < 2 || records < 1 || record.state.total == 0) return view;
    view.bytes_per_s = records / over_s * static_cast<double>(record.size) / record.state.total;
    view.remaining_s = static_cast<int>(std::ceil((record.state.total - record.state.sent) / (records / over_s)));
    return view;
}

Task<Status> Upgrades::write_records() {
    auto work = [path = records_path(), text = to_text(records_)] { return write_whole_file(path, text, 0600); };
    auto written = co_await api::run_on(worker_, service_, std::move(work));
    if (!written) co_return fail(Errc::unavailable, say<phrases::busy_requests>());
    co_return *written;
}

Task<Status> Upgrades::note(std::string what, std::string text, api::By by) {
    while (!note_) co_await service_.sleep_for(1s);  // the audit log may come late
    co_return co_await note_(std::move(what), std::move(text), std::move(by));
}

}  // namespace busbar::gateway
