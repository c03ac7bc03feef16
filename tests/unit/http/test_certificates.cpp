#include "unit/http/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace countersign::http::testing {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// Puts what `write` writes in the place of `path` in one step: a server that watches the file never reads half of it.
template <typename Write>
void replace_file(const std::filesystem::path& path, Write write) {
  const std::filesystem::path made = path.string() + ".new";
  {
    const File file(std::fopen(made.c_str(), "w"), std::fclose);
    if (!file || write(file.get()) != 1) throw std::runtime_error("cannot write " + made.string());
  }
  std::filesystem::rename(made, path);
}

}  // namespace

void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const std::string& common_name) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), pair.get());
  X509_NAME* const name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(made.get(), name);
  if (X509_sign(made.get(), pair.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign a certificate");
  replace_file(certificate, [&](std::FILE* to) { return PEM_write_X509(to, made.get()); });
  replace_file(
      key, [&](std::FILE* to) { return PEM_write_PrivateKey(to, pair.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

void write_encrypted_key(const std::filesystem::path& key) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  replace_file(key, [&](std::FILE* to) {
    return PEM_write_PrivateKey(to, pair.get(), EVP_aes_256_cbc(), reinterpret_cast<const unsigned char*>("passphrase"),
                                10, nullptr, nullptr);
  });
}

}  // namespace countersign::http::testing
