#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "usecase/send_code.h"

namespace countersign::usecase::verify {

/// The language of a message: the one asked for where there is a text in it, else that of the number's country, else
/// English. `requested` is a tag such as `pt-BR`, in any case.
[[nodiscard]] std::string message_locale(std::string_view requested, std::string_view to);

struct TextRequest {
  contact::Channel channel = contact::Channel::kSms;
  std::string locale;
  std::string friendly_name;
  bool do_not_share = false;  ///< SMS gets the warning.
  std::string amount;         ///< With `payee`: what the code confirms. Both are empty elsewhere.
  std::string payee;
  std::string app_hash;  ///< Of the Android app that reads the message.
  std::optional<std::string>
      template_text;  ///< With `{{code}}`, `{{friendly_name}}`, `{{ttl}}` and the application's own.
  json::object substitutions;
};

/// Whatever a caller filled in: one line, no links, one code, and of two segments at most where it is a text message.
/// What is too long gives way, the code never does.
[[nodiscard]] CodeText code_text(const TextRequest& request, const SecretString& code, int minutes);

/// At most 160 characters that a message can have as they stand, with `{{code}}` exactly once.
[[nodiscard]] bool is_template(std::string_view text);
/// Each value is a text of at most 100 characters that may be shown to people.
[[nodiscard]] bool are_substitutions(const json::object& substitutions);
/// At most 30 characters that may be shown to people, and no digits that could be taken for a code.
[[nodiscard]] bool is_sender_name(std::string_view name);

/// The first variable of the template that nobody gives a value to.
[[nodiscard]] std::optional<std::string> missing_substitution(std::string_view template_text,
                                                              const json::object& substitutions);

/// The texts of the default template, by language, with the same variables as any template.
[[nodiscard]] json::object default_translations();

}  // namespace countersign::usecase::verify
