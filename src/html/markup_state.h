#pragma once

#include <string>
#include <string_view>

namespace countersign::html {

/// Follows the text of a template as an HTML parser would, just far enough to know what a value that stands there would
/// become. Knows what our templates use; anything odd makes it say no.
class MarkupState {
 public:
  enum class Place {
    kContent,    ///< Element content: text and Html may stand here.
    kAttribute,  ///< Inside the double quotes of an attribute.
    kLinkStart,  ///< The same, at the very beginning of href, src, action or formaction.
    kForbidden,  ///< Anywhere else.
  };

  /// What comes next in the template.
  void feed(std::string_view text);
  /// A value stands here: whatever follows is no longer the beginning of an attribute.
  void feed_value() {
    if (where_ == Where::kValue) value_begun_ = true;
  }

  /// A section ended: an attribute without a value that it ended with (`{{#on}} checked{{/on}}`) is whole.
  void end_attribute_name() {
    if (where_ == Where::kAttributeName) where_ = Where::kInTag;
  }

  [[nodiscard]] Place place() const;
  /// Equal texts mean that a value would mean the same at both places.
  [[nodiscard]] std::string fingerprint() const;

 private:
  enum class Where { kContent, kComment, kTagName, kInTag, kAttributeName, kAfterEquals, kValue, kUnquoted, kRawText };
  void take(char c);
  void end_tag();

  Where where_ = Where::kContent;
  std::string tag_;        ///< Of the element whose tag is being read, or whose raw text this is.
  std::string attribute_;  ///< In lower case.
  bool value_begun_ = false;
  std::string recent_;  ///< The last few bytes, to see the ends of comments and raw texts.
};

}  // namespace countersign::html
