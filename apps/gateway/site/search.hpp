#pragma once
// The search for devices as the API starts, watches and ends it: orders in the API's words become one for discovery/ on
// the field loop, its states become views on the service loop.
#include <memory>

#include "api/commissioning.hpp"
#include "base/real_loop.hpp"
#include "discovery/discovery.hpp"
#include "discovery/network/socket_lan.hpp"
#include "field/field.hpp"

namespace busbar::gateway {

class Search {
public:
    // Made before the field loop runs.
    Search(RealLoop& service, RealLoop& field_loop, Field& field);

    // Service loop. `known`: all there is. Errors as Discovery::start().
    Task<Status> start(api::ScanOrder order, discovery::Catalogue known);
    void cancel();
    api::ScanView view() const { return *view_; }

private:
    void publish();                                                         // field loop
    Status begin(const api::ScanOrder& order, discovery::Catalogue known);  // field loop

    RealLoop &service_, &field_loop_;
    Field& field_;
    discovery::SocketLan lan_;
    discovery::Discovery discovery_;
    std::shared_ptr<const api::ScanView> view_ = std::make_shared<api::ScanView>();
};

api::ScanView scan_view(const discovery::ScanState& state);

}  // namespace busbar::gateway
