# The reference pages of devices, docs/reference/devices, written anew from profiles/. Sourced by ./dev.

run_pages() {
  build dev profile_test
  say "writing docs/reference/devices"
  BUSBAR_WRITE_PAGES=1 ./build/dev/src/profile/profile_test -tc="the device pages*"
}
