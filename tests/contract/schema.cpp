#include "contract/schema.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace busbar::test {
namespace json = boost::json;

namespace {
const std::set<std::string> keywords{"type",        "properties", "required", "items",
                                     "prefixItems", "minItems",   "maxItems", "enum",
                                     "const",       "oneOf",      "allOf",    "additionalProperties",
                                     "description", "minimum",    "maximum",  "minLength",
                                     "maxLength",   "pattern",    "default",  "$ref"};

bool has_type(const std::string& type, const json::value& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    return type == "number" && value.is_number();
}

json::value scalar(const YAML::Node& node) {
    if (node.Tag() == "!") return json::value(node.as<std::string>());
    bool b{};
    double d{};
    if (YAML::convert<bool>::decode(node, b)) return b;
    if (YAML::convert<double>::decode(node, d)) return d;
    return json::value(node.as<std::string>());
}
}  // namespace

std::vector<OpenApi::Operation> OpenApi::operations() const {
    std::vector<Operation> out;
    for (const auto& path : root_["paths"])
        for (const auto& method : path.second) {
            std::string name = method.first.as<std::string>();
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
            out.push_back({name, path.first.as<std::string>(), method.second["operationId"].as<std::string>(),
                           method.second["x-access"].as<std::string>(), method.second});
        }
    return out;
}

YAML::Node OpenApi::resolve(YAML::Node node) const {
    while (node.IsMap() && node["$ref"]) {
        std::string ref = node["$ref"].as<std::string>().substr(2);
        YAML::Node at = root_;
        while (!ref.empty()) {
            const auto slash = ref.find('/');
            const YAML::Node below = at[ref.substr(0, slash)];
            if (!below) throw std::runtime_error("openapi.yaml: dangling reference to " + ref);
            at.reset(below);
            ref = slash == std::string::npos ? "" : ref.substr(slash + 1);
        }
        node.reset(at);
    }
    return node;
}

// allOf of objects: their properties and requirements together.
YAML::Node OpenApi::merged(const YAML::Node& schema) const {
    if (!schema["allOf"]) return schema;
    YAML::Node out;
    out["type"] = "object";
    for (const auto& part : schema["allOf"]) {
        const YAML::Node resolved = resolve(part);
        for (const auto& property : resolved["properties"])
            out["properties"][property.first.as<std::string>()] = property.second;
        for (const auto& name : resolved["required"]) out["required"].push_back(name);
    }
    return out;
}

std::string OpenApi::check_type(const YAML::Node& schema, const json::value& value, const std::string& place) const {
    const YAML::Node type = schema["type"];
    if (!type) return "";
    std::vector<std::string> types;
    if (type.IsSequence())
        types = type.as<std::vector<std::string>>();
    else
        types.push_back(type.as<std::string>());
    const bool fits = std::any_of(types.begin(), types.end(), [&](const std::string& t) { return has_type(t, value); });
    return fits ? "" : place + ": type is not " + types.front() + ": " + json::serialize(value).substr(0, 80);
}

std::string OpenApi::check_object(const YAML::Node& schema, const json::object& object,
                                  const std::string& place) const {
    for (const auto& name : schema["required"])
        if (!object.contains(name.as<std::string>())) return place + ": missing " + name.as<std::string>();
    for (const auto& member : object) {
        const std::string name(member.key());
        YAML::Node below = schema["properties"] ? schema["properties"][name] : YAML::Node();
        if (!below || below.IsNull())
            below.reset(schema["additionalProperties"] ? schema["additionalProperties"] : YAML::Node());
        if (!below || below.IsNull()) return place + ": undocumented property " + name;
        if (auto problem = check(below, member.value(), place + "." + name); !problem.empty()) return problem;
    }
    return "";
}

std::string OpenApi::check_array(const YAML::Node& schema, const json::array& array, const std::string& place) const {
    if (schema["minItems"] && array.size() < schema["minItems"].as<std::size_t>()) return place + ": too few items";
    if (schema["maxItems"] && array.size() > schema["maxItems"].as<std::size_t>()) return place + ": too many items";
    for (std::size_t i = 0; i < array.size(); ++i) {
        YAML::Node item =
            schema["prefixItems"] && i < schema["prefixItems"].size() ? schema["prefixItems"][i] : schema["items"];
        if (!item) return place + ": undocumented item";
        if (auto problem = check(item, array[i], place + "[" + std::to_string(i) + "]"); !problem.empty())
            return problem;
    }
    return "";
}

std::string OpenApi::check(YAML::Node unresolved, const json::value& value, const std::string& place) const {
    const YAML::Node schema = merged(resolve(unresolved));
    for (const auto& entry : schema)
        if (!keywords.contains(entry.first.as<std::string>()))
            return place + ": keyword the checker does not know: " + entry.first.as<std::string>();
    if (schema["oneOf"]) {
        int fits = 0;
        std::string first;
        for (const auto& choice : schema["oneOf"]) {
            const auto problem = check(choice, value, place);
            fits += problem.empty();
            if (first.empty()) first = problem;
        }
        return fits == 1 ? "" : place + ": fits " + std::to_string(fits) + " of the choices; " + first;
    }
    if (schema["const"])
        return scalar(schema["const"]) == value ? "" : place + ": not " + schema["const"].as<std::string>();
    if (auto problem = check_type(schema, value, place); !problem.empty()) return problem;
    if (schema["enum"]) {
        bool found = false;
        for (const auto& word : schema["enum"])
            found = found || (value.is_string() && value.get_string() == word.as<std::string>());
        if (!found) return place + ": not in the list: " + json::serialize(value);
    }
    if (value.is_number()) {
        const double number = value.to_number<double>();
        if (schema["minimum"] && number < schema["minimum"].as<double>()) return place + ": below minimum";
        if (schema["maximum"] && number > schema["maximum"].as<double>()) return place + ": above maximum";
    }
    if (value.is_string() && schema["pattern"] &&
        !std::regex_search(std::string(value.get_string()), std::regex(schema["pattern"].as<std::string>())))
        return place + ": does not match its pattern";
    if (value.is_object()) return check_object(schema, value.get_object(), place);
    if (value.is_array()) return check_array(schema, value.get_array(), place);
    return "";
}

std::string OpenApi::check(const std::string& name, const json::value& value) const {
    return check(root_["components"]["schemas"][name], value, name);
}

std::string OpenApi::check_answer(const Operation& operation, int status, const std::string& content_type,
                                  const std::string& body) const {
    const YAML::Node described = operation.node["responses"][std::to_string(status)];
    if (!described)
        return operation.id + ": status " + std::to_string(status) + " is not described; body " + body.substr(0, 200);
    const YAML::Node response = resolve(described);
    if (!response["content"]) return body.empty() ? "" : operation.id + ": a body where none is described";
    const std::string type = content_type.substr(0, content_type.find(';'));
    const YAML::Node content = response["content"][type];
    if (!content) return operation.id + ": content type " + content_type + " is not described";
    if (type != "application/json") return "";
    json::error_code error;
    const auto value = json::parse(body, error);
    if (error) return operation.id + ": not JSON: " + body.substr(0, 200);
    return check(content["schema"], value, operation.id);
}

}  // namespace busbar::test
