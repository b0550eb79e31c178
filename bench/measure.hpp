#pragma once
// What every bench program needs: CPU time of a thread, medians, and the line ./dev bench reads.
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace busbar::bench {

// User and system time of the calling thread so far.
inline double thread_cpu_us() {
    rusage u{};
    ::getrusage(RUSAGE_THREAD, &u);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(u.ru_utime) + us(u.ru_stime);
}

// How often the calling thread went to sleep so far.
inline double thread_sleeps() {
    rusage u{};
    ::getrusage(RUSAGE_THREAD, &u);
    return static_cast<double>(u.ru_nvcsw);
}

inline void pin_to(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    (void)::sched_setaffinity(0, sizeof set, &set);
}

// Real-time priority where we may; measurements on a busy machine are worth little without.
inline bool run_first() {
    const sched_param p{.sched_priority = 10};
    return ::sched_setscheduler(0, SCHED_FIFO, &p) == 0;
}

inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Measure {
    std::string measure;
    double ours = 0;
    std::optional<double> peer{};
    std::optional<double> ratio{};
    double goal = 0;
    std::string unit;
    std::string peer_name{};
    bool higher_is_better = false;
    bool goal_is_ratio = false;
};

inline void print(const Measure& m) {
    const auto number = [](const std::optional<double>& v) { return v ? fmt::format("{:.6g}", *v) : "null"; };
    fmt::print(
        "{{\"measure\": \"{}\", \"ours\": {:.6g}, \"peer\": {}, \"ratio\": {}, \"goal\": {:.6g}, \"unit\": \"{}\", "
        "\"peer_name\": \"{}\", \"better\": \"{}\", \"goal_of\": \"{}\"}}\n",
        m.measure, m.ours, number(m.peer), number(m.ratio), m.goal, m.unit, m.peer_name,
        m.higher_is_better ? "higher" : "lower", m.goal_is_ratio ? "ratio" : "ours");
    std::fflush(stdout);
}

}  // namespace busbar::bench
