#pragma once
// Files of the web interface inside the program, and the answer that serves them: checked against the browser's copy by
// ETag, compressed as the browser likes, hashed names kept for ever, page addresses of the interface led to index.html.
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "net/http.hpp"

namespace busbar::net {

struct Asset {
    std::string_view path;  // "/assets/index-Bx3f.js"
    std::string_view content_type;
    std::string_view etag;       // quoted
    bool is_immutable = false;   // its name contains its hash
    ByteView raw, gzip, brotli;  // the last two may be empty
};

// The built web interface; empty when the program was built without it.
std::span<const Asset> web_assets();

// GET and HEAD only (405 otherwise). A path without a dot in its last part that names no file is a page of the
// interface: index.html. Without any assets the page says how to build them. Other paths: 404.
Response serve_asset(const Request& request, std::span<const Asset> assets);

}  // namespace busbar::net
