#pragma once

#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Converts the reason for a missing answer.
[[nodiscard]] ProviderError provider_error_of(const HttpError& error);

/// Converts an answer outside 2xx by its status. 408, 425, 429 and 5xx are retryable, except 501 and 505; nothing else
/// is. 500, 502 and 504 leave it open whether the request was carried out.
[[nodiscard]] ProviderError provider_error_of(const HttpAnswer& answer, WallTime now);

/// A 2xx whose body does not match the provider's documentation. The request was probably carried out.
[[nodiscard]] ProviderError unreadable_answer(const HttpAnswer& answer);

/// The error for a message without a code, by a provider whose template is for codes alone.
[[nodiscard]] ProviderError only_codes();

}  // namespace countersign::delivery
