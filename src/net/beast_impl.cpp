// The one translation unit that holds Beast's own code (separate compilation, like base/asio_impl.cpp for Asio).
#include <boost/beast/src.hpp>
