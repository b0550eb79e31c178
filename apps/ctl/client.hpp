#pragma once
// The gateway's HTTPS API as busbarctl uses it: one blocking request at a time over libcurl. Knows addresses,
// certificates and the session token; knows nothing of what the answers mean.
//
// Trust: the gateway makes its own certificate at first start, so no public authority can vouch for it. `login` shows
// its fingerprint, which the gateway printed too, and stores its public key; every later call insists on that key.
#include <boost/json/value.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace busbar::ctl {

class Connection;  // kept open from one request to the next

struct Session {
    std::string url;         // "https://192.168.8.10:8443"
    std::string user;        // who signed in
    std::string token;       // empty before login
    std::string pinned_key;  // "sha256//..." of the gateway's public key; empty = not known yet
    std::shared_ptr<Connection> connection = open_connection();

private:
    static std::shared_ptr<Connection> open_connection();  // connects with the first request
};

// Where `login` keeps the session: $BUSBAR_SESSION, else ~/.config/busbar/session.json. The file is readable by its
// owner only.
std::string session_path();
Result<Session> load_session(const std::string& path);
Status save_session(const std::string& path, const Session& session);

struct Response {
    int status = 0;
    std::string body;
    std::string server_key;   // of the certificate met, "sha256//..."
    std::string fingerprint;  // of the same, "AB:CD:..." as the gateway prints it
    std::string token;        // of the session cookie, if the answer set one
};

// Errors: unavailable (no connection, with the address), denied (another key than the pinned one), malformed (no JSON).
Result<Response> request(const Session& session, const std::string& method, const std::string& path,
                         const std::string& body = {});

// What an answer of 4xx/5xx says, with its remedy and how long to wait; denied for 401, 403 and 429, else refused.
Error answer_error(int status, const std::string& body);

// GET and parse. An answer of 4xx/5xx becomes the error the gateway wrote, with its remedy.
Result<boost::json::value> get_json(const Session& session, const std::string& path);
Result<boost::json::value> send_json(const Session& session, const std::string& method, const std::string& path,
                                     const boost::json::value& body);
Result<boost::json::value> delete_json(const Session& session, const std::string& path);  // null: no content
Result<std::string> get_text(const Session& session, const std::string& path);            // what is no JSON

// GET whose body goes straight to standard output, for exports of any size.
Status stream_to_stdout(const Session& session, const std::string& path);

std::string url_escape(std::string_view text);

}  // namespace busbar::ctl
