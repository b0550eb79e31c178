#pragma once
// The verbs that open and end the session: `setup`, `login`, `logout`. They decide whom to trust: the certificate met
// at the first login is kept, shown to be compared with what the gateway printed, and no other is taken afterwards.
#include "commands.hpp"

namespace busbar::ctl {

// Makes the first account with the one-time code (setup) or signs in (login), and keeps the session. Errors: denied
// (wrong password, another certificate than before), unavailable (no gateway there), malformed (words missing).
Status sign_in(const Arguments& arguments);
Status sign_out();

// "192.168.8.10", "box.local:8443", "https://box.local" -> "https://192.168.8.10:8443" ...; empty when it is no
// address.
std::string gateway_url(std::string_view typed);

}  // namespace busbar::ctl
