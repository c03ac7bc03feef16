#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// What a gateway's template may name, as `{name}`. All are of one message.
enum class Variable : std::uint8_t {
  kTo,           ///< `{to}`: E.164.
  kDigits,       ///< `{digits}`: the same without `+`.
  kText,         ///< `{text}`: the whole message.
  kId,           ///< `{id}`: ours, the same in all attempts.
  kCallbackUrl,  ///< `{callback_url}`: where reports about this message are accepted.
  kTtlSeconds,   ///< `{ttl_seconds}`: how long the code lives from now; at least 1.
  kTtlMinutes,   ///< `{ttl_minutes}`: the same, rounded up.
  kTtlMs,        ///< `{ttl_ms}`
  kExpiresAt,    ///< `{expires_at}`: RFC 3339, UTC.
  kSender,       ///< `{sender}`: that of the number's country.
  kLocale,       ///< `{locale}`: such as `pt-BR`.
  kCountry,      ///< `{country}`: ISO 3166 code of the number; empty if it has none.
  kUser,         ///< `{user}`: of the configuration.
  kSecret,       ///< `{secret}`: of the secrets file.
};
using Variables = std::map<Variable, std::string>;

/// Text with variables: `{` NAME `}` for a known name; all other braces are literal.
class TextTemplate {
 public:
  /// nullopt, with the name in `unknown`, if a brace encloses a word of a-z and _ that is no variable.
  [[nodiscard]] static std::optional<TextTemplate> parse(std::string_view text, std::string* unknown = nullptr);

  /// Each value passes through `escape` first; the text around it does not.
  template <class Escape>
  [[nodiscard]] std::string filled(const Variables& variables, Escape escape) const {
    std::string out;
    for (const auto& [literal, variable] : parts_) {
      out += literal;
      if (const auto found = variable ? variables.find(*variable) : variables.end(); found != variables.end())
        out += escape(found->second);
    }
    return out;
  }
  [[nodiscard]] std::string filled(const Variables& variables) const;
  [[nodiscard]] bool has(Variable variable) const;
  /// The text before the first variable.
  [[nodiscard]] std::string_view head() const { return parts_.empty() ? std::string_view() : parts_.front().first; }

 private:
  std::vector<std::pair<std::string, std::optional<Variable>>> parts_;  ///< Literal text, then a variable.
};

/// How a request's body is made.
struct BodyTemplate {
  enum class Form : std::uint8_t { kNone, kForm, kJson };
  Form form = Form::kNone;
  std::vector<std::pair<std::string, TextTemplate>> fields;  ///< kForm.
  json::value document;  ///< kJson: variables stand in its texts; `"{number:ttl_seconds}"` becomes a number.
};

/// The body template of a JSON text; the error is a sentence's end: "is no JSON …".
[[nodiscard]] Result<BodyTemplate, std::string> parse_json_template(std::string_view text);

/// Whether the template names the variable anywhere.
[[nodiscard]] bool has_variable(const BodyTemplate& body, Variable variable);

/// The bytes to send. Values are escaped by how they are put in: as a value of a form, or as a text of a document that
/// is written as JSON afterwards.
[[nodiscard]] std::string filled_body(const BodyTemplate& body, const Variables& variables);

/// The URL: each variable is percent-encoded, so that it can end neither its segment nor the query.
[[nodiscard]] std::string filled_url(const TextTemplate& url,
                                     const std::vector<std::pair<std::string, TextTemplate>>& query,
                                     const Variables& variables);

/// A header's value: nullopt if a variable brought a control character along, which could begin another header.
[[nodiscard]] std::optional<std::string> filled_header(const TextTemplate& value, const Variables& variables);

}  // namespace countersign::delivery
