# Modbus devices that misbehave in every way, at length: no value may come to a wrong register. The suite makes a few
# thousand requests (src/bus/adversary/adversary_test.cpp), this as many as wanted, on virtual time. Sourced by ./dev.

run_adversary() { # [REQUESTS] [SEED]
  local requests=${1:-1000000}
  [[ $requests =~ ^[1-9][0-9]*$ ]] || die "adversary: '$requests' is not a number of requests; use ./dev adversary [REQUESTS] [SEED]"
  install_packages "${packages[@]}"
  build_cpp release modbus_adversary
  build/release/tests/adversary/modbus_adversary "$requests" ${2:+"$2"}
}
