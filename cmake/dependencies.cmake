# Debian packages only; nothing is downloaded. Reasons: docs/reference/dependencies.md.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)

# One set of Asio macros for the whole program: a unit built with another set is an ODR violation that crashes at start.
add_library(busbar_asio INTERFACE)
target_compile_definitions(busbar_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_DATE_TIME)
target_link_libraries(busbar_asio INTERFACE Boost::headers Threads::Threads)

add_library(busbar_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp)
target_link_libraries(busbar_test_main PUBLIC busbar_options)
