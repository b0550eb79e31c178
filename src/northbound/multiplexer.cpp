#include "northbound/multiplexer.hpp"

#include <algorithm>

#include "northbound/effect.hpp"

namespace busbar::northbound {
namespace {

using namespace std::chrono_literals;
using wire::ExceptionCode;
using wire::Function;

constexpr std::size_t most_jobs = 64, most_waiters = 64;  // per bus, per job
// Waiting for its turn longer than that a read is of no use, and a write is not expected any more.
constexpr Duration read_patience = 5s, write_patience = 2s;

std::vector<std::uint16_t> words_of(const wire::Request& request) {
    if (request.function == Function::write_register) return {request.value};
    std::vector<std::uint16_t> words(request.count);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = request.data_word(i);
    return words;
}

}  // namespace

struct Multiplexer::Lane {
    explicit Lane(std::shared_ptr<bus::ModbusBus> of) : bus(std::move(of)) {}
    std::shared_ptr<bus::ModbusBus> bus;
    FairQueue<std::shared_ptr<Job>> queue{most_jobs};
    std::shared_ptr<Job> current;
    Event work;
    bool is_closed = false;
};

Multiplexer::Multiplexer(Loop& loop, const config::ModbusServerConfig& config, Identity identity, Hooks hooks)
    : loop_(loop), config_(config), rights_(config), identity_(std::move(identity)), hooks_(std::move(hooks)) {
    for (std::size_t i = 0; i < config_.devices.size(); ++i)
        devices_.push_back(std::make_unique<SharedDevice>(loop_, config_.cache));
}

Multiplexer::~Multiplexer() = default;

// ---- what is where ----

void Multiplexer::attach(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit,
                         DeviceRules rules) {
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        if (config_.devices[i].id != id) continue;
        devices_[i]->attach(bus, unit, std::move(rules));
        lane_of(bus);
        close_idle_lanes();
        return;
    }
}

void Multiplexer::detach(const model::DeviceId& id) {
    for (std::size_t i = 0; i < devices_.size(); ++i)
        if (config_.devices[i].id == id) devices_[i]->detach();
    close_idle_lanes();
}

void Multiplexer::detach_all() {
    for (const auto& device : devices_) device->detach();
    close_idle_lanes();
}

Multiplexer::Lane& Multiplexer::lane_of(const std::shared_ptr<bus::ModbusBus>& bus) {
    for (const auto& lane : lanes_)
        if (lane->bus == bus) return *lane;
    lanes_.push_back(std::make_shared<Lane>(bus));
    loop_.spawn("shared bus " + bus->name(), run(shared_from_this(), lanes_.back()));
    return *lanes_.back();
}

// Of buses on which no shared device is any more; what waits there is answered.
void Multiplexer::close_idle_lanes() {
    std::erase_if(lanes_, [this](const std::shared_ptr<Lane>& lane) {
        const bool is_used = std::any_of(devices_.begin(), devices_.end(),
                                         [&](const auto& device) { return device->bus() == lane->bus.get(); });
        if (is_used) return false;
        lane->is_closed = true;
        while (const auto job = lane->queue.take()) answer_all(**job, Refused(ExceptionCode::gateway_path_unavailable));
        lane->work.set();
        return true;
    });
    count_waiting();
}

void Multiplexer::read_done(const bus::ModbusBus& bus, std::uint8_t unit, const bus::RegisterBlock& block,
                            const bus::Registers& answer, Instant asked) {
    for (const auto& device : devices_)
        if (device->is_at(&bus, unit)) device->observe_read(block, answer, asked);
}

void Multiplexer::write_done(const bus::ModbusBus& bus, std::uint8_t unit, std::uint16_t address, std::size_t count) {
    for (const auto& device : devices_)
        if (device->is_at(&bus, unit)) device->observe_write(address, count);
}

// Behind a TCP endpoint a unit that is nobody's may be any of its devices: many do not look at the unit.
void Multiplexer::raw_done(const bus::ModbusBus& bus, std::uint8_t unit) {
    const auto is_there = [&](const auto& device) { return device->is_at(&bus, unit); };
    const auto link = bus.link_settings();
    const bool is_exact = std::any_of(devices_.begin(), devices_.end(), is_there) ||
                          (link && std::holds_alternative<bus::SerialSettings>(*link));
    for (const auto& device : devices_)
        if (is_exact ? is_there(device) : device->bus() == &bus) device->observe_raw();
}

