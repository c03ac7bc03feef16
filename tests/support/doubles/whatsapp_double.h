#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "support/doubles/http_server.h"

namespace countersign::testing {

/// Simulates `POST /{version}/{phone number id}/messages` of Meta's WhatsApp Cloud API for authentication templates, as
/// Meta documents it: developers.facebook.com/documentation/business-messaging/whatsapp, "Authentication templates"
/// (the body of a send, code twice), "Error codes", and "Webhooks reference": "statuses", "text". Checks each request
/// strictly.
class WhatsappDouble {
 public:
  WhatsappDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  static constexpr std::string_view kPhoneNumberId = "106540352242922";
  static constexpr std::string_view kToken = "EAAJB-a-token-of-a-system-user";
  static constexpr std::string_view kTemplate = "otp_code";

  /// Sets the answer to the next well-formed request. Several queue up.
  void answer_next(ServerReply reply);
  /// Languages in which the template is approved; all others get error 132001.
  void approve_only(std::vector<std::string> languages);

  /// The bodies of the accepted messages.
  [[nodiscard]] std::vector<json::object> messages() const;
  /// Requests that violate Meta's documentation.
  [[nodiscard]] std::vector<std::string> violations() const;

  /// The body of Meta's error answer with that code.
  [[nodiscard]] static ServerReply error(int status, int code);
  /// The webhook's body for one status of a message; `more` adds to or replaces members of the status.
  [[nodiscard]] static json::object status(const json::object& message, std::string_view wamid, std::string_view word,
                                           const json::object& more = {});
  [[nodiscard]] static std::string webhook(const json::array& statuses);
  /// A text that somebody types; `from` in digits. The webhook's body for such messages to the number.
  [[nodiscard]] static json::object text(std::string_view from, std::string_view body, WallTime sent);
  [[nodiscard]] static std::string written(const json::array& messages,
                                           std::string_view phone_number_id = kPhoneNumberId);

 private:
  ServerReply handle(const ServerRequest& request);
  ServerReply create(const json::object& message);

  mutable std::mutex mutex_;
  std::deque<ServerReply> next_;
  std::vector<std::string> approved_;
  std::vector<std::string> violations_;
  std::vector<json::object> messages_;
  HttpServer server_;  // Last: its threads use the other members.
};

}  // namespace countersign::testing
