# Builds release and measures. Each bench/bench_* program interleaves ours and its peer in one run and prints JSON lines;
# tools/dev/bench.py makes the table and keeps it. Sourced by ./dev.

run_bench() { # [FILTER]
  setup
  web_build
  build_cpp release
  python3 tools/dev/bench.py "$@"
}
