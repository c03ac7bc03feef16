#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/time.h"

namespace countersign::crypto {

/// A POST to `https://host/` without a query, as AWS signs it.
struct AwsRequest {
  std::string_view region;   ///< `us-east-1`
  std::string_view service;  ///< `sns`
  std::string_view host;     ///< As in the Host header.
  std::string_view content_type;
  std::string_view body;
};

struct AwsHeaders {
  std::string date;           ///< `X-Amz-Date`
  std::string authorization;  ///< `Authorization`
};

/// The headers of AWS Signature Version 4. They are valid for a few minutes around `now`.
[[nodiscard]] AwsHeaders aws_headers(const AwsRequest& request, std::string_view key_id, const SecretString& secret,
                                     WallTime now);

}  // namespace countersign::crypto
