#pragma once
// Holds JSON against the schemas of openapi.yaml: the part of JSON Schema that file uses, and nothing silently ignored
// (an unknown keyword fails the test). Stricter than the standard in one point: a property that the schema does not
// name is an error, so that nothing undocumented leaves the server.
#include <yaml-cpp/yaml.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace busbar::test {

class OpenApi {
public:
    explicit OpenApi(const std::string& path) : root_(YAML::LoadFile(path)) {}

    struct Operation {
        std::string method, path, id, access;
        YAML::Node node;
    };
    std::vector<Operation> operations() const;

    // "" when the answer is described: status, content type and body. Else what does not fit, with its place.
    std::string check_answer(const Operation& operation, int status, const std::string& content_type,
                             const std::string& body) const;
    // The same for one value against components/schemas/<name>.
    std::string check(const std::string& schema_name, const boost::json::value& value) const;

private:
    YAML::Node resolve(YAML::Node node) const;
    std::string check(YAML::Node schema, const boost::json::value& value, const std::string& place) const;
    std::string check_object(const YAML::Node& schema, const boost::json::object& object,
                             const std::string& place) const;
    std::string check_array(const YAML::Node& schema, const boost::json::array& array, const std::string& place) const;
    std::string check_type(const YAML::Node& schema, const boost::json::value& value, const std::string& place) const;
    YAML::Node merged(const YAML::Node& schema) const;

    YAML::Node root_;
};

}  // namespace busbar::test
