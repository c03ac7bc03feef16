#include "html/markup_state.h"

#include "base/ascii.h"

namespace countersign::html {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_raw_element(std::string_view tag) { return tag == "script" || tag == "style"; }

}  // namespace

void MarkupState::feed(std::string_view text) {
  for (const char c : text) take(c);
}

void MarkupState::end_tag() {
  where_ = is_raw_element(tag_) ? Where::kRawText : Where::kContent;
  attribute_.clear();
}

void MarkupState::take(char c) {
  recent_ += to_lower(c);
  if (recent_.size() > 16) recent_.erase(0, 1);
  switch (where_) {
    case Where::kContent:
      if (c == '<') {
        where_ = Where::kTagName;
        tag_.clear();
      }
      break;
    case Where::kTagName:
      if (c == '>') {
        end_tag();
      } else if (is_blank(c)) {
        where_ = Where::kInTag;
      } else {
        tag_ += to_lower(c);
        if (tag_ == "!--") where_ = Where::kComment;
      }
      break;
    case Where::kComment:
      if (recent_.ends_with("-->")) where_ = Where::kContent;
      break;
    case Where::kRawText:
      if (recent_.ends_with("</" + tag_ + ">")) where_ = Where::kContent;
      break;
    case Where::kInTag:
      if (c == '>') {
        end_tag();
      } else if (!is_blank(c) && c != '/') {
        where_ = Where::kAttributeName;
        attribute_ = to_lower(c);
      }
      break;
    case Where::kAttributeName:
      if (c == '>')
        end_tag();
      else if (c == '=')
        where_ = Where::kAfterEquals;
      else if (is_blank(c))
        where_ = Where::kInTag;
      else
        attribute_ += to_lower(c);
      break;
    case Where::kAfterEquals:
      where_ = c == '"' ? Where::kValue : Where::kUnquoted;
      value_begun_ = false;
      break;
    case Where::kValue:
      if (c == '"')
        where_ = Where::kInTag;
      else
        value_begun_ = true;
      break;
    case Where::kUnquoted:  // Also a value in single quotes: the state never ends, so values stay forbidden.
      if (c == '>') end_tag();
      break;
  }
}

MarkupState::Place MarkupState::place() const {
  if (where_ == Where::kContent) return Place::kContent;
  if (where_ != Where::kValue) return Place::kForbidden;
  if (attribute_.starts_with("on") || attribute_ == "style" || attribute_ == "srcdoc" || attribute_ == "srcset")
    return Place::kForbidden;
  const bool is_link =
      attribute_ == "href" || attribute_ == "src" || attribute_ == "action" || attribute_ == "formaction";
  return is_link && !value_begun_ ? Place::kLinkStart : Place::kAttribute;
}

std::string MarkupState::fingerprint() const {
  std::string print = std::to_string(static_cast<int>(where_));
  if (where_ == Where::kContent) return print;
  if (where_ == Where::kInTag) return print + ' ' + tag_;
  return print + ' ' + tag_ + ' ' + attribute_;
}

}  // namespace countersign::html
