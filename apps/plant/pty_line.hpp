#pragma once
// A serial line for programs that expect a serial port: a pty whose slave side a gateway opens by the path of a
// symbolic link. The plant keeps the slave side open itself, so that a gateway may come and go.
//
// A pty carries bytes at any speed; a wire does not. What is sent while the port is set to another baud rate than the
// line's is noise to its devices and does not arrive. Parity is not seen: a pty has none.
#include <memory>
#include <string>

#include "descriptor_link.hpp"

namespace busbar::plant_app {

class PtyLine {
public:
    // Creates the pair and the symbolic link (an old link there is replaced, anything else is not). Errors:
    // unavailable.
    static Result<std::unique_ptr<PtyLine>> open(RealLoop& loop, const std::string& link_path, std::uint32_t baud);
    ~PtyLine();  // removes the symbolic link
    PtyLine(const PtyLine&) = delete;
    PtyLine& operator=(const PtyLine&) = delete;

    bus::Link& link();
    const std::string& path() const { return path_; }

private:
    class Wire;
    PtyLine();
    std::string path_;
    std::unique_ptr<Wire> wire_;
    int slave_ = -1;
};

}  // namespace busbar::plant_app
