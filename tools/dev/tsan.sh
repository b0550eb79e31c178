# The thread sanitizer over everything that uses more than one thread: the loops, the history writer on the pool, the
# web server, and the whole gateway while devices, packs and multiplexer clients come and go; it dies at the first
# race. The targets are the build preset "tsan" of CMakePresets.json. Sourced by ./dev.

run_tsan() {
  setup
  web_build
  configure tsan
  say "building tsan"
  cmake --build --preset tsan
  ctest --preset tsan --test-dir build/tsan -j "$(jobs_count)"
}
