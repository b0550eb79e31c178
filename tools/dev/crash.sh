# kill -9 while the history logs, many times: nothing acknowledged is lost, nothing is there twice. The test prints its seed;
# the same seed gives the same moments, though not the same scheduling. Sourced by ./dev.

run_crash() { # [CYCLES] [SEED]
  local cycles=${1:-300}
  [[ $cycles =~ ^[1-9][0-9]*$ ]] || die "crash: '$cycles' is not a number of kills; use ./dev crash [CYCLES] [SEED]"
  install_packages "${packages[@]}"
  build_cpp release history_crash_test history_crash_writer
  build/release/tests/crash/history_crash_test build/release/tests/crash/history_crash_writer "$cycles" ${2:+"$2"}
}
