# A simulated house and the gateway that runs it. The runner is tools/demo/demo.py. Sourced by ./dev.

run_demo() { # [--seconds N] [--headless] [--report FILE]
  setup
  web_build
  build_cpp release busbar-gateway busbar-plant busbarctl
  exec python3 tools/demo/demo.py "$@"
}
