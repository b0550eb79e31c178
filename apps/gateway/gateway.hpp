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

    // Errors: what makes running impossible (data folder in use, port taken), with the remedy. A broken site file,
    // profile, device or history is none of those.
    Status start();
    // Serves until SIGTERM or SIGINT, then hands setpoints back, ends connections and commits the history.
    void run();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace busbar::gateway
