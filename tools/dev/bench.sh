# Builds release and measures. Each bench/bench_* program interleaves ours and its peer in one run and prints JSON lines;
# tools/dev/bench.py makes the table and keeps it. Sourced by ./dev.

# The peer that Debian does not have. Without it the programs measure ours alone and say so.
bench_peers() {
  [ -f build/peers/node_modules/node-red/red.js ] && return 0
  say "fetching Node-RED into build/peers"
  mkdir -p build/peers
  npm install --prefix build/peers --ignore-scripts --no-audit --no-fund --loglevel=error node-red@4.1 ||
    say "Node-RED could not be fetched: its column stays empty"
}

run_bench() { # [FILTER]
  setup
  web_build
  bench_peers
  build_cpp release
  python3 tools/dev/bench.py "$@"
}
