#pragma once

#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Why there was no answer, in the words of the ports.
[[nodiscard]] ProviderError provider_error_of(const HttpError& error);

/// An answer outside 2xx, by its status alone. 408, 425, 429 and 5xx can be tried again, except 501 and 505; nothing
/// else can. 500, 502 and 504 do not say whether the request was carried out, and leave that in doubt.
[[nodiscard]] ProviderError provider_error_of(const HttpAnswer& answer, WallTime now);

/// A 2xx whose body is not what the provider's documentation says. The request was probably carried out.
[[nodiscard]] ProviderError unreadable_answer(const HttpAnswer& answer);

}  // namespace countersign::delivery
