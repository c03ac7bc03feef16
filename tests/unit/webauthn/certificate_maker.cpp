#include "certificate_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace countersign::webauthn::testing {

namespace {

void must(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make what the test needs");
}

std::string number(EVP_PKEY* key, const char* name, int size) {
  BIGNUM* bignum = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &bignum) == 1);
  std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(bignum) : size), '\0');
  must(BN_bn2binpad(bignum, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) > 0);
  BN_free(bignum);
  return bytes;
}

std::shared_ptr<X509_NAME> make_name(const std::vector<std::pair<const char*, std::string>>& attributes) {
  std::shared_ptr<X509_NAME> name(X509_NAME_new(), X509_NAME_free);
  for (const auto& [type, value] : attributes) {
    const std::shared_ptr<ASN1_OBJECT> object(OBJ_txt2obj(type, 1), ASN1_OBJECT_free);
    must(X509_NAME_add_entry_by_OBJ(name.get(), object.get(), MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1);
  }
  return name;
}

std::string name_der(const X509_NAME* name) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_NAME(name, &bytes);
  must(size > 0);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

void add_extension(X509* x509, const MadeExtension& made) {
  const std::shared_ptr<ASN1_OBJECT> object(OBJ_txt2obj(made.oid.c_str(), 1), ASN1_OBJECT_free);
  const std::shared_ptr<ASN1_OCTET_STRING> value(ASN1_OCTET_STRING_new(), ASN1_OCTET_STRING_free);
  must(ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(made.value.data()),
                             static_cast<int>(made.value.size())) == 1);
  const std::shared_ptr<X509_EXTENSION> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), made.critical ? 1 : 0, value.get()), X509_EXTENSION_free);
  must(X509_add_ext(x509, extension.get(), -1) == 1);
}

}  // namespace

MadeKey::MadeKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { must(key != nullptr); }

MadeKey MadeKey::ec(const char* curve) { return MadeKey(EVP_EC_gen(curve)); }

MadeKey MadeKey::rsa() {
  static const MadeKey key(EVP_RSA_gen(2048));
  return key;
}

MadeKey MadeKey::weak_rsa() { return MadeKey(EVP_RSA_gen(1024)); }

std::string MadeKey::sign(std::string_view message, const char* digest) const {
  const std::shared_ptr<EVP_MD_CTX> ctx(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  must(EVP_DigestSignInit_ex(ctx.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1);
  std::string signature(1024, '\0');
  std::size_t size = signature.size();
  must(EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                      reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
  signature.resize(size);
  return signature;
}

std::pair<std::string, std::string> MadeKey::parts() const {
  if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA) {
    return {number(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0), number(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0)};
  }
  const int size = (EVP_PKEY_get_bits(key_.get()) + 7) / 8;
  return {number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size), number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size)};
}

std::string der_of(std::uint8_t tag, std::string_view content) {
  std::string der(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    der += static_cast<char>(content.size());
  } else if (content.size() < 0x100) {
    der += {static_cast<char>(0x81), static_cast<char>(content.size())};
  } else {
    der += {static_cast<char>(0x82), static_cast<char>(content.size() >> 8), static_cast<char>(content.size() & 0xFF)};
  }
  return der.append(content);
}

std::string der_sequence(std::string_view content) { return der_of(0x30, content); }

std::string der_octets(std::string_view content) { return der_of(0x04, content); }

std::string der_oid(const char* dotted) {
  const std::shared_ptr<ASN1_OBJECT> object(OBJ_txt2obj(dotted, 1), ASN1_OBJECT_free);
  must(object != nullptr);
  return der_of(0x06, {reinterpret_cast<const char*>(OBJ_get0_data(object.get())), OBJ_length(object.get())});
}

std::string der_explicit(std::uint32_t number, std::string_view content) {
  if (number < 31) return der_of(static_cast<std::uint8_t>(0xA0 | number), content);
  std::string der = der_of(0xBF, content);
  const std::string high{static_cast<char>(0x80 | number >> 7), static_cast<char>(number & 0x7F)};
  return der.insert(1, number < 128 ? high.substr(1) : high);
}

MadeExtension basic_constraints(bool ca, std::optional<int> path_length) {
  std::string content = ca ? der_of(0x01, "\xFF") : std::string();
  if (path_length) content += der_of(0x02, std::string(1, static_cast<char>(*path_length)));
  return {"2.5.29.19", true, der_sequence(content)};
}

MadeExtension extended_key_usage(std::vector<const char*> purposes) {
  std::string content;
  for (const char* purpose : purposes) content += der_oid(purpose);
  return {"2.5.29.37", false, der_sequence(content)};
}

MadeExtension dns_names(std::vector<std::string> names) {
  std::string content;
  for (const std::string& name : names) content += der_of(0x82, name);
  return {"2.5.29.17", false, der_sequence(content)};
}

MadeExtension directory_name(std::vector<std::pair<const char*, std::string>> attributes) {
  return {"2.5.29.17", true, der_sequence(der_explicit(4, name_der(make_name(attributes).get())))};
}

MadeExtension aaguid_extension(std::string_view aaguid, bool critical) {
  return {"1.3.6.1.4.1.45724.1.1.4", critical, der_octets(aaguid)};
}

Issuer make_certificate(const CertificateForm& form, const MadeKey& key, const Issuer* issuer) {
  const std::shared_ptr<X509> x509(X509_new(), X509_free);
  must(X509_set_version(x509.get(), form.version - 1) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 4711) == 1);
  must(ASN1_TIME_set(X509_getm_notBefore(x509.get()), to_unix_seconds(form.not_before)) != nullptr);
  must(ASN1_TIME_set(X509_getm_notAfter(x509.get()), to_unix_seconds(form.not_after)) != nullptr);
  must(X509_set_subject_name(x509.get(), make_name(form.subject).get()) == 1);
  must(X509_set_pubkey(x509.get(), key.native()) == 1);
  if (issuer != nullptr) {
    const auto* at = reinterpret_cast<const unsigned char*>(issuer->der.data());
    const std::shared_ptr<X509> parent(d2i_X509(nullptr, &at, static_cast<long>(issuer->der.size())), X509_free);
    must(X509_set_issuer_name(x509.get(), X509_get_subject_name(parent.get())) == 1);
  } else {
    must(X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get())) == 1);
  }
  for (const MadeExtension& extension : form.extensions) add_extension(x509.get(), extension);
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.native() : key.native();
  must(X509_sign(x509.get(), signer, EVP_get_digestbyname(form.digest)) > 0);
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(x509.get(), &bytes);
  must(size > 0);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return {std::move(der), key};
}

Issuer make_authority(const std::string& name, const Issuer* issuer) {
  return make_certificate({.subject = {{"2.5.4.3", name}}, .extensions = {basic_constraints(true)}}, MadeKey::p256(),
                          issuer);
}

}  // namespace countersign::webauthn::testing
