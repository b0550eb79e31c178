#pragma once
// Ctrl-C as a wish to end well: what runs on the gateway is ended there, what was received is kept.

namespace busbar::ctl {

void catch_interrupt();  // from here on Ctrl-C no longer ends the program by itself
bool interrupted();
// False: interrupted meanwhile.
bool wait_ms(int ms);

}  // namespace busbar::ctl
