#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "usecase/verification/send.h"

namespace countersign::usecase::verify_api {

/// The language of a message: the requested one if there is a text in it, else that of the number's country, else
/// English. `requested` is a tag such as `pt-BR`, in any case.
[[nodiscard]] std::string message_locale(std::string_view requested, std::string_view to);

struct TextRequest {
  contact::Channel channel = contact::Channel::kSms;
  std::string locale;
  std::string friendly_name;
  bool do_not_share = false;  ///< Adds a warning to SMS.
  std::string amount;         ///< With `payee`: what the code confirms. Otherwise empty.
  std::string payee;
  std::string app_hash;  ///< Hash of the Android app that reads the message.
  std::optional<std::string>
      template_text;  ///< With `{{code}}`, `{{friendly_name}}`, `{{ttl}}` and the application's variables.
  json::object substitutions;
};

/// For any input: one line, no links, one code, and at most two segments in a text message. Long parts are shortened or
/// dropped, the code never.
[[nodiscard]] CodeText code_text(const TextRequest& request, const SecretString& code, int minutes);

/// A valid message text of at most 160 characters with `{{code}}` exactly once.
[[nodiscard]] bool is_template(std::string_view text);
/// Each value is printable text of at most 100 characters.
[[nodiscard]] bool are_substitutions(const json::object& substitutions);
/// Printable text of at most 30 characters, without digits that could be mistaken for a code.
[[nodiscard]] bool is_sender_name(std::string_view name);

/// The first variable of the template that has no value.
[[nodiscard]] std::optional<std::string> missing_substitution(std::string_view template_text,
                                                              const json::object& substitutions);

/// The texts of the default template, by language, with the same variables as any template.
[[nodiscard]] json::object default_translations();

}  // namespace countersign::usecase::verify_api
