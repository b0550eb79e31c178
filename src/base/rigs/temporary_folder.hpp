#pragma once
// A folder for the files of one test, gone with it. For tests, in memory where the machine has such a place: they ask
// what is kept, not how fast a disk is.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/assert.hpp"

namespace busbar {

class TemporaryFolder {
public:
    // Below `parent`; without one, in memory.
    explicit TemporaryFolder(const std::string& parent = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") {
        path = parent + "/busbar-test-XXXXXX";
        BUSBAR_ASSERT(::mkdtemp(path.data()) != nullptr);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string path;
};

}  // namespace busbar
