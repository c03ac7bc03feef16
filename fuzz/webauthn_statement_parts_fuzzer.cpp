// Links: cs_webauthn
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "webauthn/aaguid.h"
#include "webauthn/android_key_description.h"
#include "webauthn/certificate.h"
#include "webauthn/der.h"
#include "webauthn/tpm_structures.h"

namespace {

using namespace countersign;
using namespace countersign::webauthn;

void read_as_certificate(std::string_view input) {
  const auto certificate = Certificate::parse(input);
  if (!certificate) return;
  (void)certificate->subject("2.5.4.3");
  (void)certificate->extension("1.2.840.113635.100.8.2");
  for (const Algorithm algorithm : {Algorithm::kEs256, Algorithm::kRs256, Algorithm::kEdDsa}) {
    (void)certificate->key_for(algorithm).has_value();
  }
}

}  // namespace

// What stands inside attestation statements, each read by its own reader: the fuzzer of whole attestation objects would
// hardly reach these.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_as_certificate(input);
  (void)der::is_strict(input);
  (void)read_android_key_description(input).has_value();
  (void)tpm::read_public_area(input).has_value();
  (void)tpm::read_certify(input).has_value();
  (void)aaguid_from_text(input).has_value();
  return 0;
}
