#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "domain/display.h"
#include "domain/message.h"

namespace countersign::domain {

/// An e-mail with a code, as text and as HTML. Both say the same, from one set of sentences for each language.
struct CodeMail {
  std::string subject;
  SecretString text;
  SecretString html;
};

/// The service, the code in a line of its own, everything that it approves (title, amount, payee and every line of the
/// display, what a line replaces included), its validity, and the warning not to share it. No link: whoever gets used
/// to links in such mails follows those of others, too. [SMS-1, SMS-4; RTS 5(1)(a)]
///
/// The HTML has no pictures and no style sheet from elsewhere, and is readable in the dark.
[[nodiscard]] CodeMail code_mail(const Display& display, std::string_view code, const MessageParts& parts);

}  // namespace countersign::domain
