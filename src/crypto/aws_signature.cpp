#include "crypto/aws_signature.h"

#include "base/encoding.h"
#include "crypto/digest.h"

namespace countersign::crypto {

namespace {

/// `20150830T123600Z`
std::string stamp_of(WallTime now) {
  std::string stamp;
  for (const char c : to_rfc3339(std::chrono::floor<std::chrono::seconds>(now))) {
    if (c == '.') break;
    if (c != '-' && c != ':' && c != 'Z') stamp += c;
  }
  return stamp + 'Z';
}

}  // namespace

AwsHeaders aws_headers(const AwsRequest& request, std::string_view key_id, const SecretString& secret, WallTime now) {
  constexpr std::string_view kSigned = "content-type;host;x-amz-date";
  const std::string stamp = stamp_of(now);
  const std::string day = stamp.substr(0, 8);
  const std::string scope =
      day + '/' + std::string(request.region) + '/' + std::string(request.service) + "/aws4_request";
  const std::string canonical = "POST\n/\n\ncontent-type:" + std::string(request.content_type) +
                                "\nhost:" + std::string(request.host) + "\nx-amz-date:" + stamp + "\n\n" +
                                std::string(kSigned) + '\n' + to_hex(sha256(request.body));
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + stamp + '\n' + scope + '\n' + to_hex(sha256(canonical));
  std::string key = "AWS4" + secret.expose();
  for (const std::string_view part :
       {std::string_view(day), request.region, request.service, std::string_view("aws4_request")}) {
    std::string next = hmac_sha256(key, part);
    wipe(key.data(), key.size());
    key = std::move(next);
  }
  const std::string signature = to_hex(hmac_sha256(key, to_sign));
  wipe(key.data(), key.size());
  return {stamp, "AWS4-HMAC-SHA256 Credential=" + std::string(key_id) + '/' + scope +
                     ", SignedHeaders=" + std::string(kSigned) + ", Signature=" + signature};
}

}  // namespace countersign::crypto
