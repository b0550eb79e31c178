#pragma once
// The gateway's own answer to "read device identification" (function 43, type 14). Pure. Source: MODBUS Application
// Protocol V1.1b3, 6.21.
#include <optional>
#include <string>

#include "wire/modbus_pdu.hpp"

namespace busbar::northbound {

struct Identity {
    std::string vendor = "Busbar", product = "busbar-gateway", version;  // at most 64 characters each are told
};

// nullopt when `request` is no such question; else the answer, or the exception to a malformed one.
std::optional<wire::Pdu> identity_answer(ByteView request, const Identity& identity);

}  // namespace busbar::northbound
