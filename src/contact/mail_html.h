#pragma once

#include <string>
#include <string_view>

namespace countersign::contact {

/// The HTML document of an e-mail: without pictures, style sheets or anything else from outside, readable in the dark.
/// `title` is plain text, `body` is HTML already.
[[nodiscard]] std::string mail_document(std::string_view locale, std::string_view title, std::string_view body);

/// A plain text as such a document: each line that is not empty is a paragraph.
[[nodiscard]] std::string mail_document_of_text(std::string_view locale, std::string_view title, std::string_view text);

}  // namespace countersign::contact
