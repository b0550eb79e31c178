#include "net/asset.hpp"

#include <algorithm>

namespace busbar::net {
namespace {
constexpr std::string_view bare_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Busbar</title><h1>Busbar gateway</h1>"
    "<p>The gateway runs, but this build contains no web interface. Build it with <code>./dev web</code> and build the "
    "gateway again. The API answers under <code>/api/v1</code>; <a href=\"/api/v1/openapi.yaml\">its description</a> "
    "and "
    "<code>busbarctl</code> are ready.</p></html>";

Response plain(int status, std::string_view text) {
    Response response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}};
    response.body = text;
    return response;
}

// Whether Accept-Encoding lists the coding with a weight other than 0.
bool accepts(std::string_view list, std::string_view coding) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        auto item = list.substr(0, comma);
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        const auto semicolon = item.find(';');
        auto name = item.substr(0, semicolon);
        name = name.substr(0, name.find_last_not_of(" \t") + 1);
        if (name == coding) {
            const auto weight = semicolon == std::string_view::npos ? std::string_view{} : item.substr(semicolon);
            return weight.find("q=0") == std::string_view::npos ||
                   weight.find_first_of("123456789") != std::string_view::npos;
        }
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

const Asset* find(std::string_view path, std::span<const Asset> assets) {
    const auto named = [&](std::string_view name) -> const Asset* {
        const auto found = std::find_if(assets.begin(), assets.end(), [&](const Asset& a) { return a.path == name; });
        return found == assets.end() ? nullptr : &*found;
    };
    if (const Asset* asset = named(path)) return asset;
    const auto last = path.substr(path.rfind('/') + 1);
    return last.find('.') == std::string_view::npos ? named("/index.html") : nullptr;
}

Response answer(const Request& request, const Asset& asset) {
    Response response;
    response.headers = {{"ETag", std::string(asset.etag)},
                        {"Cache-Control", asset.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                        {"Vary", "Accept-Encoding"}};
    if (request.header("if-none-match").find(asset.etag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.headers.emplace_back("Content-Type", std::string(asset.content_type));
    const auto encodings = request.header("accept-encoding");
    response.fixed_body = asset.raw;
    if (!asset.brotli.empty() && accepts(encodings, "br")) {
        response.fixed_body = asset.brotli;
        response.headers.emplace_back("Content-Encoding", "br");
    } else if (!asset.gzip.empty() && accepts(encodings, "gzip")) {
        response.fixed_body = asset.gzip;
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
    return response;
}
}  // namespace

Response serve_asset(const Request& request, std::span<const Asset> assets) {
    if (request.method != Method::get && request.method != Method::head) {
        auto response = plain(405, "only GET and HEAD\n");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    if (const Asset* asset = find(request.path, assets)) return answer(request, *asset);
    if (!assets.empty() || request.path != "/") return plain(404, "no such page\n");
    auto response = plain(200, bare_page);
    response.headers[0].second = "text/html; charset=utf-8";
    return response;
}

}  // namespace busbar::net
