// Request bodies, read as every route reads them; and the writer's text must be JSON again whatever string went in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/json/json_writer.hpp"
#include "api/request/request_body.hpp"

using namespace busbar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto body = api::RequestBody::parse_text(text)) {
        const auto name = body->text("username", 32);
        if (name.size() > 32 * 4) std::abort();
        body->optional_text("password", 256);
        body->boolean("self_consumption.enabled");
        const double number = body->number("feed_in_limit.value", 0, 100);
        if (!(number >= 0 && number <= 100)) std::abort();
        if (body->one_of("feed_in_limit.mode", {"none", "zero", "watts", "percent"}) > 3) std::abort();
        if (const auto problem = body->problem(); problem && problem->text.empty()) std::abort();
    }
    api::JsonWriter json;
    json.begin_object().key("text").text(text).end_object();
    if (!api::RequestBody::parse_text(json.done())) std::abort();
    return 0;
}
