#include "support/doubles/tls_identity.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/check.h"

namespace countersign::testing {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate self_signed(EVP_PKEY* key, const std::string& names) {
  Certificate certificate(X509_new(), &X509_free);
  X509* const x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
  X509_set_pubkey(x, key);
  const auto* name = reinterpret_cast<const unsigned char*>("countersign test double");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, name, -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, x, x, nullptr, nullptr, 0);
  const auto add = [&](int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    CS_CHECK(extension != nullptr);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_subject_alt_name, names.c_str());
  add(NID_basic_constraints, "critical,CA:TRUE");
  CS_CHECK(X509_sign(x, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

TlsIdentity::TlsIdentity(const std::string& names) : context_(SSL_CTX_new(TLS_server_method())) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  CS_CHECK(key && context_ != nullptr);
  const Certificate certificate = self_signed(key.get(), names);
  CS_CHECK(SSL_CTX_use_certificate(context_, certificate.get()) == 1);
  CS_CHECK(SSL_CTX_use_PrivateKey(context_, key.get()) == 1);

  std::string name = (std::filesystem::temp_directory_path() / "countersign-double-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  CS_CHECK(descriptor >= 0);
  std::FILE* const out = fdopen(descriptor, "w");
  CS_CHECK(PEM_write_X509(out, certificate.get()) == 1);
  std::fclose(out);
  file_ = name;
}

TlsIdentity::~TlsIdentity() {
  SSL_CTX_free(context_);
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace countersign::testing
