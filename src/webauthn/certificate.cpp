#include "webauthn/certificate.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.h"

namespace countersign::webauthn {

namespace {

using crypto::FreeWith;

using Object = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;
using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>>;

enum class Found { kAbsent, kUnreadable, kNotCa, kCa };

Found basic_constraints(const X509* x509) {
  int critical = 0;
  const Constraints constraints(
      static_cast<BASIC_CONSTRAINTS*>(X509_get_ext_d2i(x509, NID_basic_constraints, &critical, nullptr)));
  crypto::clear_openssl_errors();
  if (!constraints) return critical == -1 ? Found::kAbsent : Found::kUnreadable;
  return constraints->ca != 0 ? Found::kCa : Found::kNotCa;
}

Object object_of(const char* oid) { return Object(crypto::require_object(OBJ_txt2obj(oid, 1), "object identifier")); }

}  // namespace

std::optional<Certificate> Certificate::parse(std::string_view der) {
  const unsigned char* at = crypto::bytes_of(der);
  std::shared_ptr<X509> x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())), FreeWith<X509_free>());
  const bool whole = x509 && at == crypto::bytes_of(der) + der.size();
  const bool readable =
      whole && X509_get0_pubkey(x509.get()) != nullptr && basic_constraints(x509.get()) != Found::kUnreadable;
  crypto::clear_openssl_errors();
  if (!readable) return std::nullopt;
  return Certificate(std::move(x509), std::make_shared<const std::string>(der));
}

int Certificate::version() const { return static_cast<int>(X509_get_version(x509_.get())) + 1; }

std::optional<bool> Certificate::ca() const {
  const Found found = basic_constraints(x509_.get());
  return found == Found::kAbsent ? std::nullopt : std::optional(found == Found::kCa);
}

std::vector<std::string> Certificate::subject(const char* oid) const {
  const Object object = object_of(oid);
  X509_NAME* const name = X509_get_subject_name(x509_.get());
  std::vector<std::string> values;
  for (int at = X509_NAME_get_index_by_OBJ(name, object.get(), -1); at >= 0;
       at = X509_NAME_get_index_by_OBJ(name, object.get(), at)) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size >= 0) values.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  crypto::clear_openssl_errors();
  return values;
}

bool Certificate::has_empty_subject() const { return X509_NAME_entry_count(X509_get_subject_name(x509_.get())) == 0; }

std::optional<Certificate::Extension> Certificate::extension(const char* oid) const {
  const Object object = object_of(oid);
  const int at = X509_get_ext_by_OBJ(x509_.get(), object.get(), -1);
  if (at < 0) return std::nullopt;
  X509_EXTENSION* const found = X509_get_ext(x509_.get(), at);
  const ASN1_OCTET_STRING* const data = X509_EXTENSION_get_data(found);
  return Extension{.critical = X509_EXTENSION_get_critical(found) == 1,
                   .value = {reinterpret_cast<const char*>(ASN1_STRING_get0_data(data)),
                             static_cast<std::size_t>(ASN1_STRING_length(data))}};
}

std::optional<PublicKey> Certificate::key_for(Algorithm algorithm) const {
  return PublicKey::from_native(algorithm, X509_get0_pubkey(x509_.get()));
}

}  // namespace countersign::webauthn
