#include "webauthn/certificate.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <set>

#include "crypto/openssl.h"
#include "webauthn/der.h"

namespace countersign::webauthn {

namespace {

using crypto::clear_openssl_errors;
using crypto::FreeWith;
using NativeX509 = std::unique_ptr<X509, FreeWith<X509_free>>;
using NativeNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using NativeUsage = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
using NativeConstraints = std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>>;

constexpr int kExtensionsMax = 64;

struct FreeOpenSslText {
  void operator()(unsigned char* text) const { OPENSSL_free(text); }
};

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string dotted(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  // An identifier that is longer is none that anybody looks for.
  if (length <= 0 || static_cast<std::size_t>(length) >= text.size()) return {};
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::string> utf8_of(const ASN1_STRING* text) {
  unsigned char* bytes = nullptr;
  const int length = ASN1_STRING_to_UTF8(&bytes, text);
  const std::unique_ptr<unsigned char, FreeOpenSslText> owned(bytes);
  if (length < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

std::optional<std::vector<NameAttribute>> attributes_of(const X509_NAME* name) {
  std::vector<NameAttribute> attributes;
  for (int at = 0; at < X509_NAME_entry_count(name); ++at) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, at);
    auto value = utf8_of(X509_NAME_ENTRY_get_data(entry));
    if (!value) return std::nullopt;
    attributes.push_back({dotted(X509_NAME_ENTRY_get_object(entry)), std::move(*value)});
  }
  return attributes;
}

bool has_two_of_a_kind(const X509* x509) {
  std::set<std::string> seen;
  for (int at = 0; at < X509_get_ext_count(x509); ++at) {
    if (!seen.insert(dotted(X509_EXTENSION_get_object(X509_get_ext(x509, at)))).second) return true;
  }
  return false;
}

/// A known extension in OpenSSL's form. False if it is there and cannot be read; null if it is not there.
template <class Native>
bool decode(const X509* x509, int nid, Native& native) {
  int critical = -1;
  native.reset(static_cast<typename Native::pointer>(X509_get_ext_d2i(x509, nid, &critical, nullptr)));
  return native != nullptr || critical == -1;
}

std::optional<AlternativeNames> names_of(const GENERAL_NAMES* native) {
  AlternativeNames names;
  for (int at = 0; at < sk_GENERAL_NAME_num(native); ++at) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(native, at);
    if (name->type == GEN_DNS) names.dns.emplace_back(view_of(name->d.dNSName));
    if (name->type != GEN_DIRNAME) continue;
    auto attributes = attributes_of(name->d.directoryName);
    if (!attributes) return std::nullopt;
    names.directory.insert(names.directory.end(), attributes->begin(), attributes->end());
  }
  return names;
}

std::string key_der(const X509* x509) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &bytes);
  const std::unique_ptr<unsigned char, FreeOpenSslText> owned(bytes);
  crypto::require(length > 0, "public key");
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
}

}  // namespace

struct Certificate::Parts {
  std::string der;
  NativeX509 x509;
  std::vector<NameAttribute> subject;
  std::optional<bool> ca;
  std::vector<std::string> usage;
  std::optional<AlternativeNames> names;
  std::string public_key;
};

std::shared_ptr<const Certificate::Parts> Certificate::read(std::string_view der) {
  if (der.size() > kCertificateMax || !der::is_strict(der)) return nullptr;
  auto parts = std::make_shared<Parts>();
  parts->der = der;
  const unsigned char* at = crypto::bytes_of(std::string_view(parts->der));
  const unsigned char* const end = at + parts->der.size();
  parts->x509.reset(d2i_X509(nullptr, &at, static_cast<long>(parts->der.size())));
  X509* const x509 = parts->x509.get();
  if (x509 == nullptr || at != end) return nullptr;
  const long version = X509_get_version(x509);
  if (version < X509_VERSION_1 || version > X509_VERSION_3) return nullptr;
  if (X509_get_ext_count(x509) > kExtensionsMax || has_two_of_a_kind(x509)) return nullptr;
  if (X509_get0_pubkey(x509) == nullptr) return nullptr;
  parts->public_key = key_der(x509);

  auto subject = attributes_of(X509_get_subject_name(x509));
  if (!subject) return nullptr;
  parts->subject = std::move(*subject);

  NativeConstraints constraints;
  NativeUsage usage;
  NativeNames names;
  if (!decode(x509, NID_basic_constraints, constraints) || !decode(x509, NID_ext_key_usage, usage) ||
      !decode(x509, NID_subject_alt_name, names)) {
    return nullptr;
  }
  if (constraints != nullptr) parts->ca = constraints->ca != 0;
  if (usage != nullptr) {
    for (int one = 0; one < sk_ASN1_OBJECT_num(usage.get()); ++one) {
      parts->usage.push_back(dotted(sk_ASN1_OBJECT_value(usage.get(), one)));
    }
  }
  if (names != nullptr) {
    parts->names = names_of(names.get());
    if (!parts->names) return nullptr;
    const int index = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1);
    parts->names->critical = X509_EXTENSION_get_critical(X509_get_ext(x509, index)) != 0;
  }
  return parts;
}

std::optional<Certificate> Certificate::parse(std::string_view der) {
  auto parts = read(der);
  clear_openssl_errors();
  if (parts == nullptr) return std::nullopt;
  return Certificate(std::move(parts));
}

const std::string& Certificate::der() const { return parts_->der; }

int Certificate::version() const { return static_cast<int>(X509_get_version(parts_->x509.get())) + 1; }

std::optional<bool> Certificate::ca() const { return parts_->ca; }

std::vector<std::string> Certificate::subject(std::string_view oid) const {
  std::vector<std::string> values;
  for (const NameAttribute& attribute : parts_->subject) {
    if (attribute.type == oid) values.push_back(attribute.value);
  }
  return values;
}

bool Certificate::has_empty_subject() const { return parts_->subject.empty(); }

std::optional<Certificate::Extension> Certificate::extension(std::string_view oid) const {
  for (int at = 0; at < X509_get_ext_count(parts_->x509.get()); ++at) {
    X509_EXTENSION* const extension = X509_get_ext(parts_->x509.get(), at);
    if (dotted(X509_EXTENSION_get_object(extension)) != oid) continue;
    return Extension{X509_EXTENSION_get_critical(extension) != 0,
                     std::string(view_of(X509_EXTENSION_get_data(extension)))};
  }
  return std::nullopt;
}

const std::vector<std::string>& Certificate::extended_key_usage() const { return parts_->usage; }

const std::optional<AlternativeNames>& Certificate::alternative_names() const { return parts_->names; }

std::optional<PublicKey> Certificate::key_for(Algorithm algorithm) const {
  return PublicKey::from_native(algorithm, X509_get0_pubkey(parts_->x509.get()));
}

const std::string& Certificate::public_key_der() const { return parts_->public_key; }

X509* Certificate::native() const { return parts_->x509.get(); }

}  // namespace countersign::webauthn
