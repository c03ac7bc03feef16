#pragma once

#include <string>

namespace countersign::contact {

/// Appends the UTF-8 form of a code point, at most U+10FFFF.
void append_utf8(std::string& out, char32_t c);

}  // namespace countersign::contact
