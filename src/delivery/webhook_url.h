#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// Parses a webhook URL: an absolute URI of RFC 3986, in ASCII, with a possible host, without credentials and fragment,
/// at most 2048 bytes. https; also http if `plain_http` allows it. If `addresses` is kPublicOnly, it rejects literal
/// addresses that are not public, and `localhost`; the addresses of a name are checked at each call.
///
/// Internationalised names must be written as `xn--…`: the meaning of a Unicode name differs between versions of the
/// standard, and a hook must go where its owner intends.
///
/// Returns a normalised spelling for comparison, or a sentence about the error.
[[nodiscard]] Result<std::string, std::string> read_webhook_url(std::string_view text, AddressPolicy addresses,
                                                                PlainHttp plain_http);

}  // namespace countersign::delivery
