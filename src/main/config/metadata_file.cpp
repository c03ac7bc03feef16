#include "main/config/metadata_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "main/config/files.h"

namespace countersign::main {

namespace {

std::string_view sentence_about(webauthn::MetadataError error) {
  using enum webauthn::MetadataError;
  switch (error) {
    case kTooLarge:
      return "is larger than 32 MiB, which no metadata of FIDO is";
    case kMalformed:
    case kAlgorithm:
    case kNoChain:
      return "is no metadata of FIDO; download it from https://mds3.fidoalliance.org";
    case kUntrusted:
      return "does not lead to a certificate of metadata_root, or one on the way is out of date; download a new one";
    case kWrongHost:
      return "is signed for another host than that of FIDO's metadata";
    case kSignature:
      return "was changed: its signature is wrong; download it again";
    case kPayload:
      return "is signed, and is no metadata of FIDO of version 3";
    case kOlder:
      return "is older than the one in use";
  }
  CS_CHECK(false);
}

}  // namespace

MetadataFile::MetadataFile(std::filesystem::path path, webauthn::MetadataTrust trust)
    : path_(std::move(path)), trust_(std::move(trust)) {}

Result<Done, std::string> MetadataFile::read(WallTime now) {
  const auto bytes = read_public_file(path_, webauthn::kMetadataMax);
  if (!bytes) return fail(bytes.error());
  const auto before = current();
  auto next = webauthn::Metadata::read(*bytes, trust_, now, before ? before->number() : 0);
  if (!next) return fail(std::string(sentence_about(next.error())));
  const std::lock_guard lock(mutex_);
  current_ = std::make_shared<const webauthn::Metadata>(*std::move(next));
  read_at_ = now;
  return Done{};
}

std::shared_ptr<const webauthn::Metadata> MetadataFile::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

WallTime MetadataFile::read_at() const {
  const std::lock_guard lock(mutex_);
  return read_at_;
}

bool MetadataFile::is(const std::filesystem::path& path, const webauthn::MetadataTrust& trust) const {
  return path == path_ && std::ranges::equal(trust.anchors, trust_.anchors, {}, &webauthn::Certificate::der,
                                             &webauthn::Certificate::der);
}

bool MetadataFile::speaks_against(std::string_view aaguid, const webauthn::Certificate& leaf, WallTime now) const {
  const auto known = current();
  const auto* entry = known ? known->find(aaguid, leaf) : nullptr;
  return entry != nullptr && entry->standing(now) != webauthn::AuthenticatorStanding::kNothingAgainst;
}

bool MetadataFile::speaks_against(std::string_view aaguid, WallTime now) const {
  const auto known = current();
  const auto* entry = known ? known->find(aaguid) : nullptr;
  return entry != nullptr && entry->standing(now) != webauthn::AuthenticatorStanding::kNothingAgainst;
}

std::vector<webauthn::Certificate> MetadataFile::roots_of(std::string_view aaguid,
                                                          const webauthn::Certificate& leaf) const {
  const auto known = current();
  const auto* entry = known ? known->find(aaguid, leaf) : nullptr;
  return entry == nullptr ? std::vector<webauthn::Certificate>() : entry->roots;
}

}  // namespace countersign::main
