# Runs the fuzz targets (fuzz/fuzz_*.cpp) on their corpus. New inputs that reach new code stay in build/fuzz-corpus/; a
# crash is left in build/fuzz-crashes/ and belongs, minimised and named, into fuzz/corpus/ and a unit case. Sourced by ./dev.

run_fuzz() { # [SECONDS] [TARGET]
  local seconds=${1:-60} only=${2:-} target name failed=0 ran=0
  [[ $seconds =~ ^[0-9]+$ ]] || die "fuzz: '$seconds' is not a number of seconds; use ./dev fuzz [SECONDS] [TARGET]"
  install_packages "${packages[@]}"
  local targets
  configure fuzz
  mapfile -t targets < <(ninja -C build/fuzz -t targets all | sed -n 's/^\(fuzz_[a-z0-9_]*\): phony$/\1/p')
  build_cpp fuzz "${targets[@]}"
  mkdir -p build/fuzz-crashes
  for target in build/fuzz/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    [ -z "$only" ] || [ "$only" = "$name" ] || [ "fuzz_$only" = "$name" ] || continue
    mkdir -p "build/fuzz-corpus/$name" "fuzz/corpus/${name#fuzz_}"
    say "$name for $seconds s"
    ran=$((ran + 1))
    "$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
      -artifact_prefix="build/fuzz-crashes/$name-" "build/fuzz-corpus/$name" "fuzz/corpus/${name#fuzz_}" \
      >"build/fuzz-crashes/$name.log" 2>&1 ||
      { failed=$((failed + 1)); tail -40 "build/fuzz-crashes/$name.log"; say "$name FAILED"; continue; }
    grep -E 'number_of_executed_units|average_exec_per_sec' "build/fuzz-crashes/$name.log"
  done
  [ "$ran" -gt 0 ] || die "fuzz: no target${only:+ named $only} in build/fuzz/fuzz/"
  say "$ran fuzz targets, $failed failed"
  [ "$failed" -eq 0 ]
}
