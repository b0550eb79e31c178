// The one translation unit that holds Asio's own code; every other one sees declarations (separate compilation).
#include <boost/asio/impl/src.hpp>
