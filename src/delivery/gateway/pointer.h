#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace countersign::delivery {

/// A JSON pointer (RFC 6901) in which the segment `*` stands for every element of an array. In an XML answer only its
/// last segment counts: the name of an element.
class Pointer {
 public:
  /// Empty, or `/…`; nullopt for anything else, and for a broken `~` escape.
  [[nodiscard]] static std::optional<Pointer> parse(std::string_view text);

  /// Every text, number or boolean there, as text; without a `*` at most one.
  [[nodiscard]] std::vector<std::string> texts_in(const json::value& document) const;
  /// The values there: the elements of an array behind `*`.
  [[nodiscard]] std::vector<const json::value*> values_in(const json::value& document) const;
  /// The content of every element of that name without elements inside, at most 16, as it stands there. Not an XML
  /// parser: comments and CDATA are not looked at, and what is unclosed or long is not found.
  [[nodiscard]] std::vector<std::string> texts_in_xml(std::string_view document) const;

 private:
  std::vector<std::string> segments_;
};

/// The JSON text that a gateway wrote; nullopt if it is none, or ambiguous (base/json.h). An integer of more digits
/// than JSON's readers keep, as many ids of messages are, is read as the text of its digits.
[[nodiscard]] std::optional<json::value> read_gateway_json(std::string_view text);

/// A number or boolean as JSON has it, a text as it is; nullopt for the others.
[[nodiscard]] std::optional<std::string> scalar_text(const json::value& value);

}  // namespace countersign::delivery
