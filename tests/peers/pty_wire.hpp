#pragma once
// A serial cable without hardware: two pseudo terminals joined by a thread. Both ends are opened by path like ports.
#include <atomic>
#include <string>
#include <thread>

namespace busbar::tests {

class PtyWire {
public:
    PtyWire();
    ~PtyWire();
    const std::string& end_a() const { return paths_[0]; }
    const std::string& end_b() const { return paths_[1]; }

private:
    void carry();
    int masters_[2] = {-1, -1};
    int held_[2] = {-1, -1};  // a pty whose only user closes would hang up
    std::string paths_[2];
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

}  // namespace busbar::tests
