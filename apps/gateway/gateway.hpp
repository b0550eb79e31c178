#pragma once
// The whole gateway: field loop on a thread of its own, service loop on the calling thread, history on its thread.
// Starts what control needs first; history, certificate and web server follow. main.cpp calls run().
#include <memory>

#include "options.hpp"

namespace busbar::gateway {

class Gateway {
public:
    explicit Gateway(Options options);
    ~Gateway();

    // Errors, each with the remedy and before any device is touched: a data folder that cannot be made or that another
    // gateway uses. A broken site file, profile, device or history, a full disk and a taken port are none of those:
    // control runs, an alarm says what is missing, and it is tried again until it can be had.
    Status start();
    // Serves until SIGTERM or SIGINT, then hands setpoints back, ends connections and commits the history.
    void run();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace busbar::gateway
