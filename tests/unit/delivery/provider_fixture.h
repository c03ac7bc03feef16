#pragma once

#include "delivery/ports.h"
#include "delivery/providers/twilio_account.h"
#include "support/doubles/twilio_wire.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery::testing {

/// The account that a double accepts.
inline TwilioAccount account_at(const countersign::testing::HttpServer& server,
                                const countersign::testing::TwilioCredentialsOnWire& credentials) {
  TwilioAccount account;
  account.account_sid = credentials.account_sid;
  account.user = credentials.user;
  account.password = SecretString(credentials.password);
  account.base_url = server.url();
  account.plain_http = PlainHttp::kAllowed;
  account.timeout = kPatience;
  return account;
}

inline OutgoingMessage message_to(std::string to, Channel channel, WallTime expires_at) {
  countersign::testing::SeededRandom random;
  Moment moment{expires_at - 10min, random};
  OutgoingMessage message{.id = MessageId::make(moment),
                          .channel = channel,
                          .to = std::move(to),
                          .subject = "",
                          .body = "Acme: 482913 authorises 39,99 € to Zoë & Co.",
                          .code = SecretString("482913"),
                          .locale = "pt-BR",
                          .expires_at = expires_at,
                          .status_callback_url = ""};
  return message;
}

/// Every way a provider's server can fail that is not in its documentation, and what follows for us.
struct BadAnswer {
  const char* name;
  countersign::testing::ServerReply reply;
  Fault fault;
  bool maybe_sent;
};

inline std::vector<BadAnswer> bad_answers() {
  using countersign::testing::ServerReply;
  using How = ServerReply::How;
  const countersign::testing::Headers html = {{"Content-Type", "text/html"}};
  return {
      {"dropped", {.how = How::kDrop}, Fault::kUnavailable, true},
      {"no HTTP", {.body = "garbage\n", .how = How::kRaw}, Fault::kUnavailable, true},
      {"cut short",
       {.body = "HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{\"sid\":", .how = How::kRaw},
       Fault::kUnavailable,
       true},
      {"a proxy's page", {502, html, "<html>Bad gateway</html>"}, Fault::kUnavailable, true},
      {"a captive portal", {200, html, "<html>Please log in</html>"}, Fault::kUnavailable, true},
      {"a wrong path", {404, html, "<html>Not found</html>"}, Fault::kMisconfigured, false},
      {"a redirect", {301, {{"Location", "https://www.example.com/"}}, ""}, Fault::kMisconfigured, false},
      {"a huge body", {201, {}, std::string(200'000, 'x')}, Fault::kUnavailable, true},
      {"an empty body", {201, {}, ""}, Fault::kUnavailable, true},
      {"an array", {201, {}, "[]"}, Fault::kUnavailable, true},
      {"an empty object", {201, {}, "{}"}, Fault::kUnavailable, true},
      {"a SID of another type", {201, {}, R"({"sid":17,"status":"pending","valid":false})"}, Fault::kUnavailable, true},
      {"doubled names",
       {201, {}, R"({"sid":"VE1","sid":"VE2","status":"approved","valid":true})"},
       Fault::kUnavailable,
       true},
      {"an error code as text", {400, {}, R"({"code":"60203","message":"x","status":400})"}, Fault::kRejected, false},
      {"an unknown error code", {400, {}, R"({"code":69999,"message":"x","status":400})"}, Fault::kRejected, false},
      {"an absurd error code", {400, {}, R"({"code":9007199254740991})"}, Fault::kRejected, false},
  };
}

}  // namespace countersign::delivery::testing