// ---- requests ----

void Multiplexer::ask(const Caller& caller, std::uint8_t unit, ByteView pdu, Answer answer) {
    if (pdu.empty()) return;
    ++counters_.requests;
    ClientFigures& figures = figures_of(caller);
    ++figures.requests;
    figures.last_seen = loop_.now();
    const bool is_to_gateway = unit == 0 || unit == 0xFF;
    if (const auto own = is_to_gateway ? identity_answer(pdu, identity_) : std::nullopt) return answer(*own);
    const auto refuse_with = [&](ExceptionCode code) {
        ++counters_.refused;
        ++figures.refused;
        answer(wire::encode_exception(pdu[0], code));
    };
    const auto device = rights_.device_of(caller.client, unit);
    if (!device) return refuse_with(ExceptionCode::gateway_path_unavailable);
    const wire::DecodedRequest request = wire::decode_request(pdu);
    if (!request) return refuse_with(request.error());
    switch (request->function) {
        case Function::read_holding:
        case Function::read_input:
            return ask_read(caller, *device, *request, std::move(answer));
        case Function::write_register:
        case Function::write_registers:
            return ask_write(caller, *device, *request, std::move(answer));
        default:
            return refuse_with(ExceptionCode::illegal_function);
    }
}

void Multiplexer::ask_read(const Caller& caller, std::size_t device, const wire::Request& request, Answer answer) {
    SharedDevice& shared = *devices_[device];
    const auto table = request.function == Function::read_input ? bus::Table::input : bus::Table::holding;
    const bus::RegisterBlock block{table, request.address, request.count};
    Waiter waiter{caller, request.function, std::move(answer)};
    if (!shared.is_attached()) return refuse(waiter, ExceptionCode::gateway_path_unavailable);
    if (const Reads plan = plan_read(shared.rules(), block); !plan) return refuse(waiter, plan.error());
    if (const auto kept = shared.cached(block)) {
        ++counters_.from_cache;
        ++figures_of(caller).from_cache;
        return give(waiter, kept->words, kept->read);
    }
    const auto is_same = [&](const std::shared_ptr<Job>& job) {
        return !job->is_write() && job->device == device && job->block == block && job->waiters.size() < most_waiters;
    };
    Lane& lane = *find_lane(device);
    std::shared_ptr<Job>* same = lane.queue.find_if(is_same);
    if (same == nullptr && lane.current && is_same(lane.current)) same = &lane.current;
    if (same != nullptr) {
        ++counters_.joined;
        return (*same)->waiters.push_back(std::move(waiter));
    }
    auto job = std::make_shared<Job>(Job{device, block, {}, {}, {}, loop_.now() + read_patience});
    job->waiters.push_back(std::move(waiter));
    enqueue(lane, std::move(job));
}

void Multiplexer::ask_write(const Caller& caller, std::size_t device, const wire::Request& request, Answer answer) {
    const std::uint16_t count = request.function == Function::write_register ? 1 : request.count;
    const bus::RegisterBlock block{bus::Table::holding, request.address, count};
    auto job = std::make_shared<Job>(Job{device, block, words_of(request), {}, {}, loop_.now() + write_patience});
    job->form = request.function == Function::write_register ? bus::WriteForm::single : bus::WriteForm::multiple;
    job->waiters.push_back({caller, request.function, std::move(answer)});
    if (const auto code = objection(caller, device, span_of(block))) return refuse_write(*job, *code);
    enqueue(*find_lane(device), std::move(job));
}

// Why this client may not write that, now.
std::optional<ExceptionCode> Multiplexer::objection(const Caller& caller, std::size_t device, const Span& span) const {
    if (!rights_.may_write_at_all(caller.client, device)) return ExceptionCode::illegal_function;
    if (!rights_.may_write(caller.client, device, span.first, span.last)) return ExceptionCode::illegal_data_address;
    const SharedDevice& shared = *devices_[device];
    if (!shared.is_attached()) return ExceptionCode::gateway_path_unavailable;
    if (cuts_value(shared.rules(), span)) return ExceptionCode::illegal_data_value;
    if (hooks_.is_set_aside && hooks_.is_set_aside(config_.devices[device].id)) return ExceptionCode::device_busy;
    if (meets_control(shared.rules(), writes(span)) && hooks_.is_held(config_.devices[device].id))
        return ExceptionCode::device_busy;
    return std::nullopt;
}

