#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// Reads an address that webhooks are to go to: an absolute URI of RFC 3986, in ASCII, with a host that can exist,
/// without credentials and fragment, at most 2048 bytes. https; http as well where `plain_http` allows it. Where
/// `addresses` is kPublicOnly, no literal address that is not a public one, and not `localhost`; what a name stands for
/// is looked at when it is called.
///
/// Internationalised names are to be written as `xn--…`: what a name in Unicode stands for differs between versions of
/// the standard, and a hook must go where its owner means it to.
///
/// Answers a spelling that two ways to write one address share, for comparing; what is wrong, as a sentence, otherwise.
[[nodiscard]] Result<std::string, std::string> read_webhook_url(std::string_view text, AddressPolicy addresses,
                                                                PlainHttp plain_http);

}  // namespace countersign::delivery
