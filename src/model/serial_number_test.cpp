#include "model/serial_number.hpp"

#include <doctest/doctest.h>

using busbar::model::names_one_device;

TEST_CASE("a number that nobody has set names no device") {
    for (const char* unset :
         {"", "0", "7", "0000000000", "FFFF", "XXXXXXXX", "----", "12345678", "0123456789", "123456789012"})
        CHECK_MESSAGE(!names_one_device(unset), unset);
    for (const char* own : {"SN4711", "HV2140012345", "10", "0000000001", "87654321", "12345679", "SIM-roof"})
        CHECK_MESSAGE(names_one_device(own), own);
}
