#include "usecase/passkey/asked_lately.h"

#include <algorithm>

namespace countersign::usecase {

const KnownPasskey* AskedPasskeys::find(std::string_view credential_id) const {
  const auto found = std::ranges::find_if(
      passkeys, [&](const KnownPasskey& known) { return known.record.credential_id == credential_id; });
  return found == passkeys.end() ? nullptr : &*found;
}

std::size_t bytes_of(const store::PasskeyRecord& record) {
  std::size_t bytes = sizeof record;
  for (const auto* part : {&record.rp_id, &record.credential_id, &record.public_key, &record.aaguid,
                           &record.attestation_format, &record.attestation_type})
    bytes += part->size();
  for (const auto& transport : record.transports) bytes += sizeof transport + transport.size();
  return bytes;
}

std::size_t bytes_of(const AskedPasskeys& asked) {
  std::size_t bytes = sizeof asked + asked.binding_hash.size();
  // The ceremonies are there twice, sealed and read.
  if (asked.ceremonies_sealed) bytes += 2 * asked.ceremonies_sealed->size();
  for (const auto& one : asked.passkeys)
    bytes += sizeof one + bytes_of(one.record) + (one.material_sealed ? one.material_sealed->size() : 0);
  return bytes;
}

}  // namespace countersign::usecase
