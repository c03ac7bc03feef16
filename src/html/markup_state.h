#pragma once

#include <string>
#include <string_view>

namespace countersign::html {

/// A minimal HTML parser for templates, which finds out in which context a value appears. Supports what our templates
/// use; forbids values in anything else.
class MarkupState {
 public:
  enum class Place {
    kContent,    ///< Element content: text and Html are allowed.
    kAttribute,  ///< Inside the double quotes of an attribute.
    kLinkStart,  ///< The same, at the start of href, src, action or formaction.
    kForbidden,  ///< Anywhere else.
  };

  /// The next text of the template.
  void feed(std::string_view text);
  /// A value appears here: what follows is no longer the start of an attribute.
  void feed_value() {
    if (where_ == Where::kValue) value_begun_ = true;
  }

  /// A section ended: it completes an attribute without a value (`{{#on}} checked{{/on}}`).
  void end_attribute_name() {
    if (where_ == Where::kAttributeName) where_ = Where::kInTag;
  }

  [[nodiscard]] Place place() const;
  /// Equal fingerprints mean that a value has the same meaning at both places.
  [[nodiscard]] std::string fingerprint() const;

 private:
  enum class Where { kContent, kComment, kTagName, kInTag, kAttributeName, kAfterEquals, kValue, kUnquoted, kRawText };
  void take(char c);
  void end_tag();

  Where where_ = Where::kContent;
  std::string tag_;        ///< Of the tag being read, or of the raw text.
  std::string attribute_;  ///< In lower case.
  bool value_begun_ = false;
  std::string recent_;  ///< The last few bytes, to detect the ends of comments and raw texts.
};

}  // namespace countersign::html
