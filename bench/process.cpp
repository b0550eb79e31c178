#include "process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace busbar::bench {
namespace {
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& text) {
    fmt::print(stderr, "bench: {}\n", text);
    std::exit(1);
}
}  // namespace

Process::Process(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    begun_ = Clock::now();
    id_ = ::fork();
    if (id_ < 0) give_up("no new process");
    if (id_ == 0) {
        // Ours may run at real-time priority; what we measure shall not inherit that.
        const sched_param normal{.sched_priority = 0};
        (void)::sched_setscheduler(0, SCHED_OTHER, &normal);
        (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it ends with us, also where we give up
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
}

Process::~Process() {
    ::kill(id_, SIGTERM);
    int status = 0;
    const auto end = Clock::now() + std::chrono::seconds(15);
    while (::waitpid(id_, &status, WNOHANG) == 0) {
        if (Clock::now() > end) ::kill(id_, SIGKILL);
        (void)read_more(0.02);  // it must not wait for us to take what it says
    }
    ::close(output_);
}

bool Process::read_more(double seconds) {
    pollfd p{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, static_cast<int>(seconds * 1000)) <= 0) return false;
    char buffer[4096];
    const ssize_t n = ::read(output_, buffer, sizeof buffer);
    if (n <= 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return false;
    }
    said_.append(buffer, static_cast<std::size_t>(n));
    return true;
}

std::string Process::wait_for(const std::string& words, double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (Clock::now() < end) {
        for (std::size_t eol; (eol = said_.find('\n', heard_)) != std::string::npos;) {
            const std::string line = said_.substr(heard_, eol - heard_);
            heard_ = eol + 1;
            if (const auto at = line.find(words); at != std::string::npos) return line.substr(at + words.size());
        }
        (void)read_more(0.1);
    }
    give_up(fmt::format("no line with '{}' within {} s, but:\n{}", words, seconds, said_));
}

double Process::age_ms() const { return std::chrono::duration<double, std::milli>(Clock::now() - begun_).count(); }

// The scheduler's own account, in ns: the times in /proc/ID/stat count in ticks, and most of a quiet process's turns
// are shorter than one.
double Process::cpu_s() const {
    double ns = 0;
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", id_))) {
        std::ifstream file(task.path() / "schedstat");
        double run = 0;
        if (file >> run) ns += run;
    }
    return ns * 1e-9;
}

namespace {
struct Pages {
    double resident = 0, of_files = 0;
};
Pages pages_mb(pid_t id) {
    std::ifstream file(fmt::format("/proc/{}/statm", id));
    double total = 0, resident = 0, of_files = 0;
    file >> total >> resident >> of_files;
    const double page_mb = static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
    return {resident * page_mb, of_files * page_mb};
}
}  // namespace

double Process::resident_mb() const { return pages_mb(id_).resident; }
double Process::private_mb() const {
    const Pages pages = pages_mb(id_);
    return pages.resident - pages.of_files;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "busbar-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    if (!file.flush()) give_up(path + ": cannot be written");
}

}  // namespace busbar::bench