void Multiplexer::enqueue(Lane& lane, std::shared_ptr<Job> job) {
    if (lane.queue.push(job->waiters.front().caller.source, job)) {
        count_waiting();
        return lane.work.set();
    }
    if (job->is_write()) return refuse_write(*job, ExceptionCode::device_busy);
    answer_all(*job, Refused(ExceptionCode::device_busy));
}

void Multiplexer::count_waiting() {
    std::size_t waiting = 0;
    for (const auto& lane : lanes_) waiting += lane->queue.size();
    counters_.waiting = waiting;
}

Multiplexer::Lane* Multiplexer::find_lane(std::size_t device) const {
    for (const auto& lane : lanes_)
        if (lane->bus.get() == devices_[device]->bus()) return lane.get();
    return nullptr;
}

void Multiplexer::forget(std::uint64_t connection) {
    const auto leave = [&](Job& job) {
        std::erase_if(job.waiters, [&](const Waiter& waiter) { return waiter.caller.connection == connection; });
        return job.waiters.empty();
    };
    for (const auto& lane : lanes_) {
        lane->queue.remove_if([&](const std::shared_ptr<Job>& job) { return leave(*job); });
        if (lane->current) leave(*lane->current);
    }
    count_waiting();
}

// ---- one bus ----

// One job at a time, and after each as long a rest as it took: however hard clients ask, half of the bus stays for the
// gateway's own telemetry and for finding silent devices again. What control needs goes ahead of both anyway.
Task<void> Multiplexer::run(std::shared_ptr<Multiplexer>, std::shared_ptr<Lane> lane) {
    while (!lane->is_closed) {
        auto job = lane->queue.take();
        if (!job) {
            co_await loop_.wait(lane->work, Instant::max());
            continue;
        }
        lane->current = *job;
        count_waiting();
        const Instant begin = loop_.now();
        co_await serve(*lane, **job);
        lane->current.reset();
        const Instant end = loop_.now();
        co_await loop_.sleep_until(end + (end - begin));
    }
}

Task<void> Multiplexer::serve(Lane& lane, Job& job) {
    SharedDevice& shared = *devices_[job.device];
    const std::uint64_t asked_before = shared.bus_requests();
    if (shared.bus() != lane.bus.get())
        answer_all(job, Refused(ExceptionCode::gateway_path_unavailable));
    else if (job.is_write())
        co_await serve_write(job);
    else if (const auto kept = shared.cached(job.block))  // somebody read it meanwhile
        answer_all(job, kept->words, kept->read);
    else if (loop_.now() > job.expires)
        answer_all(job, Refused(ExceptionCode::device_busy));
    else
        co_await serve_read(job);
    counters_.bus_requests += shared.bus_requests() - asked_before;
}

Task<void> Multiplexer::serve_read(Job& job) {
    const Words words = co_await devices_[job.device]->read(job.block);
    answer_all(job, words, loop_.now());
}

// For the audit log. What nobody has read yet is not asked for: there may be nothing to read, and the client waits.
Task<std::optional<std::vector<std::uint16_t>>> Multiplexer::held_before(SharedDevice& shared,
                                                                         bus::RegisterBlock block) {
    if (const auto kept = shared.cached(block)) co_return kept->words;
    if (!shared.has_read(block)) co_return std::nullopt;
    const Words words = co_await shared.read(block);
    if (!words) co_return std::nullopt;
    co_return *words;
}

