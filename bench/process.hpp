#pragma once
// A program under measurement: started, listened to, looked at in /proc, ended by its id.
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace busbar::bench {

class Process {
public:
    // Its output and errors come to us. Ends this program when it cannot be started.
    explicit Process(const std::vector<std::string>& command);
    ~Process();  // asks it to end, and makes it after 15 s
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // What follows these words in the next line that has them. Ends this program with what it said when none comes.
    std::string wait_for(const std::string& words, double seconds = 30);
    // From before fork() until now.
    double age_ms() const;
    double cpu_s() const;
    double resident_mb() const;  // 10^6 bytes
    double private_mb() const;   // of these, what is in no file: heap, stacks, data
    pid_t id() const { return id_; }

private:
    bool read_more(double seconds);

    std::chrono::steady_clock::time_point begun_;
    pid_t id_ = -1;
    int output_ = -1;
    std::string said_;
    std::size_t heard_ = 0;  // of said_, by wait_for()
};

// A folder that goes with its owner.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void write_file(const std::string& path, const std::string& text);

}  // namespace busbar::bench