// A register of control's is written with the urgency of a setpoint: so it is on the bus before control can take the
// device meanwhile, and whatever control writes comes after it.
Task<void> Multiplexer::serve_write(Job& job) {
    const Waiter writer = job.waiters.front();
    SharedDevice& shared = *devices_[job.device];
    const Span span = span_of(job.block);
    auto code = objection(writer.caller, job.device, span);
    if (loop_.now() > job.expires) code = ExceptionCode::device_busy;
    std::optional<std::vector<std::uint16_t>> before;
    if (!code) {
        before = co_await held_before(shared, job.block);
        if (job.waiters.empty()) co_return;  // who is gone does not write any more
        code = objection(writer.caller, job.device, span);  // control may have taken the device meanwhile
    }
    if (code) {
        refuse_write(job, *code);
        co_return;
    }
    const bool is_controlled = meets_control(shared.rules(), writes(span));
    const auto urgency = is_controlled ? bus::Urgency::setpoint : bus::Urgency::telemetry;
    ++counters_.writes;
    ++figures_of(writer.caller).writes;
    const Done done = co_await shared.write(job.block.address, job.words, job.form, urgency);
    WriteReport report = report_of(job, writer.caller);
    report.before = std::move(before);
    if (!done) {
        const bool is_unknown = done.error().code == Refused(ExceptionCode::gateway_target_failed).code;
        report.outcome = is_unknown ? WriteReport::Outcome::unknown : WriteReport::Outcome::refused;
        report.exception = done.error().code;
        for (const Waiter& waiter : job.waiters) refuse(waiter, done.error());
        tell(report);
        co_return;
    }
    for (const Waiter& waiter : job.waiters) waiter.answer(write_answer(job, waiter.function));
    job.waiters.clear();
    const Words found = co_await shared.read(job.block);
    report.outcome = WriteReport::Outcome::written;
    if (found) report.read_back = *found;
    tell(report);
}

// ---- answers ----

wire::Pdu Multiplexer::write_answer(const Job& job, Function function) {
    wire::Request request;
    request.function = function;
    request.address = job.block.address;
    request.count = job.block.count;
    request.value = job.words.front();
    return wire::encode_write_answer(request);
}

void Multiplexer::answer_all(Job& job, const Words& words, Instant read) {
    const std::vector<Waiter> waiters = std::move(job.waiters);
    job.waiters.clear();
    for (const Waiter& waiter : waiters) {
        if (words)
            give(waiter, *words, read);
        else
            refuse(waiter, words.error());
    }
}

void Multiplexer::refuse(const Waiter& waiter, Refused why) {
    ++counters_.refused;
    ++figures_of(waiter.caller).refused;
    waiter.answer(
        wire::encode_exception(static_cast<std::uint8_t>(waiter.function), static_cast<ExceptionCode>(why.code)));
}

WriteReport Multiplexer::report_of(const Job& job, const Caller& caller) const {
    WriteReport report;
    report.device = config_.devices[job.device].id;
    report.address = caller.address;
    report.first = job.block.address;
    report.words = job.words;
    return report;
}

void Multiplexer::refuse_write(Job& job, Refused why) {
    const Waiter writer = job.waiters.front();
    WriteReport report = report_of(job, writer.caller);
    report.exception = why.code;
    refuse(writer, why);
    job.waiters.clear();
    tell(report);
}

void Multiplexer::give(const Waiter& waiter, const std::vector<std::uint16_t>& words, Instant read) {
    ClientFigures& figures = figures_of(waiter.caller);
    figures.age = loop_.now() - read;
    figures.age_max = std::max(figures.age_max, figures.age);
    waiter.answer(wire::encode_registers_answer(waiter.function, words));
}

ClientFigures& Multiplexer::figures_of(const Caller& caller) {
    if (const auto known = figures_.find(caller.address); known != figures_.end()) return known->second;
    if (figures_.size() >= most_clients)
        figures_.erase(std::min_element(figures_.begin(), figures_.end(), [](const auto& a, const auto& b) {
            return a.second.last_seen < b.second.last_seen;
        }));
    ClientFigures& made = figures_[caller.address];
    made.address = caller.address;
    made.last_seen = loop_.now();
    return made;
}

std::vector<ClientFigures> Multiplexer::clients() const {
    std::vector<ClientFigures> all;
    for (const auto& [address, figures] : figures_) all.push_back(figures);
    return all;
}

MultiplexerStatistics Multiplexer::statistics() const {
    return {.requests = counters_.requests,
            .from_cache = counters_.from_cache,
            .joined = counters_.joined,
            .bus_requests = counters_.bus_requests,
            .refused = counters_.refused,
            .writes = counters_.writes,
            .waiting = counters_.waiting};
}

}  // namespace busbar::northbound
